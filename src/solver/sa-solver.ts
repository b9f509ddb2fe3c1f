/** SA-Solver (Xue et al. 2023, arXiv:2309.05019): stochastic Adams methods, predictor and corrector. */
import { type Gridded, type GridOptions, gridRows } from '../options/grid.js';
import { number } from '../options/option.js';
import { defineSolver, type SolverFacts } from './facts.js';
import { adamsCorrection, adamsPrediction, multistepPlan } from './multistep.js';
import { tau2Row } from './rows.js';

export interface SaSolverOptions extends GridOptions {
  /** Steps from T to tEnd, 1 … 2^14. Default 20. */
  steps?: number;
  /** Data predictions that the predictor takes, 1 … 3. Default 3. */
  predictor?: number;
  /** Data predictions that the corrector takes, with the one at the step's end, 1 … 4; 0: none is corrected. Default 4. */
  corrector?: number;
  /** Factor on the variance of the noise, ≥ 0: 1 is the reverse SDE, 0 the probability flow. Default 1. */
  tau2?: number;
}

export interface SaSolver extends Gridded, SolverFacts {
  readonly kind: 'saSolver';
  readonly predictor: number;
  readonly corrector: number;
  readonly tau2: number;
}

/**
 * One score evaluation a step: the point is predicted, asked about and corrected, and the answer kept. The published tau is
 * tau2's square root, and is 0 near both ends; here it is the same everywhere.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const saSolver = defineSolver<SaSolverOptions, SaSolver>({
  kind: 'saSolver',
  name: 'SA-Solver',
  command: 'sa-solver',
  orders: { strong: 1, weak: 1 },
  evaluationsPerStep: 1,
  options: {
    ...gridRows(20, 'logSnr'),
    predictor: number({
      default: 3,
      range: { min: 1, max: 3, integer: true },
      help: 'data predictions of the predictor',
      flag: { flags: '--predictor <number>', takes: 'integer' },
    }),
    corrector: number({
      default: 4,
      range: { min: 0, max: 4, integer: true },
      help: "data predictions of the corrector, with the step's own; 0: no corrector",
      flag: { flags: '--corrector <number>', takes: 'integer' },
    }),
    tau2: tau2Row,
  },
  plan: ({ predictor, corrector, tau2 }, levels) =>
    multistepPlan(
      levels,
      step => adamsPrediction(step, predictor, tau2),
      corrector === 0 ? undefined : step => adamsCorrection(step, corrector, tau2),
    ),
});
