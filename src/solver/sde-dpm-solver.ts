/** SDE-DPM-Solver++ (Lu, Zhou, Bao, Chen, Li and Zhu 2022, arXiv:2211.01095), multistep: 1, 2M and 3M. */
import { type Dpm, type DpmOptions, dpmPlan, dpmRows } from './dpm-multistep.js';
import { defineSolver, type SolverFacts } from './facts.js';

export interface SdeDpmSolverOptions extends DpmOptions {
  /** Steps from T to tEnd, 1 … 2^14. Default 30. */
  steps?: number;
}

export interface SdeDpmSolver extends Dpm, SolverFacts {
  readonly kind: 'sdeDpmSolver';
}

/**
 * The reverse SDE, one score evaluation a step. With order 1 it is the exponential Euler method, DDIM with eta = 1, the
 * ancestral sampler of VE and DDPM with its smaller variance: one sampler of four names.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const sdeDpmSolver = defineSolver<SdeDpmSolverOptions, SdeDpmSolver>({
  kind: 'sdeDpmSolver',
  name: 'SDE-DPM-Solver++',
  command: 'sde-dpm-solver',
  // The data prediction is a martingale: what is extrapolated is old noise, which makes the constant better, not the order.
  orders: { strong: 1, weak: 1 },
  evaluationsPerStep: 1,
  options: dpmRows(30, 'logSnr'),
  plan: (solver, levels) => dpmPlan(solver, levels, 1),
});
