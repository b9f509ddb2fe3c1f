/** A solver of any kind: the list as values and as a type, and a solver's numbers in the addon's form. */
import { invalidOption } from '../errors.js';
import type { NativeSolver } from '../native.js';
import type { ProcessData } from '../sde/facts.js';
import type { AnySolverMaker, SolverMaker } from './facts.js';
import * as listed from './list.js';

type Made<Maker> = Maker extends SolverMaker<infer _Options, infer Made> ? Made : never;

export type Solver = Made<(typeof listed)[keyof typeof listed]>;

export const SOLVERS = Object.values(listed) as unknown as readonly AnySolverMaker[];

/** What `sample` takes where no solver is given. */
export const DEFAULT_SOLVER = SOLVERS.find(({ definition }) => definition.isDefault)!;

/**
 * The solver's numbers for the addon, checked again, since the object may come from another thread or by hand. What was
 * left out and follows from the SDE is filled in.
 */
export function nativeSolver(solver: unknown, sde: Pick<ProcessData, 'dataRange'>): NativeSolver {
  const { kind } = (solver ?? {}) as { kind?: unknown };
  const make = SOLVERS.find(({ definition }) => definition.kind === kind);
  if (make === undefined) {
    const makers = SOLVERS.map(({ definition }) => `${definition.kind}()`).join(' or ');
    throw invalidOption('solver', solver, 'a solver', { hint: `Make one with ${makers}.` });
  }
  const { options } = make.definition;
  const pick = (from: unknown) => Object.keys(options).map(name => [name, (from as Record<string, never>)[name]]);
  const checked = pick(make(Object.fromEntries(pick(solver))));
  const numbers = checked.map(([name, value]) => [name, value ?? options[name].ofSde?.(sde)]);
  return { kind, ...Object.fromEntries(numbers) };
}
