/** SLOW-RK: Stratonovich's calculus, for noise that commutes. */
import { definePathSolver } from './facts.js';

/**
 * Strong order 3/2, weak order 2. Equal steps. Two drifts and five diffusions a step.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const slowRk = definePathSolver({
  kind: 'slowRk',
  name: 'SLOW-RK',
  calculus: 'stratonovich',
  orders: {
    additive: { strong: 1.5, weak: 2 },
    diagonal: { strong: 1.5, weak: 2 },
    scalar: { strong: 1.5, weak: 2 },
    commutative: { strong: 1.5, weak: 2 },
  },
  orderWithoutNoise: 2,
  drifts: 2,
  diffusions: 5,
  levyArea: true,
  abscissaeInside: true,
  source:
    'J. Foster, G. dos Reis, C. Strange, "High order splitting methods for SDEs satisfying a commutativity condition", SIAM J. Numer. Anal. 62 (2024)',
});
