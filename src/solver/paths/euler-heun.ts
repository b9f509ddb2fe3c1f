/** Euler-Heun, the trapezoidal rule for the noise alone: Stratonovich's calculus. */
import { definePathSolver } from './facts.js';

/**
 * Strong order 1 of noise that commutes, 1/2 of any; weak order 1; adaptive. One drift and two diffusions a step,
 * one drift more where it adapts.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const eulerHeun = definePathSolver({
  kind: 'eulerHeun',
  name: 'Euler-Heun',
  calculus: 'stratonovich',
  orders: {
    additive: { strong: 1, weak: 1 },
    diagonal: { strong: 1, weak: 1 },
    scalar: { strong: 1, weak: 1 },
    commutative: { strong: 1, weak: 1 },
    general: { strong: 0.5, weak: 1 },
  },
  orderWithoutNoise: 1,
  drifts: 1,
  diffusions: 2,
  levyArea: false,
  errorOrder: 1,
  estimate: { drifts: 1, diffusions: 0 },
  abscissaeInside: true,
  source: 'P. E. Kloeden, E. Platen, "Numerical Solution of Stochastic Differential Equations" (1992), chapter 11',
});
