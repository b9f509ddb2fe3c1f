/** One native job over paths, from its start to its outcome. */
import { setImmediate } from 'node:timers/promises';
import { addon } from '../addon.js';
import { type Equations, outsideOf } from '../equations/sde.js';
import { fromNative } from '../errors.js';
import type { NativePathOptions, NativePathsJob } from '../native-paths.js';
import type { SolveProgress } from '../options/solve.js';
import { CoefficientQuestions } from './coefficients.js';
import { asError, tell } from './job.js';
import { listen } from './signal.js';
import { turn } from './turn.js';

export interface PathsHooks {
  /** Whose functions are asked. */
  sde: Equations;
  signal: AbortSignal | undefined;
  onProgress: ((progress: SolveProgress) => unknown) | undefined;
  /** Sees the job as soon as it runs, before `runPaths` returns. */
  onStart?: (job: NativePathsJob) => void;
}

export interface PathsEnd {
  job: NativePathsJob;
  totalMs: number;
  /** 'cpu' or 'cuda:0'. */
  device: string;
  aborted: boolean;
  /** What to reject with: an `SdeError`, or what onProgress threw. */
  failure?: unknown;
}

/** Resolves when the native thread is done, whatever became of the job. Rejects with what the addon refuses. */
export async function runPaths(options: NativePathOptions, hooks: PathsHooks): Promise<PathsEnd> {
  const { sde, signal, onProgress, onStart } = hooks;
  let thrown: { cause: unknown } | undefined;
  let wake = () => {};
  const job = started(options, () => wake());
  onStart?.(job);
  const over = new Promise<NonNullable<ReturnType<NativePathsJob['outcome']>>>(resolve => {
    wake = () => {
      const outcome = job.outcome();
      report();
      if (outcome) resolve(outcome);
      isOver = outcome !== undefined;
      if (!isOver && questions) answer(questions);
    };
  });
  const questions = outsideOf(sde) && new CoefficientQuestions(sde, job);
  let [isAnswering, isOver] = [false, false];
  // Never rejects. What comes after the job's end (an abort) is nobody's any more.
  const answer = async (questions: CoefficientQuestions): Promise<void> => {
    if (isAnswering) return;
    isAnswering = true;
    try {
      await turn();
      const question = isOver ? undefined : questions.next();
      if (question?.given) await question.given;
      if (!isOver) question?.answer();
    } catch (cause) {
      if (!isOver) {
        thrown ??= { cause };
        job.fail();
      }
    } finally {
      isAnswering = false;
    }
  };
  let last = -1;
  const report = () => {
    if (!onProgress || thrown) return;
    const { finished, count } = job.progress();
    // Questions to functions wake us far more often than anything moves.
    if (questions && finished === last && finished < count) return;
    last = finished;
    tell(onProgress, { finished, paths: count }, cause => {
      thrown ??= { cause };
      job.abort();
    });
  };
  const letGo = signal && listenOrEnd(job, signal);
  const { totalMs, aborted, error } = await over;
  letGo?.();
  // A rejection of the last onProgress is still on its way, some microtasks long where another library made it.
  await setImmediate();
  const device = options.device === undefined ? 'cpu' : `cuda:${options.device}`;
  return { job, totalMs, device, aborted, failure: thrown ? thrown.cause : error && asError(error) };
}

function started(options: NativePathOptions, wake: () => void): NativePathsJob {
  try {
    return addon().startPaths(options, wake);
  } catch (error) {
    throw fromNative(error);
  }
}

function listenOrEnd(job: NativePathsJob, signal: AbortSignal): () => void {
  try {
    return listen(signal, () => job.abort());
  } catch (error) {
    job.abort();
    throw error;
  }
}
