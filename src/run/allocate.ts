/** Memory for arrays, or an error that says what to do. */
import { addon } from '../addon.js';
import { type SdeErrorDetails, sdeError } from '../errors.js';

/**
 * What `make` makes: arrays of `bytes` in all. Throws ERR_SDE_OUT_OF_MEMORY where there is no room for them, which is
 * asked before: an array that V8 cannot have may end the process.
 */
export function allocated<T>(what: string, bytes: number, make: () => T, details: SdeErrorDetails = {}): T {
  const missing = (cause?: unknown) =>
    sdeError('ERR_SDE_OUT_OF_MEMORY', `There is no memory for ${what}.`, { ...details, cause });
  if (!addon().hasRoom(bytes)) throw missing();
  try {
    return make();
  } catch (cause) {
    throw missing(cause);
  }
}

/** Room for [count, elements]. Throws ERR_SDE_OUT_OF_MEMORY. */
export function allocateSamples(count: number, elements: number): Float32Array {
  const what = `${count} samples of ${elements} numbers in one array`;
  const numbers = count * elements;
  return allocated(what, 4 * numbers, () => new Float32Array(numbers), { option: 'count', value: count });
}
