/** SOSRA for additive noise: its steps may be long where the drift is mildly stiff. */
import { definePathSolver } from './facts.js';

/**
 * Strong order 3/2, weak order 2; adaptive. Three drifts and three diffusions a step.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const sosra = definePathSolver({
  kind: 'sosra',
  name: 'SOSRA',
  calculus: 'either',
  orders: {
    additive: { strong: 1.5, weak: 2 },
  },
  orderWithoutNoise: 2,
  drifts: 3,
  diffusions: 3,
  levyArea: true,
  errorOrder: 1.5,
  abscissaeInside: true,
  source:
    'C. Rackauckas, Q. Nie, "Stability-optimized high order methods and stiffness detection for pathwise stiff stochastic differential equations", arXiv:1804.04344 (2018)',
});
