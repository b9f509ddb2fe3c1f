/** What a solver is to the rest of the package. A new solver adds a file beside this one and a line in each list here. */
import { invalidOption } from '../errors.js';
import type { NativeSolver } from '../native.js';
import { defaultAtol } from '../options/tolerance.js';
import { type AdaptiveSolver, adaptive } from './adaptive.js';
import { type EulerMaruyamaSolver, eulerMaruyama } from './euler-maruyama.js';

/** What every solver declares. */
export interface SolverFacts {
  readonly name: string;
  /** Orders of convergence where the noise does not depend on the state, as in every score-based SDE. */
  readonly orders: { readonly strong: number; readonly weak: number };
  /** Score evaluations of an accepted step. */
  readonly evaluationsPerStep: number;
}

export type Solver = AdaptiveSolver | EulerMaruyamaSolver;

/**
 * The solver's numbers for the addon, checked again, since the object may come from another thread or by hand.
 * `dataRange` stands in for an `atol` that was left out.
 */
export function nativeSolver(solver: Solver, dataRange: readonly [number, number]): NativeSolver {
  switch (solver?.kind) {
    case 'adaptive': {
      const { rtol, atol, scale, norm, h0, safety, exponent } = solver;
      const checked = adaptive({ rtol, atol, scale, norm, h0, safety, exponent });
      return {
        kind: 'adaptive',
        rtol: checked.rtol,
        atol: checked.atol ?? defaultAtol(dataRange),
        scale: checked.scale,
        norm: checked.norm,
        h0: checked.h0,
        safety: checked.safety,
        exponent: checked.exponent,
      };
    }
    case 'eulerMaruyama':
      return { kind: 'eulerMaruyama', steps: eulerMaruyama({ steps: solver.steps }).steps };
    default:
      throw invalidOption('solver', solver, 'a solver', { hint: 'Make one with adaptive() or eulerMaruyama().' });
  }
}
