/** Work on long arrays that leaves the event loop its turns. */
import { setImmediate } from 'node:timers/promises';

/** Numbers looked at before the event loop gets its turn: a millisecond or two. */
const AT_ONCE = 2 ** 20;

/** `work` on all of 0 … length − 1, from … to − 1 at a time. The first piece is done before this returns. */
export async function inPieces(
  length: number,
  work: (from: number, to: number) => void,
  atOnce = AT_ONCE,
): Promise<void> {
  for (let from = 0; from < length; from += atOnce) {
    if (from > 0) await setImmediate();
    work(from, Math.min(from + atOnce, length));
  }
}
