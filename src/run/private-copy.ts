/** Copies of the caller's arrays, which the caller can neither change nor transfer while a job reads them. */
import { setImmediate } from 'node:timers/promises';
import { types } from 'node:util';
import { invalidOption } from '../errors.js';
import { allocated } from './allocate.js';

/** Numbers copied before the event loop gets its turn: a millisecond or two. */
const AT_ONCE = 2 ** 20;

/**
 * Small arrays are copied before this returns, large ones in pieces. Throws ERR_SDE_OUT_OF_MEMORY, and
 * ERR_SDE_INVALID_OPTION where the array is transferred or resized meanwhile.
 */
export async function privateCopy<A extends Float32Array | Int32Array>(option: string, source: A): Promise<A> {
  const { length } = source;
  const copy = allocated(`a copy of ${option}`, 4 * length, () =>
    types.isFloat32Array(source) ? new Float32Array(length) : new Int32Array(length),
  );
  for (let from = 0; from < length; from += AT_ONCE) {
    if (from > 0) await setImmediate();
    if (source.length !== length) throw invalidOption(option, source, 'an array that stays as it is meanwhile');
    copy.set(source.subarray(from, from + AT_ONCE), from);
  }
  return copy as A;
}
