/** The event loop's turn. */
import { setImmediate } from 'node:timers/promises';

/** Milliseconds of work without one. */
const LONGEST = 10;

let last = 0;

/**
 * Resolves at once, or after a turn of the event loop where the last one is long past. Wakes from other threads come up to
 * a thousand in a row, and what they start keeps timers and input waiting as long.
 */
export async function turn(): Promise<void> {
  if (performance.now() - last < LONGEST) return;
  await setImmediate();
  last = performance.now();
}
