/** Paths of any SDE: `solve` gives all of them at once, `step` takes one step with noise given. */
import { addon } from './addon.js';
import type { Equations } from './equations/sde.js';
import { lower, lowerEvent, paramsByPath, probeAt } from './equations/sde.js';
import { fromNative, invalidOption, sdeError } from './errors.js';
import type { NativePathFigures } from './native-paths.js';
import { numberOption, optionsObject } from './options/checks.js';
import { type CheckedReductions, checkedReductions, type Reductions } from './options/reductions.js';
import { type CheckedSolve, checkedSolve, checkedStart, type SolveOptions } from './options/solve.js';
import type { PathStats, Reduced, SolvedSteps, SolveResult } from './result.js';
import { allocated } from './run/allocate.js';
import { endedBy, solverTotals } from './run/path-stats.js';
import { keptSteps } from './run/path-steps.js';
import { type PathsEnd, runPaths } from './run/paths-job.js';
import { reducedPaths } from './run/reduced.js';
import { aborted } from './run/signal.js';
import { checkpoint, earlierRun, type StepsPlan, stepsPlan } from './run/steps-plan.js';
import { type ChosenSolver, fittingSolver } from './solver/paths/solver.js';
import { PATH_STATUSES, type PathStatus } from './words.js';

/**
 * Solves dX = f dt + G dW for `paths` paths, on a thread of its own and the solver's threads; the event loop stays free.
 *
 * With `reductions` paths are not kept: the result has statistics of them. With saveAt 'steps' each path has times and
 * states of its own.
 *
 * Rejects with ERR_SDE_UNKNOWN_OPTION, ERR_SDE_INVALID_OPTION, ERR_SDE_INVALID_SHAPE or ERR_SDE_INVALID_EQUATION before
 * any work starts; with ERR_SDE_PATH_FAILED (see `onFailure`) or ERR_SDE_ABORTED with what was finished in the error's
 * `result`; with ERR_SDE_OUT_OF_MEMORY, ERR_SDE_ADDON_MISSING, or what `onProgress` threw.
 */
export async function solve(problem: Equations, options: SolveOptions & { saveAt: 'steps' }): Promise<SolvedSteps>;
export async function solve(problem: Equations, options: SolveOptions & { reductions: Reductions }): Promise<Reduced>;
export async function solve(
  problem: Equations,
  options: SolveOptions & { reductions?: undefined },
): Promise<SolveResult>;
export async function solve(
  problem: Equations,
  options: SolveOptions & { reductions?: Reductions },
): Promise<SolveResult | SolvedSteps | Reduced> {
  const checked = checkedSolve('solve', problem, options, ['reductions', 'resume']);
  const chosen = fittingSolver('solve.solver', checked.solver, checked.sde);
  const reductions = checkedReductions('solve.reductions', options.reductions, checked);
  refuseUnfit(checked, chosen, reductions);
  probe(checked);
  if (checked.signal?.aborted) throw aborted(checked.signal);
  const plan = stepsPlan(checked, chosen);
  const shared = nativeOptions(checked, chosen, plan);
  if (reductions)
    return reducedPaths(
      await runPaths({ ...shared, reductions: reductions.native }, checked),
      checked,
      chosen,
      reductions,
    );
  const { figures, output, W } = arrays(checked, plan);
  const end = await runPaths({ ...shared, output, W, figures, trace: checked.steps }, checked);
  const stats = pathStats(checked, chosen, figures, end);
  const kept = checked.steps
    ? await keptSteps(end.job, checked, stats)
    : { times: checked.times, states: output, shape: shapeOf(checked), ...(W && { W }), stats };
  const result = Object.defineProperty(kept, 'checkpoint', {
    get: () => checkpoint(checked, plan, figures, stats.endTimes, output, W),
    enumerable: true,
  });
  const failure = failureOf(end, checked, stats, result);
  if (failure !== undefined) throw failure;
  return result;
}

/** One step of one path, at once, with its noise given. */
export interface StepInput {
  /** Default 0. */
  t?: number;
  /** Length of the step, > 0. */
  h: number;
  /** [states] */
  x: readonly number[] | Float64Array;
  /** [noises]: the increment of W. */
  dW: readonly number[] | Float64Array;
  /** [noises]: the space-time Lévy area, (1/h) ∫ (W_s − s/h W_h) ds. Default zeros. */
  H?: readonly number[] | Float64Array;
}

/**
 * { x, error }: the state after one step in float64, and what the solver's estimate says of its error (zeros where it has
 * none). Throws as `solve` rejects.
 */
