/** Paths of any SDE: `solve` gives all of them at once, `step` takes one step with noise given. */
import { addon } from './addon.js';
import { probeModule } from './equations/probe-module.js';
import type { Equations } from './equations/sde.js';
import { lower, lowerEvent, outsideOf, paramsByPath, probeAt } from './equations/sde.js';
import { fromNative, invalidOption, SdeError, sdeError, withResult } from './errors.js';
import type { CoefficientName, NativePathFigures } from './native-paths.js';
import { numberOption, optionsObject, readable } from './options/checks.js';
import { cudaNumber } from './options/device.js';
import { MOST_SAMPLES } from './options/limits.js';
import { type CheckedReductions, checkedReductions, type Reductions } from './options/reductions.js';
import { type CheckedSolve, checkedSolve, checkedStart, SOLVE_OPTIONS, type SolveOptions } from './options/solve.js';
import type { PathStats, Reduced, SolvedSteps, SolveResult } from './result.js';
import { allocated } from './run/allocate.js';
import { answerOf, holdModules, modulesOf, nativeOutside } from './run/coefficients.js';
import { endedBy, solverTotals } from './run/path-stats.js';
import { keptSteps } from './run/path-steps.js';
import { pathsDevice } from './run/paths-device.js';
import { type PathsEnd, type PathsHooks, runPaths } from './run/paths-job.js';
import { inPieces } from './run/pieces.js';
import { finiteNumbers, privateNumbers } from './run/private-copy.js';
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
 * `result`; with ERR_SDE_CUDA_UNAVAILABLE, ERR_SDE_OUT_OF_MEMORY, ERR_SDE_ADDON_MISSING, or what `onProgress` threw.
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
  const given = optionsObject('solve', options, [...SOLVE_OPTIONS, 'reductions', 'resume']);
  const asked = checkedSolve('solve', problem, given);
  const checked = { ...asked, device: pathsDevice('solve', asked) };
  const chosen = fittingSolver('solve.solver', checked.solver, checked.sde);
  const reductions = checkedReductions('solve.reductions', given.reductions, checked);
  refuseUnfit('solve', checked, chosen, reductions);
  if (!reductions && checked.paths > MOST_SAMPLES) {
    throw invalidOption('solve.paths', checked.paths, 'at most 2^26', {
      hint: 'Use streamPaths() or reductions, which keep none, or solve more in pieces, by firstIndex.',
    });
  }
  const release = holdModules(checked.sde);
  try {
    const numbers = await ownNumbers('solve', checked);
    if (!reductions) return await keptPaths(checked, chosen, numbers);
    return await statisticsOfPaths(checked, chosen, numbers, reductions);
  } finally {
    release();
  }
}

async function statisticsOfPaths(
  checked: CheckedSolve,
  chosen: ChosenSolver,
  numbers: OwnNumbers,
  reductions: CheckedReductions,
): Promise<Reduced> {
  const shared = nativeOptions(checked, chosen, stepsPlan(checked, chosen), numbers);
  return reducedPaths(
    await runPaths({ ...shared, reductions: reductions.native }, checked),
    checked,
    chosen,
    reductions,
  );
}

/** Numbers of the caller's that the job reads while the caller goes on. */
export interface OwnNumbers {
  /** [states] or [paths, states] */
  x0: Float64Array;
  /** [paths] each */
  params: Float64Array[];
}

/** Looks at the numbers, and at the equations and modules where the first path starts. */
export async function ownNumbers(where: string, checked: CheckedSolve): Promise<OwnNumbers> {
  const { sde, t0, t1, x0: start, resume } = checked;
  const x0 = await privateNumbers(`${where}.x0`, start);
  const params: Float64Array[] = [];
  for (const { name, values } of paramsByPath(sde)) params.push(await privateNumbers(`params.${name}`, values));
  const width = sde.states.length;
  const path = resume ? resume.status.indexOf(PATH_STATUSES.indexOf('success')) : 0;
  if (path < 0) return { x0, params };
  const x = x0.subarray(path * width, (path + 1) * width);
  probeAt(sde, { t: t0, x, path });
  const columns = { drift: 0, diffusion: outsideOf(sde)?.columns ?? 0 };
  for (const { name, module, option } of modulesOf(sde)) {
    await probeModule(module, { option, x, t0, t1, columns: columns[name] });
  }
  return { x0, params };
}

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
  const t = numberOption('step.t', given.t, 0);
  if (t + h === t || !Number.isFinite(t + h)) throw invalidOption('step.h', h, `a step that a time near ${t} can tell`);
  const checked = checkedSolve('step', problem, { t0: t, t1: t + h, x0: given.x });
  const chosen = fittingSolver('step.solver', solver ?? undefined, checked.sde);
  const { sde } = chosen;
  const vector = (name: string, values: unknown) =>
    readable(`step.${name}`, () =>
      finiteNumbers(`step.${name}`, checkedStart(`step.${name}`, values, sde.noises.length, 1)),
    );
  const size = sde.states.length;
  refuseModules(sde);
  const outside = nativeOutside(sde);
  const [x, error] = [new Float64Array(size), new Float64Array(size)];
  try {
    addon().stepPath({
      equations: { ...lower(sde, { needs: chosen.facts.needs }), ...(outside && { outside }) },
      solver: chosen.facts.kind,
      numbers: chosen.solver.numbers,
      t,
      h,
      x: finiteNumbers('step.x', checked.x0),
      params: Float64Array.from(paramsByPath(sde), ({ values }) => values[0]),
      dW: vector('dW', given.dW),
      H: given.H === undefined ? new Float64Array(sde.noises.length) : vector('H', given.H),
      ...(outside && { answer: (of, at, time) => answerAtOnce(sde, of, at, time) }),
      next: x,
      error,
    });
  } catch (cause) {
    throw fromNative(cause);
  }
  return { x, error };
}

