/** Answers of functions of the caller's, which fill an array or return another one, at once or by a promise. */
import { types } from 'node:util';
import { messageOf, SdeError, sdeError } from '../errors.js';
import { isThenable } from './job.js';

/** Who is asked: for errors. */
interface Asked {
  /** 'callbackScore' */
  name: string;
  /** 'score' */
  option: string;
}

/**
 * Calls the function and sees that its answer is in `out`. Throws ERR_SDE_CALLBACK_FAILED; a promise only where the
 * function gave one.
 */
export function answeredInto(
  { name, option }: Asked,
  out: Float32Array | Float64Array,
  call: () => unknown,
): void | Promise<void> {
  const failed = (cause: unknown): SdeError => {
    if (cause instanceof SdeError && cause.code === 'ERR_SDE_CALLBACK_FAILED') return cause;
    const message = `${name}: the function failed: ${messageOf(cause)}`;
    return sdeError('ERR_SDE_CALLBACK_FAILED', message, { option, cause });
  };
  const isFloat32 = types.isFloat32Array(out);
  const type = isFloat32 ? 'Float32Array' : 'Float64Array';
  const accept = (answer: unknown): void => {
    if (answer === undefined || answer === out) return;
    const fits = isFloat32 ? types.isFloat32Array(answer) : types.isFloat64Array(answer);
    if (!fits || (answer as Float64Array).length !== out.length) {
      const got = fits ? `a ${type} of ${(answer as Float64Array).length}` : typeof answer;
      throw failed(new TypeError(`expected nothing or a ${type} of ${out.length} numbers, got ${got}`));
    }
    out.set(answer as Float64Array);
  };
  try {
    const answer = call();
    if (!isThenable(answer)) {
      accept(answer);
      return;
    }
    return Promise.resolve(answer).then(accept, error => {
      throw failed(error);
    });
  } catch (error) {
    throw failed(error);
  }
}
