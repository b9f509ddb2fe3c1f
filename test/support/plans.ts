/** Plans of samplers, taken through by hand in double precision. */
import type { Gridded } from '../../src/options/grid.js';
import type { AnySolverMaker, SolverFacts } from '../../src/solver/facts.js';
import { type Level, type Levels, levelsOf, type Process } from '../../src/solver/levels.js';
import type { Evaluation } from '../../src/solver/plan.js';
import { SOLVERS } from '../../src/solver/solver.js';

/** The data prediction at a point. */
export type Denoiser = (x: number, level: Level) => number;

/** Solvers that are plans. */
export const PLANNED = SOLVERS.filter(({ definition }) => definition.plan !== undefined);

export function planOf(solver: SolverFacts, process: Process): { plan: Evaluation[]; levels: Levels } {
  const levels = levelsOf(solver.kind, solver as unknown as Gridded, process);
  return { plan: planOn(solver, levels), levels };
}

export function planOn(solver: SolverFacts, levels: Levels): Evaluation[] {
  const { definition } = SOLVERS.find(make => make.definition.kind === solver.kind) as AnySolverMaker;
  return definition.plan!(solver, levels);
}

/** From x at the first level to the last; `noise(k)` is the k-th normal that is wanted, k from 1. */
export function follow(
  plan: readonly Evaluation[],
  x: number,
  denoise: Denoiser,
  noise: (k: number) => number,
): number {
  const made: number[] = [];
  let wanted = 0;
  for (const { level, state, data, noise: scale } of plan) {
    made.unshift(denoise(x, level));
    x = state * x + data.reduce((sum, weight, i) => sum + (weight === 0 ? 0 : weight * made[i]), 0);
    if (scale !== 0) x += scale * noise(++wanted);
  }
  return x;
}

/** Of VP, by ln(alpha/sigma), which is minus the time. */
export function levelOf(logSnr: number): Level {
  const alpha = 1 / Math.sqrt(1 + Math.exp(-2 * logSnr));
  return { t: -logSnr, alpha, sigma: alpha * Math.exp(-logSnr), logSnr };
}

/** Levels at these ln(alpha/sigma). */
export const levelsAt = (logSnrs: readonly number[]): Levels => ({ ends: logSnrs.map(levelOf), atLogSnr: levelOf });

/** Of data N(mean, variance). */
export const gaussianDenoiser =
  (mean: number, variance: number): Denoiser =>
  (x, { alpha, sigma }) =>
    (alpha * variance * x + sigma ** 2 * mean) / (alpha ** 2 * variance + sigma ** 2);

/** Mean and variance of the data that a plan leads to from N(0, prior²), denoised at the end, for Gaussian data. */
export function momentsOf(
  plan: readonly Evaluation[],
  last: Level,
  prior: number,
  denoise: Denoiser,
): [number, number] {
  const count = plan.filter(({ noise }) => noise !== 0).length;
  // Linear in the prior and in each normal: their coefficients one by one.
  const end = (start: number, one: number) =>
    denoise(
      follow(plan, start, denoise, k => (k === one ? 1 : 0)),
      last,
    );
  const mean = end(0, 0);
  let variance = (end(prior, 0) - mean) ** 2;
  for (let k = 1; k <= count; k++) variance += (end(0, k) - mean) ** 2;
  return [mean, variance];
}
