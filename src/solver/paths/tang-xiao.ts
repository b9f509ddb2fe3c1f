/** Tang and Xiao's scheme of weak order 2 for any noise: Itô's calculus. */
import { definePathSolver } from './facts.js';

/**
 * For expectations: its paths converge to none. Equal steps. Three drifts and three times each column of the
 * diffusion a step.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const tangXiao = definePathSolver({
  kind: 'tangXiao',
  name: 'Tang-Xiao',
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
  diffusions: 3,
  levyArea: true,
  abscissaeInside: true,
  needs: ['columns'],
  source:
    'X. Tang, A. Xiao, "Efficient weak second-order stochastic Runge–Kutta methods for Itô stochastic differential equations", BIT 57 (2017)',
});
