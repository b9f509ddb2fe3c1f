/** A solver of any kind: the list as values and as a type, and a solver's numbers in the addon's form. */
import { invalidOption } from '../errors.js';
import type { NativeSolver } from '../native.js';
import type { Gridded } from '../options/grid.js';
import type { ProcessData } from '../sde/facts.js';
import type { AnySolverMaker, SolverMaker } from './facts.js';
import { levelsOf, type Process } from './levels.js';
import * as listed from './list.js';
import { nativePlan } from './plan.js';

type Made<Maker> = Maker extends SolverMaker<infer _Options, infer Made> ? Made : never;

export type Solver = Made<(typeof listed)[keyof typeof listed]>;

export const SOLVERS = Object.values(listed) as unknown as readonly AnySolverMaker[];

/** The addon's word for a solver that is a plan. */
const PLANNED = 'linear';

/** The addon's words for all of them. */
export const NATIVE_KINDS = [
  ...new Set(SOLVERS.map(({ definition: { kind, plan } }) => (plan === undefined ? kind : PLANNED))),
];

/** What `sample` takes where no solver is given. */
export const DEFAULT_SOLVER = SOLVERS.find(({ definition }) => definition.isDefault)!;

/**
 * The solver's numbers for the addon, checked again, since the object may come from another thread or by hand. What was
 * left out and follows from the SDE is filled in.
 */
export function nativeSolver(solver: unknown, sde: Process & Pick<ProcessData, 'dataRange'>): NativeSolver {
  const { kind } = (solver ?? {}) as { kind?: unknown };
  const make = SOLVERS.find(({ definition }) => definition.kind === kind);
  if (make === undefined) {
    const makers = SOLVERS.map(({ definition }) => `${definition.kind}()`).join(' or ');
    throw invalidOption('solver', solver, 'a solver', { hint: `Make one with ${makers}.` });
  }
  const { options, plan } = make.definition;
  const pick = (from: unknown) => Object.keys(options).map(name => [name, (from as Record<string, never>)[name]]);
  const again = make(Object.fromEntries(pick(solver)));
  if (plan !== undefined) {
    const levels = levelsOf(make.definition.kind, again as unknown as Gridded, sde);
    return { kind: PLANNED, plan: nativePlan(make.definition.kind, plan(again, levels), levels) };
  }
  const checked = pick(again);
  const numbers = checked.map(([name, value]) => [name, value ?? options[name].ofSde?.(sde)]);
  return { kind, ...Object.fromEntries(numbers) };
}
