/** The ancestral sampler of DDPM (Ho, Jain and Abbeel 2020) and of score_sde for VP and VE (Song et al. 2021, appendix F). */
import { type Gridded, type GridOptions, gridRows } from '../options/grid.js';
import { defineSolver, type SolverFacts } from './facts.js';
import { multistepPlan } from './multistep.js';
import { transition } from './transition.js';

export interface AncestralOptions extends GridOptions {
  /** Steps from T to tEnd, 1 … 2^14. Default 1000. */
  steps?: number;
}

export interface AncestralSolver extends Gridded, SolverFacts {
  readonly kind: 'ancestral';
}

/**
 * The mean of x at the step's end given x and its data prediction; the noise is that of the forward step, DDPM's larger
 * choice, or, where alpha is constant as in VE, that of x given both ends, as in score_sde. DDPM's smaller choice is
 * ddim({ eta: 1 }). One score evaluation a step.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const ancestral = defineSolver<AncestralOptions, AncestralSolver>({
  kind: 'ancestral',
  name: 'ancestral sampling',
  command: 'ancestral',
  orders: { strong: 1, weak: 1 },
  evaluationsPerStep: 1,
  options: gridRows(1000, 'uniform'),
  plan: (_, levels) =>
    multistepPlan(levels, ({ from, to }) => {
      const { kept, variance } = transition(from, to);
      const noise = Math.sqrt(variance) * (kept === 1 ? to.sigma / from.sigma : 1);
      const score = variance / from.sigma ** 2;
      return { state: (1 - score) / kept, noise, data: [(score * from.alpha) / kept] };
    }),
});
