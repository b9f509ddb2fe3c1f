/** The stochastic sampler of EDM (Karras, Aittala, Aila and Laine 2022, arXiv:2206.00364, algorithm 2). */
import { type Gridded, type GridOptions, gridRows } from '../options/grid.js';
import { number } from '../options/option.js';
import { defineSolver, type SolverFacts } from './facts.js';
import type { Level, Levels } from './levels.js';
import type { Evaluation } from './plan.js';

export interface EdmHeunOptions extends GridOptions {
  /** Steps from T to tEnd, 1 … 2^14. Default 64. */
  steps?: number;
  /** S_churn, ≥ 0: noise added before a step, as a multiple of steps; 0 is Heun's method alone. Default 10. */
  churn?: number;
  /** S_min: no noise is added where sigma/alpha is below it, ≥ 0. Default 0.05. */
  churnMin?: number;
  /** S_max: or above it. Default 50. */
  churnMax?: number;
  /** S_noise: factor on that noise, ≥ 0. Default 1.003. */
  noiseScale?: number;
}

export interface EdmHeunSolver extends Gridded, SolverFacts {
  readonly kind: 'edmHeun';
  readonly churn: number;
  readonly churnMin: number;
  readonly churnMax: number;
  readonly noiseScale: number;
}

/**
 * Heun's method on the probability flow in sigma/alpha, two score evaluations a step, with noise added before steps. The
 * first step has none: its point is the prior's. The last one ends at tEnd, above 0, and is one of Heun's as all others.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const edmHeun = defineSolver<EdmHeunOptions, EdmHeunSolver>({
  kind: 'edmHeun',
  name: "EDM's Heun",
  command: 'edm-heun',
  orders: { strong: 2, weak: 2 },
  evaluationsPerStep: 2,
  options: {
    ...gridRows(64, 'karras'),
    churn: number({
      default: 10,
      range: { min: 0 },
      help: 'noise added before steps, as a multiple of steps',
      flag: { flags: '--churn <number>', takes: 'number' },
    }),
    churnMin: number({
      default: 0.05,
      range: { min: 0 },
      help: 'no noise is added at a smaller sigma/alpha',
      flag: { flags: '--churn-min <number>', takes: 'number' },
    }),
    churnMax: number({
      default: 50,
      range: { min: 0 },
      help: 'no noise is added at a larger sigma/alpha',
      flag: { flags: '--churn-max <number>', takes: 'number' },
    }),
    noiseScale: number({
      default: 1.003,
      range: { min: 0 },
      help: 'factor on the noise that is added',
      flag: { flags: '--noise-scale <number>', takes: 'number' },
    }),
  },
  plan(solver, levels) {
    const begins = levels.ends.slice(0, -1).map((level, k) => (k === 0 ? level : churned(level, solver, levels)));
    return begins.flatMap((begin, k) => heunStep(begin, levels.ends[k + 1], begins[k + 1], solver.noiseScale));
  },
});

const ratio = ({ logSnr }: Level) => Math.exp(-logSnr);

/** The level to which noise takes a point before its step. */
function churned(level: Level, { steps, churn, churnMin, churnMax }: EdmHeunSolver, { atLogSnr }: Levels): Level {
  const sigma = ratio(level);
  if (churn === 0 || sigma < churnMin || sigma > churnMax) return level;
  return atLogSnr(-Math.log(sigma * (1 + Math.min(churn / steps, Math.SQRT2 - 1))));
}

/** From `begin` to `end`, and up to where the next step begins. */
function heunStep(begin: Level, end: Level, next: Level | undefined, noiseScale: number): Evaluation[] {
  // With y = x/alpha, s = sigma/alpha and slope (y − D)/s: Euler's y' = rho y + (1 − rho) D with rho = s'/s, and the mean of
  // both slopes instead adds (1 − rho)/(2 rho) (D' − D).
  const rho = ratio(end) / ratio(begin);
  const change = (1 - rho) / (2 * rho);
  const rise = next === undefined ? 1 : next.alpha / end.alpha;
  const added = next === undefined || next === end ? 0 : Math.sqrt(ratio(next) ** 2 - ratio(end) ** 2) * next.alpha;
  const alpha = end.alpha * rise;
  return [
    { level: begin, state: (rho * end.alpha) / begin.alpha, data: [(1 - rho) * end.alpha], noise: 0, within: true },
    { level: end, state: rise, data: [change * alpha, -change * alpha], noise: noiseScale * added },
  ];
}
