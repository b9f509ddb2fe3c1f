/** The files that a run reads, each with its SHA-256, so that the samples can say what they were made of. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { readFromPipe } from './pipes.js';
import { reasonOf } from './target.js';
import { UsageError } from './usage-error.js';

export interface Input {
  readonly file: string;
  readonly sha256: string;
}

export class Inputs {
  /** By option, without its dashes. */
  readonly read: Record<string, Input> = {};

  /** Throws a UsageError where `file` cannot be read. Takes pipes as well, but none that nobody writes to. */
  async bytes(flag: string, file: string): Promise<Buffer> {
    try {
      const kind = await stat(file);
      // Some never end.
      if (kind.isCharacterDevice()) throw new Error('is a device');
      const bytes = kind.isFIFO() ? await readFromPipe(file) : await readFile(file);
      this.note(flag, file, createHash('sha256').update(bytes).digest('hex'));
      return bytes;
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      throw new UsageError(`${flag} ${file}: ${missing ? 'no such file' : reasonOf(error)}`);
    }
  }

  /** Throws a UsageError where there is no JSON in `file`. */
  async json(flag: string, file: string): Promise<unknown> {
    const bytes = await this.bytes(flag, file);
    try {
      return JSON.parse(bytes.toString('utf8'));
    } catch (error) {
      throw new UsageError(`${flag} ${file} is no JSON: ${(error as Error).message}`);
    }
  }

  /** What others have read. */
  note(flag: string, file: string, sha256: string): void {
    this.read[flag.replace(/^--/, '')] = { file, sha256 };
  }
}
