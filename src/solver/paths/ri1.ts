/** Rößler's RI1 of weak order 2 for any noise: Itô's calculus. */
import { definePathSolver } from './facts.js';

/**
 * For expectations: its paths converge to none. Equal steps. Three drifts and five times each column of the
 * diffusion a step.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const ri1 = definePathSolver({
  kind: 'ri1',
  name: 'RI1',
  calculus: 'ito',
  orders: {
    additive: { weak: 2 },
    diagonal: { weak: 2 },
    scalar: { weak: 2 },
    commutative: { weak: 2 },
    general: { weak: 2 },
  },
  orderWithoutNoise: 3,
  drifts: 3,
  diffusions: 5,
  levyArea: true,
  abscissaeInside: true,
  needs: ['columns'],
  source:
    'A. Rößler, "Second order Runge–Kutta methods for Itô stochastic differential equations", SIAM J. Numer. Anal. 47 (2009)',
});
