/** Rößler's SRA1 for additive noise. */
import { definePathSolver } from './facts.js';

/**
 * Strong order 3/2, weak order 2; adaptive. Two drifts and two diffusions a step.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const sra1 = definePathSolver({
  kind: 'sra1',
  name: 'SRA1',
  calculus: 'either',
  orders: {
    additive: { strong: 1.5, weak: 2 },
  },
  orderWithoutNoise: 2,
  drifts: 2,
  diffusions: 2,
  levyArea: true,
  errorOrder: 1.5,
  abscissaeInside: true,
  source:
    'A. Rößler, "Runge–Kutta methods for the strong approximation of solutions of stochastic differential equations", SIAM J. Numer. Anal. 48 (2010)',
});
