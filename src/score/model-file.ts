/** A model's file, read once: the bytes that are hashed are the bytes that are loaded, whatever becomes of the file. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { type SdeError, type SdeErrorCode, sdeError } from '../errors.js';

export interface ModelFile {
  bytes: ArrayBuffer;
  /** The bytes' SHA-256, 64 hexadecimal digits: may be asked for once, while others read the bytes. */
  hash: () => Promise<string>;
}

/** Bytes read and hashed at a time: hashing stops the event loop for no more than a few milliseconds. */
const PIECE = 1 << 22;

/** Bytes that tell what a file is. */
const HEAD = 1 << 20;

/** How a zip archive begins, which TorchScript files are. */
const ZIP = Buffer.from('PK\x03\x04');

/**
 * The whole file, which has to have the SHA-256 `expected`, where given. Of a file that is no archive the first megabyte
 * comes alone: enough to say what it is.
 *
 * Rejects with ERR_SDE_MODEL_NOT_FOUND, ERR_SDE_MODEL_HASH, ERR_SDE_MODEL_INVALID, ERR_SDE_OUT_OF_MEMORY.
 */
export async function readModelFile(path: string, expected: string | undefined): Promise<ModelFile> {
  const file = await opened(path);
  try {
    const { size } = await file.stat();
    // One that is not known beforehand need not be waited for.
    const hash = expected === undefined ? undefined : createHash('sha256');
    const take = async (piece: Uint8Array, at: number) => {
      await fill(piece, file, at, path);
      hash?.update(piece);
    };

    const head = new Uint8Array(Math.min(size, HEAD));
    await take(head, 0);
    const isArchive = ZIP.equals(head.subarray(0, ZIP.length));
    const bytes = isArchive ? memory(size, path) : head.buffer;
    if (isArchive) new Uint8Array(bytes, 0, head.length).set(head);
    // What is no archive cannot be loaded: it is read on for its hash alone, and in one place.
    const end = isArchive || expected !== undefined ? size : head.length;
    const spare = isArchive ? undefined : new ArrayBuffer(PIECE);
    for (let at = head.length; at < end; at += PIECE) {
      await take(new Uint8Array(spare ?? bytes, spare ? 0 : at, Math.min(PIECE, end - at)), at);
    }

    const sha256 = hash?.digest('hex');
    if (sha256 !== expected?.toLowerCase()) throw otherHash(path, sha256!, expected!);
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

async function opened(path: string): Promise<FileHandle> {
  // O_NONBLOCK: otherwise opening a FIFO waits for somebody to write into it.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(cause => {
    const what = cause.code === 'ENOENT' ? 'does not exist' : `cannot be reached (${cause.code})`;
    throw failed('ERR_SDE_MODEL_NOT_FOUND', path, what, cause);
  });
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw failed('ERR_SDE_MODEL_NOT_FOUND', path, 'is not a file');
}

async function fill(piece: Uint8Array, file: FileHandle, at: number, path: string): Promise<void> {
  for (let filled = 0; filled < piece.length; ) {
    const { bytesRead } = await file.read(piece, filled, piece.length - filled, at + filled).catch(cause => {
      throw failed('ERR_SDE_MODEL_INVALID', path, `cannot be read: ${cause.message}`, cause);
    });
    if (bytesRead === 0) throw failed('ERR_SDE_MODEL_INVALID', path, 'became shorter while it was read');
    filled += bytesRead;
  }
}

function memory(size: number, path: string): ArrayBuffer {
  try {
    return new ArrayBuffer(size);
  } catch (cause) {
    throw failed('ERR_SDE_OUT_OF_MEMORY', path, `has ${size} bytes, for which there is no memory`, cause);
  }
}

function failed(code: SdeErrorCode, path: string, what: string, cause?: unknown): SdeError {
  const details = { option: 'torchScore.path', value: path, expected: 'a TorchScript file', cause };
  return sdeError(code, `torchScore: ${path} ${what}.`, details);
}

function otherHash(path: string, actual: string, expected: string): SdeError {
  const message = `torchScore: ${path} has the SHA-256 ${actual}, not ${expected}.`;
  return sdeError('ERR_SDE_MODEL_HASH', message, { option: 'torchScore.sha256', value: actual, expected });
}
