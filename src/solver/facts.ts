/** What a solver is to the rest of the package, and how one is made from its table of options. */
import { type AnyOptionTable, checkedTable, type OptionTable } from '../options/option.js';

/** What every solver declares. */
export interface SolverFacts {
  readonly kind: string;
  readonly name: string;
  /** Orders of convergence where the noise does not depend on the state, as in every score-based SDE. */
  readonly orders: { readonly strong: number; readonly weak: number };
  /** Score evaluations of an accepted step. */
  readonly evaluationsPerStep: number;
}

export interface SolverDefinition<Options extends object, Solver extends SolverFacts> extends SolverFacts {
  readonly kind: Solver['kind'];
  /** Its name on the command line. */
  readonly command: string;
  /** The solver that `sample` takes where none is given: true for one. */
  readonly isDefault?: boolean;
  readonly options: OptionTable<Options, Solver>;
}

/** The function that makes a solver from its options, with the definition beside it. */
export interface SolverMaker<Options extends object, Solver extends SolverFacts> {
  (options?: Options): Solver;
  readonly definition: SolverDefinition<Options, Solver>;
}

/** Any solver's maker, for code that goes through all of them. */
export interface AnySolverMaker {
  (options?: object): SolverFacts;
  readonly definition: Omit<SolverDefinition<object, SolverFacts>, 'options'> & { readonly options: AnyOptionTable };
}

export function defineSolver<Options extends object, Solver extends SolverFacts>(
  definition: SolverDefinition<Options, Solver>,
): SolverMaker<Options, Solver> {
  const { kind, name, evaluationsPerStep, options: table } = definition;
  const facts = { kind, name, orders: Object.freeze({ ...definition.orders }), evaluationsPerStep };
  const make = (options?: Options): Solver =>
    Object.freeze(Object.assign({}, facts, checkedTable<Options, Solver>(kind, options, table)));
  return Object.assign(make, { definition });
}
