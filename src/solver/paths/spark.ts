/** SPaRK: Stratonovich's calculus. */
import { definePathSolver } from './facts.js';

/**
 * Strong order 3/2 of additive noise, 1 of noise that commutes, 1/2 of any; adaptive. Three drifts and three
 * diffusions a step.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const spark = definePathSolver({
  kind: 'spark',
  name: 'SPaRK',
  calculus: 'stratonovich',
  orders: {
    additive: { strong: 1.5, weak: 2 },
    diagonal: { strong: 1, weak: 1 },
    scalar: { strong: 1, weak: 1 },
    commutative: { strong: 1, weak: 1 },
    general: { strong: 0.5, weak: 1 },
  },
  orderWithoutNoise: 2,
  drifts: 3,
  diffusions: 3,
  levyArea: true,
  errorOrder: 1,
  abscissaeInside: true,
  source:
    'J. Foster, G. dos Reis, C. Strange, "High order splitting methods for SDEs satisfying a commutativity condition", SIAM J. Numer. Anal. 62 (2024)',
});
