/** Paths one by one, however many: a few blocks of them are held at a time. */
import type { Equations } from './equations/sde.js';
import { invalidOption } from './errors.js';
import type { NativePathsJob } from './native-paths.js';
import { optionsObject } from './options/checks.js';
import { checkedSolve, SOLVE_OPTIONS, type SolveOptions, type SolveProgress } from './options/solve.js';
import type { SolveResult } from './result.js';
import { holdModules } from './run/coefficients.js';
import { keptPaths } from './run/kept-paths.js';
import { ownNumbers } from './run/path-inputs.js';
import { pathsDevice } from './run/paths-device.js';
import { listen, reasonOf } from './run/signal.js';
import { refuseUnfit } from './solve.js';
import { fittingSolver } from './solver/paths/solver.js';
import type { PathStatus } from './words.js';

export interface StreamedPath {
  /** firstIndex … firstIndex + paths − 1. */
  index: number;
  /** [times, states]; the reader's to keep. */
  states: Float64Array | Float32Array;
  status: PathStatus;
  accepted: number;
  rejected: number;
  /** The time it came to. */
  endTime: number;
}

/** Numbers of a block: some megabytes. */
const NUMBERS_AT_ONCE = 2 ** 19;
const PATHS_AT_ONCE = 2 ** 14;

/** What there is to let go of where the reader leaves. */
interface Reading {
  readonly leave: AbortController;
  /** Of the caller's signal, and of modules. */
  letGo: () => void;
}

/** Of iterators that were collected. */
const dropped = new FinalizationRegistry<Reading>(({ leave, letGo }) => {
  letGo();
  leave.abort();
});

/**
 * The paths that `solve` gives, in index order. Those that fail are yielded with their status. A block is solved while the
 * reader looks at the one before. Leaving the loop stops the job, and so does the collector where the iterator is dropped;
 * between two steps of the reader the job does not keep the process alive.
 *
 * Throws as `solve` rejects, save for paths that fail; saveAt 'steps' is refused.
 */
export function streamPaths(problem: Equations, options: SolveOptions): AsyncGenerator<StreamedPath, void, undefined> {
  const reading: Reading = { leave: new AbortController(), letGo: () => {} };
  const paths = streamed(problem, options, reading);
  dropped.register(paths, reading);
  return paths;
}

async function* streamed(
  problem: Equations,
  options: SolveOptions,
  reading: Reading,
): AsyncGenerator<StreamedPath, void, undefined> {
  const where = 'streamPaths';
  const asked = checkedSolve(where, problem, optionsObject(where, options, SOLVE_OPTIONS));
  const checked = { ...asked, device: pathsDevice(where, asked) };
  const { paths, times, sde, firstIndex, steps, signal, onProgress } = checked;
  if (steps) throw invalidOption('streamPaths.saveAt', 'steps', "'end', { every: interval } or a list of times");
  const chosen = fittingSolver('streamPaths.solver', checked.solver, sde);
  refuseUnfit(where, checked, chosen);
  const release = holdModules(sde);
  reading.letGo = release;
  const { x0, params } = await ownNumbers(where, checked).catch(error => {
    release();
    throw error;
  });
  const width = sde.states.length;
  const block = Math.max(1, Math.min(PATHS_AT_ONCE, Math.floor(NUMBERS_AT_ONCE / (times.length * width))));
  const { leave } = reading;
  if (signal) {
    const stopListening = listen(signal, () => leave.abort(reasonOf(signal)));
    reading.letGo = () => {
      stopListening();
      release();
    };
  }
  let running: NativePathsJob | undefined;
  const start = (from: number): Promise<SolveResult> => {
    const count = Math.min(block, paths - from);
    const own = {
      x0: x0.length === width ? x0 : x0.slice(from * width, (from + count) * width),
      params: params.map(values => values.slice(from, from + count)),
    };
    const job = {
      ...checked,
      paths: count,
      firstIndex: firstIndex + from,
      signal: leave.signal,
      onProgress: onProgress && (({ finished }: SolveProgress) => onProgress({ finished: from + finished, paths })),
      onFailure: 'keep' as const,
      onStart: (started: NativePathsJob) => {
        running = started;
      },
    };
    return keptPaths(job, chosen, own) as Promise<SolveResult>;
  };
  let coming: Promise<SolveResult> | undefined;
  try {
    coming = start(0);
    for (let from = 0; coming !== undefined; from += block) {
      running?.ref();
      const { states, stats }: SolveResult = await coming;
      coming = from + block < paths ? start(from + block) : undefined;
      coming?.catch(() => {}); // told when it is waited for
      running?.unref();
      const size = times.length * width;
      for (const [i, status] of stats.status.entries()) {
        yield {
          index: firstIndex + from + i,
          states: states.slice(i * size, (i + 1) * size),
          status,
          accepted: stats.accepted[i],
          rejected: stats.rejected[i],
          endTime: stats.endTimes[i],
        };
      }
    }
  } finally {
    reading.letGo();
    leave.abort();
    running?.ref();
    await coming?.catch(() => {});
  }
}
