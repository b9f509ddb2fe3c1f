/** Rößler's SRIW1 for Itô's calculus where each state has a noise of its own, or there is one noise. */
import { definePathSolver } from './facts.js';

/**
 * Strong order 3/2, weak order 2; adaptive. Two drifts and four diffusions a step.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const sriw1 = definePathSolver({
  kind: 'sriw1',
  name: 'SRIW1',
  calculus: 'ito',
  orders: {
    diagonal: { strong: 1.5, weak: 2 },
    scalar: { strong: 1.5, weak: 2 },
  },
  orderWithoutNoise: 2,
  drifts: 2,
  diffusions: 4,
  levyArea: true,
  errorOrder: 1.5,
  abscissaeInside: true,
  source:
    'A. Rößler, "Runge–Kutta methods for the strong approximation of solutions of stochastic differential equations", SIAM J. Numer. Anal. 48 (2010)',
});
