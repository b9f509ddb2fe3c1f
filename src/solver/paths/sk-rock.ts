/** SK-ROCK: explicit, for stiff equations, Itô's calculus. */
import { number } from '../../options/option.js';
import { definePathSolver } from './facts.js';

export interface SkRockOptions {
  /** Drifts a step, 1 … 1000. Default 10. */
  stages?: number;
}

/**
 * Strong order 1/2, 1 of additive noise; weak order 1. Equal steps h, stable in mean square for |lambda h| up to
 * about 1.94 stages². As many drifts a step as stages, and one diffusion.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const skRock = definePathSolver<SkRockOptions>(
  {
    kind: 'skRock',
    name: 'SK-ROCK',
    calculus: 'ito',
    orders: {
      additive: { strong: 1, weak: 1 },
      diagonal: { strong: 0.5, weak: 1 },
      scalar: { strong: 0.5, weak: 1 },
      commutative: { strong: 0.5, weak: 1 },
      general: { strong: 0.5, weak: 1 },
    },
    orderWithoutNoise: 1,
    drifts: ({ stages }) => stages,
    diffusions: 1,
    levyArea: false,
    abscissaeInside: true,
    source:
      'A. Abdulle, I. Almuslimani, G. Vilmart, "Optimal explicit stabilized integrator of weak order one for stiff and ergodic stochastic differential equations", SIAM/ASA J. Uncertain. Quantif. 6 (2018)',
  },
  {
    stages: number({
      default: 10,
      range: { min: 1, max: 1000, integer: true },
      help: 'drifts a step',
      flag: { none: 'stands in the problem file' },
    }),
  },
);
