/** The reverse diffusion sampler of score_sde (Song et al. 2021, arXiv:2011.13456, appendix E). */
import { type Gridded, type GridOptions, gridRows } from '../options/grid.js';
import { defineSolver, type SolverFacts } from './facts.js';
import { multistepPlan } from './multistep.js';
import { transition } from './transition.js';

export interface ReverseDiffusionOptions extends GridOptions {
  /** Steps from T to tEnd, 1 … 2^14. Default 1000. */
  steps?: number;
}

export interface ReverseDiffusionSolver extends Gridded, SolverFacts {
  readonly kind: 'reverseDiffusion';
}

/**
 * The reverse SDE discretised as the forward chain is: x ← (2 − kept)·x + variance·score + √variance·z, where a forward
 * step multiplies by `kept` and adds `variance`. One score evaluation a step.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const reverseDiffusion = defineSolver<ReverseDiffusionOptions, ReverseDiffusionSolver>({
  kind: 'reverseDiffusion',
  name: 'reverse diffusion',
  command: 'reverse-diffusion',
  orders: { strong: 1, weak: 1 },
  evaluationsPerStep: 1,
  options: gridRows(1000, 'uniform'),
  plan: (_, levels) =>
    multistepPlan(levels, ({ from, to }) => {
      const { kept, variance } = transition(from, to);
      const score = variance / from.sigma ** 2; // score = (alpha D − x)/sigma²
      return { state: 2 - kept - score, noise: Math.sqrt(variance), data: [score * from.alpha] };
    }),
});
