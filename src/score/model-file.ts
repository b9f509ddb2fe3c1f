/** A model's file, read once: the bytes that are hashed are the bytes that are loaded, whatever becomes of the file. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { invalidOption, type SdeError, type SdeErrorCode, sdeError } from '../errors.js';

export interface ModelFile {
  bytes: ArrayBuffer;
  /** The bytes' SHA-256, 64 hexadecimal digits: may be asked for once, while others read the bytes. */
  hash: () => Promise<string>;
}

/** Bytes read and hashed at a time: hashing stops the event loop for no more than a few milliseconds. */
const PIECE = 1 << 22;

/** Bytes that tell what a file is. */
const HEAD = 1 << 20;

/** What a file is read as. */
export interface Format {
  /** 'torchScore', the function that reads it, for messages. */
  maker: string;
  /** 'a TorchScript file' */
  is: string;
  /** Whether a file that begins so may be one. */
  begins: (head: Uint8Array) => boolean;
}

/**
 * The whole file, which has to have the SHA-256 `expected`, where given. Of a file that cannot be of the format the first
 * megabyte comes alone: enough to say what it is.
 *
 * Rejects with ERR_SDE_MODEL_NOT_FOUND, ERR_SDE_MODEL_HASH, ERR_SDE_MODEL_INVALID, ERR_SDE_OUT_OF_MEMORY.
 */
export async function readModelFile(path: string, expected: string | undefined, format: Format): Promise<ModelFile> {
  const failed: Failed = (code, what, cause) => {
    const details = { option: `${format.maker}.path`, value: path, expected: format.is, cause };
    return sdeError(code, `${format.maker}: ${path} ${what}.`, details);
  };
  const file = await opened(path, failed);
  try {
    const { size } = await file.stat();
    // One that is not known beforehand need not be waited for.
    const hash = expected === undefined ? undefined : createHash('sha256');
    const take = async (piece: Uint8Array, at: number) => {
      await fill(piece, file, at, failed);
      hash?.update(piece);
    };

    const head = new Uint8Array(Math.min(size, HEAD));
    await take(head, 0);
    const isWanted = format.begins(head);
    const bytes = isWanted ? memory(size, failed) : head.buffer;
    if (isWanted) new Uint8Array(bytes, 0, head.length).set(head);
    // What is of no use cannot be loaded: it is read on for its hash alone, and in one place.
    const end = isWanted || expected !== undefined ? size : head.length;
    const spare = isWanted ? undefined : new ArrayBuffer(PIECE);
    for (let at = head.length; at < end; at += PIECE) {
      await take(new Uint8Array(spare ?? bytes, spare ? 0 : at, Math.min(PIECE, end - at)), at);
    }

    const sha256 = hash?.digest('hex');
    if (sha256 !== expected?.toLowerCase()) throw otherHash(format, path, sha256!, expected!);
    return { bytes, hash: async () => sha256 ?? hashOf(bytes) };
  } finally {
    await file.close();
  }
}

async function hashOf(bytes: ArrayBuffer): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.byteLength; at += PIECE) {
    hash.update(new Uint8Array(bytes, at, Math.min(PIECE, bytes.byteLength - at)));
    await setImmediate();
  }
  return hash.digest('hex');
}

type Failed = (code: SdeErrorCode, what: string, cause?: unknown) => SdeError;

async function opened(path: string, failed: Failed): Promise<FileHandle> {
  // O_NONBLOCK: otherwise opening a FIFO waits for somebody to write into it.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(cause => {
    const what = cause.code === 'ENOENT' ? 'does not exist' : `cannot be reached (${cause.code})`;
    throw failed('ERR_SDE_MODEL_NOT_FOUND', what, cause);
  });
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw failed('ERR_SDE_MODEL_NOT_FOUND', 'is not a file');
}

async function fill(piece: Uint8Array, file: FileHandle, at: number, failed: Failed): Promise<void> {
  for (let filled = 0; filled < piece.length; ) {
    const { bytesRead } = await file.read(piece, filled, piece.length - filled, at + filled).catch(cause => {
      throw failed('ERR_SDE_MODEL_INVALID', `cannot be read: ${cause.message}`, cause);
    });
    if (bytesRead === 0) throw failed('ERR_SDE_MODEL_INVALID', 'became shorter while it was read');
    filled += bytesRead;
  }
}

function memory(size: number, failed: Failed): ArrayBuffer {
  try {
    return new ArrayBuffer(size);
  } catch (cause) {
    throw failed('ERR_SDE_OUT_OF_MEMORY', `has ${size} bytes, for which there is no memory`, cause);
  }
}

function otherHash({ maker }: Format, path: string, actual: string, expected: string): SdeError {
  const message = `${maker}: ${path} has the SHA-256 ${actual}, not ${expected}.`;
  return sdeError('ERR_SDE_MODEL_HASH', message, { option: `${maker}.sha256`, value: actual, expected });
}

/** The path of a model's file, given by its path or as a `file:` URL. Throws ERR_SDE_INVALID_OPTION. */
export function absolutePath(option: string, path: unknown): string {
  if (typeof path === 'string' && path !== '') return resolve(path);
  // By what it is, so that URLs of other realms serve as well.
  const url = Object.prototype.toString.call(path) === '[object URL]' ? (path as URL) : undefined;
  try {
    if (url?.protocol === 'file:' && url.host === '') return fileURLToPath(url.href);
  } catch (cause) {
    throw invalidOption(option, path, 'a URL that names a file', { cause });
  }
  throw invalidOption(option, path, 'the path of a file, or its URL with file:');
}
