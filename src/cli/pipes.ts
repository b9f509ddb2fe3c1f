/** Pipes, standard streams and terminals, whose other end is somebody else's and may be missing, late or gone. */
import { constants, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty } from 'node:tty';

/** How long a named pipe without an other end is waited for. */
const PATIENCE_MS = 5000;
const ASK_AGAIN_MS = 50;

/**
 * A reader of progress or figures that goes away, or a terminal that is closed, costs nothing: without a listener the
 * first write after it would end the process. What must arrive is written by `writeToStdout`, which tells.
 */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** Standard streams that are terminals at the beginning. */
const terminals = [0, 1, 2].filter(fd => isatty(fd));

/**
 * To be called last. Node sets terminals back at its end and aborts where one has gone meanwhile: the signal that says so
 * ends the process first, as it does in other programs.
 */
export function leaveLostTerminal(): void {
  if (!terminals.every(fd => isatty(fd))) process.kill(process.pid, 'SIGHUP');
}

/** Rejects with EPIPE where the reader goes away, with ENXIO where none comes. */
export async function writeToPipe(path: string, bytes: Iterable<Uint8Array>): Promise<void> {
  const fd = await openForReader(path);
  // A socket waits for the reader without holding one of the threads that the end of a process waits for.
  const socket = new Socket({ fd, readable: false, writable: true });
  await pipeline(Readable.from(bytes), socket);
}

/** Rejects with EPIPE where the reader has gone away. */
export async function writeToStdout(bytes: Iterable<Uint8Array>): Promise<void> {
  for (const chunk of bytes) {
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(chunk, error => (error ? reject(error) : resolve()));
    });
  }
}

/** All of a named pipe, or of one that the shell made. Rejects with ENXIO where no writer comes. */
export async function readFromPipe(path: string): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const chunks: Buffer[] = [];
  try {
    for (let waited = 0; ; ) {
      const chunk = Buffer.alloc(2 ** 16);
      // Nothing to read: EAGAIN while a writer is there, the end where there is none.
      const length = await file.read(chunk).then(
        ({ bytesRead }) => bytesRead,
        error => {
          if (error.code !== 'EAGAIN') throw error;
          return undefined;
        },
      );
      if (length) {
        chunks.push(chunk.subarray(0, length));
        continue;
      }
      if (length === 0 && chunks.length > 0) return Buffer.concat(chunks);
      if (length === 0 && waited >= PATIENCE_MS) throw nobody('writes to');
      if (length === 0) waited += ASK_AGAIN_MS;
      await sleep(ASK_AGAIN_MS);
    }
  } finally {
    await file.close();
  }
}

async function openForReader(path: string): Promise<number> {
  for (let waited = 0; ; waited += ASK_AGAIN_MS) {
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
    }
    if (waited >= PATIENCE_MS) throw nobody('reads');
    await sleep(ASK_AGAIN_MS);
  }
}

function nobody(verb: 'reads' | 'writes to'): Error {
  const message = `ENXIO: nobody ${verb} this pipe (waited for ${PATIENCE_MS / 1000} s)`;
  return Object.assign(new Error(message), { code: 'ENXIO' });
}
