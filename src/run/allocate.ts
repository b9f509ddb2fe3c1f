/** Memory for arrays, or an error that says what to do. */
import { type SdeErrorDetails, sdeError } from '../errors.js';

/** What `make` makes: arrays of `what`. Throws ERR_SDE_OUT_OF_MEMORY where there is no room for them. */
export function allocated<T>(what: string, make: () => T, details: SdeErrorDetails = {}): T {
  try {
    return make();
  } catch (cause) {
    throw sdeError('ERR_SDE_OUT_OF_MEMORY', `There is no memory for ${what}.`, { ...details, cause });
  }
}

/** Room for [count, elements]. Throws ERR_SDE_OUT_OF_MEMORY. */
export function allocateSamples(count: number, elements: number): Float32Array {
  const what = `${count} samples of ${elements} numbers in one array`;
  return allocated(what, () => new Float32Array(count * elements), { option: 'count', value: count });
}
