/** Dormand and Prince's pair of orders 5 and 4, for equations without noise. */
import { definePathSolver } from './facts.js';

/**
 * Adaptive. Six drifts a step, seven where it adapts.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const dormandPrince = definePathSolver({
  kind: 'dormandPrince',
  name: 'Dormand-Prince 5(4)',
  calculus: 'either',
  orders: {},
  orderWithoutNoise: 5,
  drifts: 6,
  diffusions: 0,
  levyArea: false,
  errorOrder: 5,
  estimate: { drifts: 1, diffusions: 0 },
  abscissaeInside: true,
  noiseless: true,
  source: 'J. R. Dormand, P. J. Prince, "A family of embedded Runge–Kutta formulae", J. Comput. Appl. Math. 6 (1980)',
});
