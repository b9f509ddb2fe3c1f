/** What signals do to jobs: to be listened to, and to be named in an error. */
import { invalidOption, type SdeError, type SdeErrorDetails, sdeError } from '../errors.js';

/**
 * Calls `listener` when the signal is aborted, or at once where it is already. Returns what lets go of the signal. Throws
 * ERR_SDE_INVALID_OPTION for one that cannot be listened to.
 */
export function listen(signal: AbortSignal, listener: () => void): () => void {
  try {
    signal.addEventListener('abort', listener, { once: true });
    if (signal.aborted) listener();
  } catch (cause) {
    throw invalidOption('signal', signal, 'an AbortSignal that can be listened to', { cause });
  }
  return remover(signal, listener);
}

/** What holds no job. What a signal throws here is of no consequence any more. */
function remover(signal: AbortSignal, listener: () => void): () => void {
  return () => {
    try {
      signal.removeEventListener('abort', listener);
    } catch {}
  };
}

/** `result`: what was finished, if anything. */
export function aborted(signal: AbortSignal | undefined, result?: SdeErrorDetails['result']): SdeError {
  const cause = reasonOf(signal);
  return sdeError('ERR_SDE_ABORTED', 'The job was aborted by its signal.', {
    option: 'signal',
    ...(cause !== undefined && { cause }),
    ...(result && { result }),
  });
}

/** What it throws, where it has none that can be read. */
export function reasonOf(signal: AbortSignal | undefined): unknown {
  try {
    return signal?.reason;
  } catch (cause) {
    return cause;
  }
}
