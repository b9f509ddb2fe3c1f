/**
 * Roberts' improved Euler scheme, with a random sign for each noise: Itô's calculus. Heun's scheme is its twin for
 * Stratonovich's.
 */
import { definePathSolver } from './facts.js';

/**
 * Strong order 1 where each state has a noise of its own or there is one noise, 1/2 of any; weak order 1. Equal
 * steps alone: its embedded error does not shrink with the step. Two drifts and two diffusions a step.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const robertsImprovedEuler = definePathSolver({
  kind: 'robertsImprovedEuler',
  name: "Roberts' improved Euler",
  calculus: 'ito',
  orders: {
    additive: { strong: 1, weak: 1 },
    diagonal: { strong: 1, weak: 1 },
    scalar: { strong: 1, weak: 1 },
    commutative: { strong: 0.5, weak: 1 },
    general: { strong: 0.5, weak: 1 },
  },
  orderWithoutNoise: 2,
  drifts: 2,
  diffusions: 2,
  levyArea: true,
  abscissaeInside: true,
  source:
    'A. J. Roberts, "Modify the improved Euler scheme to integrate stochastic differential equations", arXiv:1210.0933 (2012)',
});