export function step(
  problem: Equations,
  solver: SolveOptions['solver'],
  input: StepInput,
): { x: Float64Array; error: Float64Array } {
  const given = optionsObject<StepInput>('step', input, ['t', 'h', 'x', 'dW', 'H']);
  const h = numberOption('step.h', given.h, Number.NaN, { above: 0 });
  const checked = checkedSolve('step', problem, { t0: given.t ?? 0, t1: (given.t ?? 0) + h, x0: given.x });
  const chosen = fittingSolver('step.solver', solver ?? undefined, checked.sde);
  const { sde } = chosen;
  const vector = (name: string, values: unknown) => checkedStart(`step.${name}`, values, sde.noises.length, 1);
  const size = sde.states.length;
  const [x, error] = [new Float64Array(size), new Float64Array(size)];
  try {
    addon().stepPath({
      equations: lower(sde, { needs: chosen.facts.needs }),
      solver: chosen.facts.kind,
      numbers: chosen.solver.numbers,
      t: checked.t0,
      h,
      x: checked.x0,
      params: Float64Array.from(paramsByPath(sde), ({ values }) => values[0]),
      dW: vector('dW', given.dW),
      H: given.H === undefined ? new Float64Array(sde.noises.length) : vector('H', given.H),
      next: x,
      error,
    });
  } catch (cause) {
    throw fromNative(cause);
  }
  return { x, error };
}

/** What options and solver ask for together. */
function refuseUnfit(checked: CheckedSolve, { solver }: ChosenSolver, reductions: CheckedReductions | undefined): void {
  const { cells, steps, saveW, sde, paths } = checked;
  if (cells > 0 && solver.steps > 0 && cells % solver.steps !== 0) {
    throw invalidOption('solve.path.steps', cells, `a multiple of the solver's ${solver.steps} steps`);
  }
  if (reductions && (steps || saveW)) {
    throw invalidOption('solve.reductions', undefined, `no ${steps ? "saveAt 'steps'" : 'saveW'} beside it`);
  }
  for (const { name, values } of paramsByPath(sde)) {
    if (values.length === paths) continue;
    throw invalidOption(`params.${name}`, values, `${paths} numbers, one a path`, { code: 'ERR_SDE_INVALID_SHAPE' });
  }
}

/** The first path's start tells what is wrong with the equations there. */
function probe({ sde, t0, x0, resume }: CheckedSolve): void {
  const width = sde.states.length;
  const path = resume ? resume.status.indexOf(PATH_STATUSES.indexOf('success')) : 0;
  if (path >= 0) probeAt(sde, { t: t0, x: x0.subarray(path * width, (path + 1) * width) });
}

function nativeOptions(checked: CheckedSolve, chosen: ChosenSolver, { steps, cells, control }: StepsPlan) {
  const { t0, t1, times, x0, paths, seed, firstIndex, float64, threads, events, resume } = checked;
  const { facts, solver, sde } = chosen;
  const backwardsFrom = t1 > t0 ? undefined : (resume?.t0 ?? t0);
  const nativeTime = (time: number) => (backwardsFrom === undefined ? time : backwardsFrom - time);
  return {
    equations: lower(sde, { needs: facts.needs, backwardsFrom }),
    solver: facts.kind,
    numbers: solver.numbers,
    float64,
    t0: nativeTime(t0),
    t1: nativeTime(t1),
    steps,
    cells,
    ...(control && { control }),
    earlier: earlierRun(checked),
    maxSteps: solver.maxSteps,
    seed,
    firstIndex: BigInt(firstIndex),
    count: paths,
    threads,
    saves: times.map(nativeTime),
    x0,
    params: paramsByPath(sde).map(({ values }) => Float64Array.from(values)),
    events: events.map(({ when, direction, terminal }, i) => ({
      program: lowerEvent(sde, `solve.events[${i}].when`, when, backwardsFrom),
      direction: { up: 1, down: -1, both: 0 }[direction],
      terminal,
    })),
  };
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

function pathStats(checked: CheckedSolve, chosen: ChosenSolver, figures: NativePathFigures, end: PathsEnd): PathStats {
  const { accepted, rejected, status, ended, eventTimes, eventCounts } = figures;
  const begin = checked.resume?.t0 ?? checked.t0;
  const inTime = (times: Float64Array) => (checked.t1 > checked.t0 ? times : times.map(time => begin - time));
  const counts = PATH_STATUSES.map(() => 0);
  for (const code of status) counts[code]++;
  let words: PathStatus[] | undefined;
  return {
    ...solverTotals(chosen, sum(accepted), sum(rejected), end.totalMs),
    ended: endedBy(counts),
    accepted,
    rejected,
    endTimes: inTime(ended),
    ...(checked.events.length > 0 && { events: { times: inTime(eventTimes), counts: eventCounts } }),
    get status(): PathStatus[] {
      words ??= Array.from(status, code => PATH_STATUSES[code]);
      return words;
    },
  };
}

const sum = (numbers: Uint32Array) => numbers.reduce((total, one) => total + one, 0);

function failureOf(end: PathsEnd, checked: CheckedSolve, stats: PathStats, result: SolveResult | SolvedSteps): unknown {
  if (end.failure !== undefined) return end.failure;
  if (end.aborted) return aborted(checked.signal, result);
  const failed = checked.paths - stats.ended.success - stats.ended.event;
  if (failed === 0 || checked.onFailure === 'keep') return undefined;
  const first = stats.status.findIndex(word => word !== 'success' && word !== 'event');
  const message = `${failed} of ${checked.paths} paths failed, first path ${checked.firstIndex + first} (${stats.status[first]} at t = ${stats.endTimes[first]}).`;
  return sdeError('ERR_SDE_PATH_FAILED', message, { result });
}
