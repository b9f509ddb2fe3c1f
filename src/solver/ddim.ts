/** DDIM (Song, Meng and Ermon 2021, arXiv:2010.02502). */
import { type Gridded, type GridOptions, gridRows } from '../options/grid.js';
import { number } from '../options/option.js';
import { defineSolver, type SolverFacts } from './facts.js';
import { multistepPlan } from './multistep.js';

export interface DdimOptions extends GridOptions {
  /** Steps from T to tEnd, 1 … 2^14. Default 50. */
  steps?: number;
  /** Factor on the standard deviation of the noise, 0 … 1: 0 is the probability flow, 1 the reverse SDE. Default 0. */
  eta?: number;
}

export interface Ddim extends Gridded, SolverFacts {
  readonly kind: 'ddim';
  readonly eta: number;
}

/**
 * One score evaluation a step. The Euler sampler of k-diffusion is this with eta = 0, its ancestral one with eta = 1; for
 * DPM-Solver++ see there.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const ddim = defineSolver<DdimOptions, Ddim>({
  kind: 'ddim',
  name: 'DDIM',
  command: 'ddim',
  orders: { strong: 1, weak: 1 },
  evaluationsPerStep: 1,
  options: {
    ...gridRows(50, 'uniform'),
    eta: {
      ...number({
        default: 0,
        range: { min: 0, max: 1 },
        help: 'factor on the noise: 0 none, 1 the reverse SDE',
        flag: { flags: '--eta <number>', takes: 'number' },
      }),
    },
  },
  plan: ({ eta }, levels) =>
    multistepPlan(levels, ({ from, to }) => {
      const noise = eta * to.sigma * Math.sqrt(-Math.expm1(2 * (from.logSnr - to.logSnr)));
      // What is left of the predicted noise e = (x − alpha D)/sigma.
      const state = Math.sqrt(to.sigma ** 2 - noise ** 2) / from.sigma;
      return { state, noise, data: [to.alpha - state * from.alpha] };
    }),
});
