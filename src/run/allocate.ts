/** Memory for samples, or an error that says what to do. */
import { sdeError } from '../errors.js';

/** Room for [count, elements]. Throws ERR_SDE_OUT_OF_MEMORY. */
export function allocateSamples(count: number, elements: number): Float32Array {
  try {
    return new Float32Array(count * elements);
  } catch (cause) {
    const message = `${count} samples of ${elements} numbers do not fit in one array.`;
    throw sdeError('ERR_SDE_OUT_OF_MEMORY', message, { option: 'count', value: count, cause });
  }
}
