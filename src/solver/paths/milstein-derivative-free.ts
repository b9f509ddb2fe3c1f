/**
 * Platen's explicit scheme of strong order 1: Milstein's with a difference in place of the derivative, for the Itô
 * calculus.
 */
import { definePathSolver } from './facts.js';

/**
 * Strong order 1, weak order 1 where each state has a noise of its own or there is one noise; adaptive. One drift
 * and two diffusions a step, one of each more where it adapts.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const milsteinDerivativeFree = definePathSolver({
  kind: 'milsteinDerivativeFree',
  name: 'Derivative-free Milstein',
  calculus: 'ito',
  orders: {
    diagonal: { strong: 1, weak: 1 },
    scalar: { strong: 1, weak: 1 },
  },
  orderWithoutNoise: 1,
  drifts: 1,
  diffusions: 2,
  levyArea: false,
  errorOrder: 1,
  estimate: { drifts: 1, diffusions: 1 },
  abscissaeInside: true,
  source: 'P. E. Kloeden, E. Platen, "Numerical Solution of Stochastic Differential Equations" (1992), (11.1.3)',
});
