/** The explicit midpoint rule: Stratonovich's calculus. */
import { definePathSolver } from './facts.js';

/**
 * Strong order 1 of noise that commutes, 1/2 of any; weak order 1; adaptive. Two drifts and two diffusions a step.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const midpoint = definePathSolver({
  kind: 'midpoint',
  name: 'Midpoint',
  calculus: 'stratonovich',
  orders: {
    additive: { strong: 1, weak: 1 },
    diagonal: { strong: 1, weak: 1 },
    scalar: { strong: 1, weak: 1 },
    commutative: { strong: 1, weak: 1 },
    general: { strong: 0.5, weak: 1 },
  },
  orderWithoutNoise: 2,
  drifts: 2,
  diffusions: 2,
  levyArea: false,
  errorOrder: 1,
  abscissaeInside: true,
  source: 'W. Rümelin, "Numerical treatment of stochastic differential equations", SIAM J. Numer. Anal. 19 (1982)',
});
