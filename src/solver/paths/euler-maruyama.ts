/** Euler-Maruyama for paths. What users make, eulerMaruyama({ steps }), is the same for samples and paths. */
import { definePathSolver } from './facts.js';

export const eulerMaruyamaOfPaths = definePathSolver({
  kind: 'eulerMaruyama',
  name: 'Euler-Maruyama',
  calculus: 'ito',
  orders: {
    additive: { strong: 1, weak: 1 },
    diagonal: { strong: 0.5, weak: 1 },
    scalar: { strong: 0.5, weak: 1 },
    commutative: { strong: 0.5, weak: 1 },
    general: { strong: 0.5, weak: 1 },
  },
  orderWithoutNoise: 1,
  drifts: 1,
  diffusions: 1,
  levyArea: false,
  abscissaeInside: true,
  source: 'G. Maruyama, "Continuous Markov processes and stochastic equations", Rend. Circ. Mat. Palermo 4 (1955)',
});
