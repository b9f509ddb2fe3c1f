/** Paths one by one, however many: a few blocks of them are held at a time. */
import type { Equations } from './equations/sde.js';
import { invalidOption } from './errors.js';
import { optionsObject } from './options/checks.js';
import { type CheckedSolve, checkedSolve, SOLVE_OPTIONS, type SolveOptions } from './options/solve.js';
import type { SolveResult } from './result.js';
import { listen, reasonOf } from './run/signal.js';
import { keptPaths, ownNumbers, refuseUnfit } from './solve.js';
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

/**
 * The paths that `solve` gives, in index order. Those that fail are yielded with their status. A block is solved while the
 * reader looks at the one before; leaving the loop stops the job.
 *
 * Throws as `solve` rejects, save for paths that fail; saveAt 'steps' is refused.
 */
export async function* streamPaths(
  problem: Equations,
  options: SolveOptions,
): AsyncGenerator<StreamedPath, void, undefined> {
  const where = 'streamPaths';
  const checked = checkedSolve(where, problem, optionsObject(where, options, SOLVE_OPTIONS));
  const { paths, times, sde, firstIndex, steps, signal, onProgress } = checked;
  if (steps) throw invalidOption('streamPaths.saveAt', 'steps', "'end', { every: interval } or a list of times");
  const chosen = fittingSolver('streamPaths.solver', checked.solver, sde);
  refuseUnfit(where, checked, chosen);
  const { x0, params } = await ownNumbers(where, checked);
  const width = sde.states.length;
  const block = Math.max(1, Math.min(PATHS_AT_ONCE, Math.floor(NUMBERS_AT_ONCE / (times.length * width))));
  const leave = new AbortController();
  const letGo = signal && listen(signal, () => leave.abort(reasonOf(signal)));
  const start = (from: number): Promise<SolveResult> => {
    const count = Math.min(block, paths - from);
    const own = {
      x0: x0.length === width ? x0 : x0.slice(from * width, (from + count) * width),
      params: params.map(values => values.slice(from, from + count)),
    };
    const job: CheckedSolve = {
      ...checked,
      paths: count,
      firstIndex: firstIndex + from,
      signal: leave.signal,
      onProgress: onProgress && (({ finished }) => onProgress({ finished: from + finished, paths })),
      onFailure: 'keep',
    };
    return keptPaths(job, chosen, own) as Promise<SolveResult>;
  };
  let coming: Promise<SolveResult> | undefined;
  try {
    coming = start(0);
    for (let from = 0; coming !== undefined; from += block) {
      const { states, stats }: SolveResult = await coming;
      coming = from + block < paths ? start(from + block) : undefined;
      coming?.catch(() => {}); // told when it is waited for
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
    letGo?.();
    leave.abort();
    await coming?.catch(() => {});
  }
}
