/**
 * An exponential solver with a step size a sample and one evaluation a step, after stochastic localisation (Montanari
 * 2023, arXiv:2305.10690).
 */
import { numberOption } from '../options/checks.js';
import { number } from '../options/option.js';
import { ATOL_ROW, TOLERANCE_OPTIONS } from '../options/tolerance.js';
import { defineSolver, type SolverFacts } from './facts.js';

export interface AdaptiveExponentialOptions {
  /** Error of one step, in units of the data's own spread, > 0. Default 0.04: 20 to 30 evaluations. */
  rtol?: number;
  /** Error of one step in units of the data, > 0. Default 1/256 of the SDE's data range. */
  atol?: number;
  /** Largest standard deviation that an element of the data may have, > 0: how careful the first step is. Default half of the SDE's data range. */
  spread?: number;
}

export interface AdaptiveExponentialSolver extends SolverFacts {
  readonly kind: 'adaptiveExponential';
  readonly rtol: number;
  /** Undefined: 1/256 of the data range of the SDE the solver is used with. */
  readonly atol: number | undefined;
  /** Undefined: half of that range. */
  readonly spread: number | undefined;
}

/**
 * Solves the reverse SDE exactly but for the data prediction, and supplies the covariance that a held prediction lacks
 * from the secant of the step's own evaluation: exact for isotropic Gaussian data at any tolerance. Each step is chosen
 * before its noise is drawn, so none is rejected. The last evaluation is the final denoising.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const adaptiveExponential = defineSolver<AdaptiveExponentialOptions, AdaptiveExponentialSolver>({
  kind: 'adaptiveExponential',
  name: 'adaptive exponential',
  command: 'adaptive-exponential',
  orders: { strong: 1, weak: 1 },
  evaluationsPerStep: 1,
  options: {
    rtol: number({
      default: 0.04,
      range: { above: 0, float32: true },
      help: TOLERANCE_OPTIONS.rtol.help,
      flag: TOLERANCE_OPTIONS.rtol.flag,
    }),
    atol: ATOL_ROW,
    spread: {
      check: (name, given) =>
        given === undefined ? undefined : numberOption(name, given, 1, { above: 0, float32: true }),
      default: 'half of the data range',
      ofSde: ({ dataRange: [low, high] }) => (high - low) / 2,
      help: "largest standard deviation of the data's elements",
      flag: { flags: '--spread <number>', takes: 'number' },
    },
  },
});
