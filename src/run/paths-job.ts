/** One native job over paths, from its start to its outcome. */
import { addon } from '../addon.js';
import { fromNative, thrownBy } from '../errors.js';
import type { NativePathOptions, NativePathsJob } from '../native.js';
import { isThenable } from './job.js';

export interface PathsHooks {
  signal: AbortSignal | undefined;
  onProgress: ((progress: { finished: number; paths: number }) => unknown) | undefined;
}

export interface PathsEnd {
  job: NativePathsJob;
  totalMs: number;
  aborted: boolean;
  /** What to reject with: an `SdeError`, or what onProgress threw. */
  failure?: unknown;
}

/** Resolves when the native thread is done, whatever became of the job. Rejects with what the addon refuses. */
export async function runPaths(options: NativePathOptions, { signal, onProgress }: PathsHooks): Promise<PathsEnd> {
  let job: NativePathsJob | undefined;
  let thrown: { cause: unknown } | undefined;
  const stop = (cause: unknown) => {
    thrown ??= { cause: thrownBy('onProgress', cause) };
    job?.abort();
  };
  const report = () => {
    if (!onProgress || thrown || !job) return;
    const { finished, count } = job.progress();
    try {
      const pending = onProgress({ finished, paths: count });
      if (isThenable(pending)) Promise.resolve(pending).catch(stop);
    } catch (cause) {
      stop(cause);
    }
  };
  const abort = () => job?.abort();
  try {
    const outcome = await new Promise<ReturnType<NativePathsJob['outcome']> & object>((resolve, reject) => {
      const wake = () => {
        const found = job?.outcome();
        report();
        if (found) resolve(found);
      };
      try {
        job = addon().startPaths(options, wake);
        signal?.addEventListener('abort', abort, { once: true });
        if (signal?.aborted) abort();
      } catch (error) {
        reject(fromNative(error));
      }
    });
    const { totalMs, aborted, error } = outcome;
    const failure = thrown ? thrown.cause : error && fromNative(Object.assign(new Error(error.message), error));
    return { job: job!, totalMs, aborted, failure };
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
