/** A job whose paths are kept: where they go, what is said of them, and how it fails. */
import { SdeError, sdeError, withResult } from '../errors.js';
import type { NativePathFigures } from '../native-paths.js';
import type { CheckedSolve } from '../options/solve.js';
import type { PathStats, SolvedSteps, SolveResult } from '../result.js';
import type { ChosenSolver } from '../solver/paths/solver.js';
import { PATH_STATUSES, type PathStatus } from '../words.js';
import { allocated } from './allocate.js';
import { nativeOptions, type OwnNumbers } from './path-inputs.js';
import { endedBy, solverTotals } from './path-stats.js';
import { keptSteps } from './path-steps.js';
import { type PathsEnd, type PathsHooks, runPaths } from './paths-job.js';
import { inPieces } from './pieces.js';
import { aborted } from './signal.js';
import { checkpoint, type StepsPlan, stepsPlan } from './steps-plan.js';

/** Paths without reductions, of options that were checked. The job runs when this returns. */
export async function keptPaths(
  checked: CheckedSolve & Pick<PathsHooks, 'onStart'>,
  chosen: ChosenSolver,
  numbers: OwnNumbers,
): Promise<SolveResult | SolvedSteps> {
  const plan = stepsPlan(checked, chosen);
  const shared = nativeOptions(checked, chosen, plan, numbers);
  const { figures, output, W } = arrays(checked, plan);
  const end = await runPaths({ ...shared, output, W, figures, trace: checked.steps }, checked);
  const sums = await sumsOf(figures);
  if (checked.t1 < checked.t0) await turnBack(figures, checked.resume?.t0 ?? checked.t0);
  const stats = pathStats(checked, chosen, figures, end, sums);
  const kept = checked.steps
    ? await keptSteps(end.job, checked, numbers.x0, stats)
    : { times: checked.times, states: output, shape: shapeOf(checked), ...(W && { W }), stats };
  const result = Object.defineProperty(kept, 'checkpoint', {
    get: () => checkpoint(checked, plan, figures, stats.endTimes, output, W),
    enumerable: true,
  });
  const failure = failureOf(end, checked, figures, sums.firstFailure, result);
  if (failure !== undefined) throw failure;
  return result;
}

/** Where paths go: [paths, times, states] and so on. */
function arrays({ paths, times, sde, float64, saveW, events }: CheckedSolve, { control }: StepsPlan) {
  const numbers = (width: number) => paths * times.length * width;
  const bytes =
    (float64 ? 8 : 4) * numbers(sde.states.length + (saveW ? sde.noises.length : 0)) +
    paths * (17 + 12 * events.length + (control ? 24 : 0));
  const made = (length: number) => (float64 ? new Float64Array(length) : new Float32Array(length));
  return allocated(
    `${paths} paths at ${times.length} times`,
    bytes,
    () => ({
      output: made(numbers(sde.states.length)),
      W: saveW ? made(numbers(sde.noises.length)) : undefined,
      figures: {
        accepted: new Uint32Array(paths),
        rejected: new Uint32Array(paths),
        status: new Uint8Array(paths),
        ended: new Float64Array(paths),
        eventTimes: new Float64Array(paths * events.length),
        eventCounts: new Uint32Array(paths * events.length),
        ...(control && { next: new Float64Array(3 * paths) }),
      },
    }),
    { option: 'paths', value: paths },
  );
}

function shapeOf({ paths, times, sde }: CheckedSolve): [number, number, number] {
  return [paths, times.length, sde.states.length];
}

/** Sums over all paths, which may be many millions. */
interface Sums {
  /** In the order of PATH_STATUSES. */
  ended: number[];
  accepted: number;
  rejected: number;
  /** Position of the first path that failed; -1: none did. */
  firstFailure: number;
}

async function sumsOf({ accepted, rejected, status }: NativePathFigures): Promise<Sums> {
  const sums: Sums = { ended: PATH_STATUSES.map(() => 0), accepted: 0, rejected: 0, firstFailure: -1 };
  const fine = PATH_STATUSES.map(word => word === 'success' || word === 'event');
  await inPieces(status.length, (from, to) => {
    for (let i = from; i < to; i++) {
      sums.ended[status[i]]++;
      sums.accepted += accepted[i];
      sums.rejected += rejected[i];
      if (sums.firstFailure < 0 && !fine[status[i]]) sums.firstFailure = i;
    }
  });
  return sums;
}

/** Times of a job backwards in time are those of s = t0 − t, with the t0 of its first run. */
async function turnBack({ ended, eventTimes }: NativePathFigures, t0: number): Promise<void> {
  for (const times of [ended, eventTimes]) {
    await inPieces(times.length, (from, to) => {
      for (let i = from; i < to; i++) times[i] = t0 - times[i];
    });
  }
}

function pathStats(
  { events }: CheckedSolve,
  chosen: ChosenSolver,
  { accepted, rejected, status, ended, eventTimes, eventCounts }: NativePathFigures,
  end: PathsEnd,
  sums: Sums,
): PathStats {
  let words: PathStatus[] | undefined;
  return {
    ...solverTotals(chosen, events.length, sums.accepted, sums.rejected, end),
    ended: endedBy(sums.ended),
    accepted,
    rejected,
    endTimes: ended,
    ...(events.length > 0 && { events: { times: eventTimes, counts: eventCounts } }),
    get status(): PathStatus[] {
      words ??= Array.from(status, code => PATH_STATUSES[code]);
      return words;
    },
  };
}

function failureOf(
  end: PathsEnd,
  checked: CheckedSolve,
  { ended, status }: NativePathFigures,
  first: number,
  result: SolveResult | SolvedSteps,
): unknown {
  if (end.failure instanceof SdeError) return withResult(end.failure, result);
  if (end.failure !== undefined) return end.failure;
  if (end.aborted) return aborted(checked.signal, result);
  if (first < 0 || checked.onFailure === 'keep') return undefined;
  const { success, event } = result.stats.ended;
  const how = `${PATH_STATUSES[status[first]]} at t = ${ended[first]}`;
  const message = `${checked.paths - success - event} of ${checked.paths} paths failed, first path ${checked.firstIndex + first} (${how}).`;
  return sdeError('ERR_SDE_PATH_FAILED', message, { result });
}
