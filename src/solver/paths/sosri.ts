/**
 * SOSRI for Itô's calculus where each state has a noise of its own, or there is one noise: its steps may be long
 * where equations are mildly stiff. Its drift is evaluated before t and beyond t + h.
 */
import { definePathSolver } from './facts.js';

/**
 * Strong order 3/2; adaptive. Its weak order is published as 2 and measured as 3/2, by the moments of the scheme itself,
 * with steps down to 2^-14. Four drifts and four diffusions a step.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const sosri = definePathSolver({
  kind: 'sosri',
  name: 'SOSRI',
  calculus: 'ito',
  orders: {
    diagonal: { strong: 1.5, weak: 1.5 },
    scalar: { strong: 1.5, weak: 1.5 },
  },
  orderWithoutNoise: 2,
  drifts: 4,
  diffusions: 4,
  levyArea: true,
  errorOrder: 1.5,
  abscissaeInside: false,
  source:
    'C. Rackauckas, Q. Nie, "Stability-optimized high order methods and stiffness detection for pathwise stiff stochastic differential equations", arXiv:1804.04344 (2018)',
});
