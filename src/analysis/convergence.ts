/** Orders of convergence that are measured: strong errors on shared paths, weak errors without chance where that can be. */
import { checkedEquations, type EquationSde, isAutonomous, isLinear } from '../equations/sde.js';
import { textFunction } from '../equations/text-function.js';
import { invalidOption } from '../errors.js';
import { numberOption, optionsObject, readable, seedOption } from '../options/checks.js';
import type { EqualSteps } from '../options/solve.js';
import type { Expectation, Problem } from '../problems/problem.js';
import type { SolveResult } from '../result.js';
import { inPieces } from '../run/pieces.js';
import { solve } from '../solve.js';
import type { PathSolver } from '../solver/paths/facts.js';
import { type ChosenSolver, fittingSolver, pathSolver } from '../solver/paths/solver.js';
import { type Fit, fitOfGroups, halfWidthOf, slopeOf } from './fit.js';
import { schemeMoments } from './moments.js';

export interface ConvergenceOptions {
  /** Numbers of equal steps, increasing, each dividing the last. Default 16, 32, … 512. */
  steps?: readonly number[];
  /** Shared Brownian paths, at least 100. Default 1000. */
  paths?: number;
  /** Default 0. */
  seed?: number | bigint;
}

export interface SolverConvergence {
  solver: string;
  /** Root mean square of |x − exact| at t1, of each number of steps. */
  strong?: Fit & { errors: number[] };
  /** Largest error among the first and second moments of the scheme, of linear SDEs; no chance is in them. */
  weak?: Fit & { errors: number[] };
  /**
   * Errors of the problem's expectations, sampled where they cannot be had without chance. Absent where paths failed and no
   * closed form says what became of the others.
   */
  sampled?: SampledError[];
  /** Paths that failed with some number of steps: they are left out of all. */
  failed: number;
}

/** E f(X_h) − E f(X) at t1, on the same path where the problem has a closed form. */
export interface SampledError extends Fit {
  /** f as text. The order is NaN where fewer than two errors are larger than their half widths. */
  of: string;
  errors: number[];
  /** Of each error's 95 % interval. */
  halfWidths: number[];
}

export interface Convergence {
  problem: string;
  /** Lengths of steps. */
  h: number[];
  paths: number;
  /** Where the strong errors are measured from: the closed form, or the solver itself with eight times the steps. */
  reference: 'exact' | 'fine steps';
  solvers: SolverConvergence[];
}

/** Makers such as heun, or kinds such as 'heun'. */
export type ConvergenceSolver = string | ((options: { steps: number }) => PathSolver | EqualSteps);

const GROUPS = 10;

/**
 * Solves the problem with all of these numbers of steps by each solver, in the calculus that it takes, on the same
 * Brownian paths. Rejects as `solve` does.
 */
export async function convergence(
  problem: Problem,
  solvers: readonly ConvergenceSolver[],
  options: ConvergenceOptions = {},
): Promise<Convergence> {
  const given = optionsObject<ConvergenceOptions>('convergence', options, ['steps', 'paths', 'seed']);
  refuseOther(problem, solvers);
  const steps = readable('convergence.steps', () => checkedLevels('convergence.steps', given.steps));
  const paths = numberOption('convergence.paths', given.paths, 1000, { min: 100, max: 2 ** 24, integer: true });
  const seed = seedOption('convergence.seed', given.seed);
  const h = steps.map(count => (problem.t1 - problem.t0) / count);
  const measured: SolverConvergence[] = [];
  for (const solver of solvers) {
    const make = (count: number) => chosen(problem.sde, solver, count);
    const { facts } = make(1);
    const isStrong = facts.orders[problem.sde.noiseClass]?.strong !== undefined || facts.noiseless;
    const { weak } = weakErrors(problem, make, { steps, h });
    const isSampled = !weak && problem.expectations.length > 0;
    const shared = isStrong || isSampled ? await solvedPaths(problem, make, { steps, paths, seed }) : undefined;
    const failed = shared ? paths - shared.counted.length : 0;
    measured.push({
      solver: facts.kind,
      ...(isStrong && { strong: await strongErrors(shared!, h) }),
      ...(weak && { weak }),
      ...(isSampled && (problem.path || failed === 0) && { sampled: await sampledErrors(problem, shared!, h) }),
      failed,
    });
  }
  return { problem: problem.name, h, paths, reference: problem.path ? 'exact' : 'fine steps', solvers: measured };
}

