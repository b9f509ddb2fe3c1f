/** A single file that a command writes: where it cannot be written, that is told, and the command fails. */
import { type Bytes, writeSet } from './file-set.js';
import { FAILED } from './report.js';
import type { Target } from './target.js';

export async function writeOne(target: Target, bytes: () => Bytes): Promise<void> {
  for (const { flag, name, reason, keptAs } of await writeSet([{ target, bytes }])) {
    const where = keptAs === undefined ? 'it is lost' : `it is in ${keptAs}`;
    console.error(`error: ${flag} ${name} cannot be written (${reason}); ${where}`);
    process.exitCode = FAILED;
  }
}
