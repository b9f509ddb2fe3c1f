/** Euler's scheme with an implicit drift, for stiff equations: Itô's calculus. */
import { number } from '../../options/option.js';
import { definePathSolver } from './facts.js';

export interface DriftImplicitOptions {
  /** Weight of the drift at the end of the step, in (0, 1]; 1/2 gives order 2 where there is no noise. Default 1. */
  theta?: number;
}

/**
 * Strong order 1/2, 1 of additive noise; weak order 1. Equal steps. Newton's method with the equations' own
 * Jacobian, as a dense matrix: of d states, d³ operations a step. A path on which it does not converge ends as
 * 'nonFinite'. The count of its drifts leaves Newton's out.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const driftImplicit = definePathSolver<DriftImplicitOptions>(
  {
    kind: 'driftImplicit',
    name: 'Drift-implicit Euler',
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
    needs: ['jacobian'],
    source: 'P. E. Kloeden, E. Platen, "Numerical Solution of Stochastic Differential Equations" (1992), section 12.2',
  },
  {
    theta: number({
      default: 1,
      range: { above: 0, max: 1 },
      help: 'weight of the drift at the end of the step',
      flag: { none: 'stands in the problem file' },
    }),
  },
);
