/** A single file that a command writes. */
import { type Bytes, writeSet } from './file-set.js';
import { FAILED } from './report.js';
import type { Target } from './target.js';

/** Whether it was written; where it cannot be, that is told, and the command fails. */
export async function writeOne(target: Target, bytes: () => Bytes): Promise<boolean> {
  const misplaced = await writeSet([{ target, bytes }]);
  for (const { flag, name, reason, keptAs } of misplaced) {
    const where = keptAs === undefined ? 'it is lost' : `it is in ${keptAs}`;
    console.error(`error: ${flag} ${name} cannot be written (${reason}); ${where}`);
    process.exitCode = FAILED;
  }
  return misplaced.length === 0;
}
