/** Milstein's scheme with its derivatives, for noise that commutes. */
import { definePathSolver } from './facts.js';

/**
 * Strong order 1, weak order 1; adaptive. One drift, one diffusion and its derivatives a step, one of each more
 * where it adapts.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const milstein = definePathSolver({
  kind: 'milstein',
  name: 'Milstein',
  calculus: 'either',
  orders: {
    additive: { strong: 1, weak: 1 },
    diagonal: { strong: 1, weak: 1 },
    scalar: { strong: 1, weak: 1 },
    commutative: { strong: 1, weak: 1 },
  },
  orderWithoutNoise: 1,
  drifts: 1,
  diffusions: 1,
  levyArea: false,
  errorOrder: 1,
  estimate: { drifts: 1, diffusions: 1 },
  abscissaeInside: true,
  needs: ['milstein'],
  source:
    'G. N. Milstein, "Approximate integration of stochastic differential equations", Theory Probab. Appl. 19 (1974)',
});
