/** SEEDS-2 and SEEDS-3 (Gonzalez et al. 2023, arXiv:2305.14267). */
import { type Gridded, type GridOptions, gridRows } from '../options/grid.js';
import { defineSolver, type SolverFacts } from './facts.js';
import { orderRow, tau2Row } from './rows.js';
import { type Point, singlestepPlan } from './singlestep.js';

export interface SeedsOptions extends GridOptions {
  /** Steps from T to tEnd, 1 … 2^14. Default 15. */
  steps?: number;
  /** Evaluations a step, 1 … 3. Default 3. */
  order?: number;
  /** Factor on the variance of the noise, ≥ 0: 1 is the reverse SDE, 0 the probability flow. Default 1. */
  tau2?: number;
}

export interface SeedsSolver extends Gridded, SolverFacts {
  readonly kind: 'seedsSolver';
  readonly order: number;
  readonly tau2: number;
}

/** By order: where in the step the points are, and which predictions make them. */
const POINTS: Record<number, readonly Point[]> = {
  1: [{ at: 1, from: [0] }],
  2: [
    { at: 1 / 2, from: [0] },
    { at: 1, from: [0, 1] },
  ],
  3: [
    { at: 1 / 3, from: [0] },
    { at: 2 / 3, from: [0, 1] },
    { at: 1, from: [0, 2] },
  ],
};

/**
 * Exponential Runge-Kutta steps in ln(alpha/sigma), as many evaluations a step as the order. With tau2 = 0 it is
 * DPM-Solver++ (2S) and (3S) in their form that is exact for D linear in ln(alpha/sigma).
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const seedsSolver = defineSolver<SeedsOptions, SeedsSolver>({
  kind: 'seedsSolver',
  name: 'SEEDS',
  command: 'seeds-solver',
  orders: { strong: 1, weak: 1 },
  evaluationsPerStep: ({ order }) => order,
  options: {
    ...gridRows(15, 'logSnr'),
    order: orderRow(3),
    tau2: tau2Row,
  },
  plan: ({ order, tau2 }, levels) => singlestepPlan(levels, POINTS[order], tau2),
});
