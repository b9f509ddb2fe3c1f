/** Heun's stochastic method, the trapezoidal rule: Stratonovich's calculus by nature. */
import { definePathSolver } from './facts.js';

/**
 * Two drifts and two diffusions a step; order 1 of commutative noise and 1/2 of general noise, adaptive with both.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const heun = definePathSolver({
  kind: 'heun',
  name: 'Heun',
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
