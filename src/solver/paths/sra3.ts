/** Rößler's SRA3 for additive noise, of order 3 where there is none. */
import { definePathSolver } from './facts.js';

/**
 * Strong order 3/2, weak order 2; adaptive. Three drifts and two diffusions a step.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const sra3 = definePathSolver({
  kind: 'sra3',
  name: 'SRA3',
  calculus: 'either',
  orders: {
    additive: { strong: 1.5, weak: 2 },
  },
  orderWithoutNoise: 3,
  drifts: 3,
  diffusions: 2,
  levyArea: true,
  errorOrder: 1.5,
  abscissaeInside: true,
  source:
    'A. Rößler, "Runge–Kutta methods for the strong approximation of solutions of stochastic differential equations", SIAM J. Numer. Anal. 48 (2010)',
});
