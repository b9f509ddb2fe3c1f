/** DPM-Solver++ (Lu, Zhou, Bao, Chen, Li and Zhu 2022, arXiv:2211.01095), multistep: 1, 2M and 3M. */
import { type Dpm, type DpmOptions, dpmPlan, dpmRows } from './dpm-multistep.js';
import { defineSolver, type SolverFacts } from './facts.js';

export interface DpmSolverOptions extends DpmOptions {
  /** Steps from T to tEnd, 1 … 2^14. Default 20. */
  steps?: number;
}

export interface DpmSolver extends Dpm, SolverFacts {
  readonly kind: 'dpmSolver';
}

/**
 * The probability flow: no noise but the prior's, one score evaluation a step. With order 1 it is DDIM with eta = 0.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const dpmSolver = defineSolver<DpmSolverOptions, DpmSolver>({
  kind: 'dpmSolver',
  name: 'DPM-Solver++',
  command: 'dpm-solver',
  orders: ({ order, variant }) => {
    const reached = variant === 'published' ? Math.min(order, 2) : order;
    return { strong: reached, weak: reached };
  },
  evaluationsPerStep: 1,
  options: dpmRows(20, 'logSnr'),
  plan: (solver, levels) => dpmPlan(solver, levels, 0),
});