function refuseOther(problem: Problem, solvers: readonly ConvergenceSolver[]): void {
  readable('convergence', () => {
    if (typeof problem !== 'object' || problem === null || !Array.isArray(problem.expectations)) {
      throw invalidOption('convergence.problem', problem, 'a problem', {
        hint: 'Take one of `problems`: problems.heston().',
      });
    }
    checkedEquations('convergence.problem.sde', problem.sde);
    const isList = Array.isArray(solvers) && solvers.length > 0;
    if (!isList) throw invalidOption('convergence.solvers', solvers, 'a list of solvers');
    // Stops at the first that is none, a hole too.
    for (const [i, solver] of solvers.entries()) {
      if (typeof solver === 'string' || typeof solver === 'function') continue;
      throw invalidOption(`convergence.solvers[${i}]`, solver, "a solver's function, or its name");
    }
  });
}

/** The equations in the calculus of the solver. */
function chosen(sde: EquationSde, solver: ConvergenceSolver, steps: number): ChosenSolver {
  const made = readable('convergence.solvers', () =>
    typeof solver === 'string' ? pathSolver('convergence.solvers', { kind: solver }, steps) : solver({ steps }),
  );
  try {
    return fittingSolver('convergence.solvers', made, sde);
  } catch {
    return fittingSolver('convergence.solvers', made, sde.calculus === 'ito' ? sde.toStratonovich() : sde.toIto());
  }
}

function checkedLevels(option: string, given: unknown): number[] {
  if (given === undefined) return [16, 32, 64, 128, 256, 512];
  if (!Array.isArray(given) || given.length < 2) throw invalidOption(option, given, 'at least two numbers of steps');
  // Not by map, which leaves holes out.
  const levels = Array.from(given as unknown[], (count, i) =>
    numberOption(`${option}[${i}]`, count ?? Number.NaN, 0, { min: 1, max: 2 ** 20, integer: true }),
  );
  const last = levels[levels.length - 1];
  for (const [i, count] of levels.entries()) {
    const fits = last % count === 0 && (i === 0 || count > levels[i - 1]);
    if (!fits) throw invalidOption(`${option}[${i}]`, count, `an increasing divisor of ${last}`);
  }
  return levels;
}

interface Levels {
  steps: number[];
  h: number[];
}

/** Ends of paths, of each number of steps. */
interface SolvedPaths {
  /** [levels][paths, states] */
  ends: readonly (Float64Array | Float32Array)[];
  /** The exact end of a path, or that of the finest steps. */
  exact: (path: number) => ArrayLike<number>;
  /** Paths that came to t1 with all numbers of steps. */
  counted: Uint32Array;
  width: number;
}

async function solvedPaths(
  problem: Problem,
  make: (steps: number) => ChosenSolver,
  { steps, paths, seed }: { steps: number[]; paths: number; seed: bigint },
): Promise<SolvedPaths> {
  const { t0, t1, x0, path } = problem;
  const finest = steps[steps.length - 1];
  const cells = path ? finest : 8 * finest;
  const run = (count: number) => {
    const { solver, sde } = make(count);
    return solve(sde, { t0, t1, x0, paths, solver, seed, path: { steps: cells }, saveW: true, onFailure: 'keep' });
  };
  const runs = [];
  for (const count of steps) runs.push(await run(count));
  const reference = path ? undefined : await run(cells);
  const all = reference ? [...runs, reference] : runs;
  const width = problem.sde.states.length;
  const W = runs[0].W!;
  const noises = W.length / paths;
  return {
    ends: runs.map(({ states }) => states),
    exact: k =>
      path?.(t1 - t0, W.subarray(k * noises, (k + 1) * noises)) ??
      reference!.states.subarray(k * width, (k + 1) * width),
    counted: await comeToTheEnd(all, paths),
    width,
  };
}

async function comeToTheEnd(runs: readonly SolveResult[], paths: number): Promise<Uint32Array> {
  const failing = runs.filter(({ stats }) => stats.ended.success < paths).map(({ stats }) => stats.status);
  const counted = new Uint32Array(paths);
  let count = 0;
  await inPieces(paths, (from, to) => {
    for (let k = from; k < to; k++) {
      if (failing.every(status => status[k] === 'success')) counted[count++] = k;
    }
  });
  return counted.subarray(0, count);
}

/** Paths compared before the event loop gets its turn: some milliseconds. */
const PATHS_AT_ONCE = 2 ** 10;

