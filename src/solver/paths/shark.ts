/** ShARK for additive noise: of the schemes of its order the one of the smallest error. */
import { definePathSolver } from './facts.js';

/**
 * Strong order 3/2, weak order 2; adaptive. Two drifts and two diffusions a step.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const shark = definePathSolver({
  kind: 'shark',
  name: 'ShARK',
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
    'J. Foster, G. dos Reis, C. Strange, "High order splitting methods for SDEs satisfying a commutativity condition", SIAM J. Numer. Anal. 62 (2024)',
});
