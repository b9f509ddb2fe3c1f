/** UniPC (Zhao, Bai, Rao, Zhou and Lu 2023, arXiv:2302.04867) in its data prediction form with B(h) = e^h − 1. */
import { type Gridded, type GridOptions, gridRows } from '../options/grid.js';
import { flow } from './exponential.js';
import { defineSolver, type SolverFacts } from './facts.js';
import { adamsCorrection, adamsPrediction, type Correction, midpoint, multistepPlan, type Step } from './multistep.js';
import { orderRow } from './rows.js';

export interface UniPcOptions extends GridOptions {
  /** Steps from T to tEnd, 1 … 2^14. Default 20. */
  steps?: number;
  /** Data predictions that the predictor takes, 1 … 3; the corrector takes one more. Default 3. */
  order?: number;
}

export interface UniPcSolver extends Gridded, SolverFacts {
  readonly kind: 'uniPc';
  readonly order: number;
}

/**
 * The probability flow, one score evaluation a step. Where all its unknowns are solved for, the published system says no
 * more than that D is a polynomial, and B(h) cancels: those are Adams' methods, SA-Solver's without noise. What is UniPC's
 * own is how few unknowns are met: a predictor of order 2 and a corrector of order 1 whose weight is one half.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const uniPc = defineSolver<UniPcOptions, UniPcSolver>({
  kind: 'uniPc',
  name: 'UniPC',
  command: 'uni-pc',
  orders: ({ order }) => ({ strong: order + 1, weak: order + 1 }),
  evaluationsPerStep: 1,
  options: {
    ...gridRows(20, 'logSnr'),
    order: orderRow(3),
  },
  plan: ({ order }, levels) =>
    multistepPlan(
      levels,
      step => (orderOf(step, order) === 2 ? midpoint(step, 0) : adamsPrediction(step, order, 0)),
      step => (orderOf(step, order) === 1 ? halves(step) : adamsCorrection(step, order + 1, 0)),
    ),
});

const orderOf = ({ made }: Step, order: number) => Math.min(order, made.length);

function halves({ from, to }: Step): Correction {
  const { whole } = flow(from, to, 0);
  return { now: whole / 2, data: [whole / 2] };
}
