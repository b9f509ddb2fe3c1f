/** Orders of convergence that are measured: strong errors on shared paths, weak errors without chance where that can be. */
import { type EquationSde, isAutonomous, isLinear } from '../equations/sde.js';
import { invalidOption } from '../errors.js';
import { numberOption, optionsObject, seedOption } from '../options/checks.js';
import type { EqualSteps } from '../options/solve.js';
import type { Problem } from '../problems/problem.js';
import { solve } from '../solve.js';
import type { PathSolver } from '../solver/paths/facts.js';
import { type ChosenSolver, fittingSolver, pathSolver } from '../solver/paths/solver.js';
import { type Fit, fitOfGroups, slopeOf } from './fit.js';
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
  const steps = checkedLevels('convergence.steps', given.steps);
  const paths = numberOption('convergence.paths', given.paths, 1000, { min: 100, max: 2 ** 24, integer: true });
  const seed = seedOption('convergence.seed', given.seed);
  const h = steps.map(count => (problem.t1 - problem.t0) / count);
  const measured: SolverConvergence[] = [];
  for (const solver of solvers) {
    const make = (count: number) => chosen(problem.sde, solver, count);
    const { facts } = make(1);
    const isStrong = facts.orders[problem.sde.noiseClass]?.strong !== undefined || facts.noiseless;
    measured.push({
      solver: facts.kind,
      ...(isStrong && { strong: await strongErrors(problem, make, { steps, paths, seed, h }) }),
      ...weakErrors(problem, make, { steps, h }),
    });
  }
  return { problem: problem.name, h, paths, reference: problem.path ? 'exact' : 'fine steps', solvers: measured };
}

/** The equations in the calculus of the solver. */
function chosen(sde: EquationSde, solver: ConvergenceSolver, steps: number): ChosenSolver {
  const made = typeof solver === 'string' ? pathSolver('solvers', { kind: solver }, steps) : solver({ steps });
  try {
    return fittingSolver('solvers', made, sde);
  } catch {
    return fittingSolver('solvers', made, sde.calculus === 'ito' ? sde.toStratonovich() : sde.toIto());
  }
}

function checkedLevels(option: string, given: unknown): number[] {
  if (given === undefined) return [16, 32, 64, 128, 256, 512];
  if (!Array.isArray(given) || given.length < 2) throw invalidOption(option, given, 'at least two numbers of steps');
  const levels = given.map((count, i) =>
    numberOption(`${option}[${i}]`, count, 0, { min: 1, max: 2 ** 20, integer: true }),
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

async function strongErrors(
  problem: Problem,
  make: (steps: number) => ChosenSolver,
  { steps, paths, seed, h }: Levels & { paths: number; seed: bigint },
): Promise<Fit & { errors: number[] }> {
  const { t0, t1, x0, path } = problem;
  const finest = steps[steps.length - 1];
  const cells = path ? finest : 8 * finest;
  const run = (count: number) => {
    const { solver, sde } = make(count);
    return solve(sde, { t0, t1, x0, paths, solver, seed, path: { steps: cells }, saveW: true, onFailure: 'keep' });
  };
  const width = problem.sde.states.length;
  const reference = path ? undefined : (await run(cells)).states;
  const squares = Array.from({ length: GROUPS }, () => steps.map(() => 0));
  for (const [level, count] of steps.entries()) {
    const { states, W } = await run(count);
    const noises = W!.length / paths;
    for (let k = 0; k < paths; k++) {
      const exact =
        path?.(t1 - t0, W!.subarray(k * noises, (k + 1) * noises)) ?? reference!.subarray(k * width, (k + 1) * width);
      let square = 0;
      for (let i = 0; i < width; i++) square += (states[k * width + i] - exact[i]) ** 2;
      squares[k % GROUPS][level] += square / (paths / GROUPS);
    }
  }
  const errors = steps.map((_, level) => Math.sqrt(squares.reduce((sum, one) => sum + one[level], 0) / GROUPS));
  return { ...fitOfGroups(h, squares), errors };
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
