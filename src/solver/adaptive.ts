/** Algorithm 1 of "Gotta Go Fast When Generating Data with Score-Based Models" (arXiv:2105.14080). */
import { numberOption, optionsObject } from '../options/checks.js';
import { type Tolerance, type ToleranceOptions, tolerance } from '../options/tolerance.js';
import type { SolverFacts } from './solver.js';

export interface AdaptiveOptions extends ToleranceOptions {
  /** First step, in units of t, > 0. Default 0.01. */
  h0?: number;
  /** Factor on every proposed step, in (0, 1]. Default 0.9. */
  safety?: number;
  /** h ← safety·h·E^−exponent, in (0, 2]; E is the error in units of the tolerance. Default 0.9. */
  exponent?: number;
}

export interface AdaptiveSolver extends Tolerance, SolverFacts {
  readonly kind: 'adaptive';
  readonly h0: number;
  readonly safety: number;
  readonly exponent: number;
}

/**
 * Stochastic improved Euler with its embedded Euler-Maruyama step for an error estimate: a step size of its own for
 * every sample, two score evaluations a step (one for a step retried after a rejection).
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export function adaptive(options?: AdaptiveOptions): AdaptiveSolver {
  const given = optionsObject('adaptive', options, ['rtol', 'atol', 'scale', 'norm', 'h0', 'safety', 'exponent']);
  return Object.freeze({
    kind: 'adaptive',
    name: 'adaptive',
    orders: Object.freeze({ strong: 1, weak: 2 }),
    evaluationsPerStep: 2,
    ...tolerance(given, 'adaptive'),
    h0: numberOption('adaptive.h0', given.h0, 0.01, { above: 0 }),
    safety: numberOption('adaptive.safety', given.safety, 0.9, { above: 0, max: 1 }),
    exponent: numberOption('adaptive.exponent', given.exponent, 0.9, { above: 0, max: 2 }),
  });
}