/** Means over each group of paths: [group][level]. */
async function groupMeans(
  { ends, exact, counted, width }: SolvedPaths,
  of: (end: ArrayLike<number>, exact: ArrayLike<number>) => number,
): Promise<number[][]> {
  const sums = Array.from({ length: GROUPS }, () => ends.map(() => 0));
  const counts = sums.map(() => 0);
  const add = (i: number): void => {
    const k = counted[i];
    const wanted = exact(k);
    counts[i % GROUPS]++;
    for (const [level, states] of ends.entries()) {
      sums[i % GROUPS][level] += of(states.subarray(k * width, (k + 1) * width), wanted);
    }
  };
  const work = (from: number, to: number): void => {
    for (let i = from; i < to; i++) add(i);
  };
  await inPieces(counted.length, work, PATHS_AT_ONCE);
  return sums.map((levels, group) => levels.map(sum => sum / counts[group]));
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

async function strongErrors(shared: SolvedPaths, h: number[]): Promise<Fit & { errors: number[] }> {
  const squares = await groupMeans(shared, (end, exact) => {
    let square = 0;
    for (let i = 0; i < end.length; i++) square += (end[i] - exact[i]) ** 2;
    return square;
  });
  const errors = h.map((_, level) => Math.sqrt(mean(squares.map(one => one[level]))));
  return { ...fitOfGroups(h, squares), errors };
}

async function sampledErrors(
  { sde, path, expectations, t0, t1 }: Problem,
  shared: SolvedPaths,
  h: number[],
): Promise<SampledError[]> {
  const params = Object.entries(sde.params) as [string, number][];
  const names = [...sde.states, ...params.map(([name]) => name)];
  const numbers = params.map(([, value]) => value);
  const errorOf = async ({ of, at }: Expectation): Promise<SampledError> => {
    const text = textFunction('convergence', of, names);
    const value = (x: ArrayLike<number>) => text([...Array.from(x), ...numbers]);
    const expected = at(t1 - t0);
    // With the exact end of the same path there is far less chance in it.
    const groups = await groupMeans(shared, (end, exact) => value(end) - (path ? value(exact) : expected));
    const errors = h.map((_, level) => mean(groups.map(one => one[level])));
    const halfWidths = h.map((_, level) => halfWidthOf(groups.map(one => one[level])));
    const clear = h.map((_, level) => level).filter(level => Math.abs(errors[level]) > halfWidths[level]);
    const only = (list: readonly number[]) => clear.map(level => list[level]);
    return { of, ...fitOfGroups(only(h), groups.map(only), Math.abs), errors, halfWidths };
  };
  const sampled: SampledError[] = [];
  for (const expectation of expectations) sampled.push(await errorOf(expectation));
  return sampled;
}

/** Of more noises or states the nodes of the quadrature are too many. */
const MOST_STATES = 3;
const MOST_NOISES = 2;

function weakErrors(
  problem: Problem,
  make: (steps: number) => ChosenSolver,
  { steps, h }: Levels,
): Pick<SolverConvergence, 'weak'> {
  const { sde, t0, t1, x0 } = problem;
  const moments = momentsOf(problem);
  if (!moments || sde.states.length > MOST_STATES || sde.noises.length > MOST_NOISES) return {};
  const few = steps.slice(0, 4);
  const errors = few.map(count => {
    const { facts, solver, sde: equations } = make(count);
    const found = schemeMoments(equations, solver, {
      t0,
      t1,
      x0,
      steps: count,
      discrete: facts.orders[sde.noiseClass]?.strong === undefined && !facts.noiseless,
      levyArea: facts.levyArea,
      autonomous: isAutonomous(equations),
    });
    return Math.max(...moments.map(({ place, value }) => Math.abs(found[place] - value)));
  });
  return { weak: { order: slopeOf(h.slice(0, few.length), errors), halfWidth: 0, errors } };
}

/** Exact values of E x_i and E x_i x_j that the problem knows, by their place among the scheme's; none of nonlinear SDEs. */
function momentsOf({ sde, expectations, t0, t1 }: Problem): { place: number; value: number }[] | undefined {
  if (!isLinear(sde)) return undefined;
  const names = sde.states;
  const places = [...names];
  for (const [i, one] of names.entries())
    for (const other of names.slice(i)) places.push(one === other ? `${one}^2` : `${one}*${other}`);
  const known = expectations.flatMap(({ of, at }) => {
    const place = places.indexOf(of.replaceAll(' ', ''));
    return place < 0 ? [] : [{ place, value: at(t1 - t0) }];
  });
  return known.length > 0 ? known : undefined;
}
