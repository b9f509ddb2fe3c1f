/** BAOAB for Langevin equations, dx = v dt, dv = (F(x) − γ v) dt + σ dW: positions first, then as many velocities. */
import { definePathSolver } from './facts.js';

/**
 * Weak order 2; of a harmonic well exact in the stationary law of positions. Equal steps. Two drifts and one
 * diffusion a step.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const baoab = definePathSolver({
  kind: 'baoab',
  name: 'BAOAB',
  calculus: 'either',
  orders: {
    additive: { weak: 2 },
  },
  orderWithoutNoise: 2,
  drifts: 2,
  diffusions: 1,
  levyArea: false,
  abscissaeInside: true,
  needs: ['friction'],
  form: 'langevin',
  source:
    'B. Leimkuhler, C. Matthews, "Rational construction of stochastic numerical methods for molecular sampling", Appl. Math. Res. Express 2013',
});