/** A network is asked on a thread of its own, which `step` does not wait for. */
function refuseModules(sde: Equations): void {
  const [first] = modulesOf(sde);
  if (first === undefined) return;
  throw invalidOption('step.problem', sde, `an SDE without modules (${first.name} is one)`, {
    hint: 'Take solve() with a solver of { steps: 1 }.',
  });
}

/** Throws ERR_SDE_CALLBACK_FAILED, and ERR_SDE_INVALID_OPTION where the function gives a promise. */
function answerAtOnce(sde: Equations, of: CoefficientName, x: Float64Array, t: number): Float64Array {
  const columns = of === 'diffusion' ? outsideOf(sde)!.columns : 0;
  const out = new Float64Array(x.length * Math.max(columns, 1)).fill(Number.NaN);
  const given = answerOf(sde, of, { x, t: Float64Array.of(t), indices: Float64Array.of(0), out });
  if (given === undefined) return out;
  given.catch(() => {}); // nobody waits for it
  throw invalidOption('step.problem', sde, `functions that answer at once (${of} gives a promise)`, {
    hint: 'Take solve() with a solver of { steps: 1 }.',
  });
}

/** What options and solver ask for together. */
export function refuseUnfit(
  where: string,
  checked: CheckedSolve,
  { solver }: ChosenSolver,
  reductions?: CheckedReductions,
): void {
  const { cells, steps, saveW, sde, paths } = checked;
  if (cells > 0 && solver.steps > 0 && cells % solver.steps !== 0) {
    throw invalidOption(`${where}.path.steps`, cells, `a multiple of the solver's ${solver.steps} steps`);
  }
  if (reductions && (steps || saveW)) {
    throw invalidOption('solve.reductions', undefined, `no ${steps ? "saveAt 'steps'" : 'saveW'} beside it`);
  }
  for (const { name, values } of paramsByPath(sde)) {
    if (values.length === paths) continue;
    throw invalidOption(`params.${name}`, values, `${paths} numbers, one a path`, { code: 'ERR_SDE_INVALID_SHAPE' });
  }
}

function nativeOptions(
  checked: CheckedSolve,
  chosen: ChosenSolver,
  { steps, cells, control }: StepsPlan,
  { x0, params }: OwnNumbers,
) {
  if (checked.signal?.aborted) throw aborted(checked.signal);
  const { t0, t1, times, paths, seed, firstIndex, float64, threads, networkThreads, events, resume } = checked;
  const { facts, solver, sde } = chosen;
  const backwardsFrom = t1 > t0 ? undefined : (resume?.t0 ?? t0);
  const nativeTime = (time: number) => (backwardsFrom === undefined ? time : backwardsFrom - time);
  const outside = nativeOutside(sde, { backwardsFrom, networkThreads });
  return {
    equations: { ...lower(sde, { needs: facts.needs, backwardsFrom }), ...(outside && { outside }) },
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
    device: cudaNumber(checked.device),
    saves: backwardsFrom === undefined ? times : timesBack(times, backwardsFrom),
    x0,
    params,
    events: events.map(({ when, direction, terminal }, i) => ({
      program: lowerEvent(sde, `solve.events[${i}].when`, when, backwardsFrom),
      direction: { up: 1, down: -1, both: 0 }[direction],
      terminal,
    })),
  };
}

function timesBack(times: Float64Array, t0: number): Float64Array {
  const back = new Float64Array(times.length);
  for (let i = 0; i < times.length; i++) back[i] = t0 - times[i];
  return back;
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
