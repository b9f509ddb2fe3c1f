/** Algorithm 1 of "Gotta Go Fast When Generating Data with Score-Based Models" (arXiv:2105.14080). */
import { number } from '../options/option.js';
import { TOLERANCE_OPTIONS, type Tolerance, type ToleranceOptions } from '../options/tolerance.js';
import { defineSolver, type SolverFacts } from './facts.js';

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
export const adaptive = defineSolver<AdaptiveOptions, AdaptiveSolver>({
  kind: 'adaptive',
  name: 'adaptive',
  command: 'adaptive',
  isDefault: true,
  orders: { strong: 1, weak: 2 },
  evaluationsPerStep: 2,
  options: {
    ...TOLERANCE_OPTIONS,
    h0: number({
      default: 0.01,
      range: { above: 0 },
      help: 'first step',
      flag: { flags: '--h0 <number>', takes: 'number' },
    }),
    safety: number({
      default: 0.9,
      range: { above: 0, max: 1 },
      help: 'factor on every proposed step',
      flag: { flags: '--safety <number>', takes: 'number' },
    }),
    exponent: number({
      default: 0.9,
      range: { above: 0, max: 2 },
      help: 'exponent of the step controller',
      flag: { flags: '--exponent <number>', takes: 'number' },
    }),
  },
});
