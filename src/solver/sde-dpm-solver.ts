/** SDE-DPM-Solver++ of first order (Lu et al. 2022, arXiv:2211.01095); DDIM with eta = 1 is the same sampler. */
import { number } from '../options/option.js';
import { defineSolver, type SolverFacts } from './facts.js';

export interface SdeDpmSolverOptions {
  /** Steps equal in ln(alpha/sigma) from T to tEnd, 1 … 2^20. Default 50. */
  steps?: number;
}

export interface SdeDpmSolver extends SolverFacts {
  readonly kind: 'sdeDpmSolver';
  readonly steps: number;
}

/** One score evaluation a step. Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION. */
export const sdeDpmSolver = defineSolver<SdeDpmSolverOptions, SdeDpmSolver>({
  kind: 'sdeDpmSolver',
  name: 'SDE-DPM-Solver++',
  command: 'sde-dpm-solver',
  orders: { strong: 1, weak: 1 },
  evaluationsPerStep: 1,
  options: {
    steps: number({
      default: 50,
      range: { min: 1, max: 2 ** 20, integer: true },
      help: 'steps equal in ln(alpha/sigma)',
      flag: { positional: 'STEPS' },
    }),
  },
});
