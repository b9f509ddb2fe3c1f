/** Euler-Maruyama (Maruyama 1955) with equal steps. */
import { numberOption, optionsObject } from '../options/checks.js';
import type { SolverFacts } from './solver.js';

export interface EulerMaruyamaOptions {
  /** Equal steps from T to tEnd, 1 … 2^31 − 1. Default 1000. */
  steps?: number;
}

export interface EulerMaruyamaSolver extends SolverFacts {
  readonly kind: 'eulerMaruyama';
  readonly steps: number;
}

/** One score evaluation a step. Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION. */
export function eulerMaruyama(options?: EulerMaruyamaOptions): EulerMaruyamaSolver {
  const given = optionsObject('eulerMaruyama', options, ['steps']);
  return Object.freeze({
    kind: 'eulerMaruyama',
    name: 'Euler-Maruyama',
    orders: Object.freeze({ strong: 1, weak: 1 }),
    evaluationsPerStep: 1,
    steps: numberOption('eulerMaruyama.steps', given.steps, 1000, { min: 1, max: 2 ** 31 - 1, integer: true }),
  });
}
