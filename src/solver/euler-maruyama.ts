/** Euler-Maruyama (Maruyama 1955) with equal steps. */
import { MOST_STEPS } from '../options/limits.js';
import { number } from '../options/option.js';
import { defineSolver, type SolverFacts } from './facts.js';

export interface EulerMaruyamaOptions {
  /** Equal steps from T to tEnd, 1 … 2^31 − 1. Default 1000. */
  steps?: number;
}

export interface EulerMaruyamaSolver extends SolverFacts {
  readonly kind: 'eulerMaruyama';
  readonly steps: number;
}

/** One score evaluation a step. Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION. */
export const eulerMaruyama = defineSolver<EulerMaruyamaOptions, EulerMaruyamaSolver>({
  kind: 'eulerMaruyama',
  name: 'Euler-Maruyama',
  command: 'euler-maruyama',
  orders: { strong: 1, weak: 1 },
  evaluationsPerStep: 1,
  options: {
    steps: number({
      default: 1000,
      range: { min: 1, max: MOST_STEPS, integer: true },
      help: 'equal steps',
      flag: { positional: 'STEPS' },
    }),
  },
});
