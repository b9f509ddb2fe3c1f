/** ALIGN for Langevin equations, dx = v dt, dv = (F(x) − γ v) dt + σ dW: positions first, then as many velocities. */
import { definePathSolver } from './facts.js';

/**
 * Strong order 2, weak order 2; adaptive. Two drifts and one diffusion a step.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const align = definePathSolver({
  kind: 'align',
  name: 'ALIGN',
  calculus: 'either',
  orders: {
    additive: { strong: 2, weak: 2 },
  },
  orderWithoutNoise: 2,
  drifts: 2,
  diffusions: 1,
  levyArea: true,
  errorOrder: 2,
  abscissaeInside: true,
  needs: ['friction'],
  form: 'langevin',
  source:
    'J. Foster, T. Lyons, H. Oberhauser, "The shifted ODE method for underdamped Langevin MCMC", arXiv:2101.03446 (2021)',
});
