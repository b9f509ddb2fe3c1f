/** What a solver is to the rest of the package, and how one is made from its table of options. */
import { type AnyOptionTable, checkedTable, type OptionTable } from '../options/option.js';
import type { Levels } from './levels.js';
import type { Evaluation } from './plan.js';

/** What every solver declares. */
export interface SolverFacts {
  readonly kind: string;
  readonly name: string;
  /** Orders of convergence where the noise does not depend on the state, as in every score-based SDE. */
  readonly orders: { readonly strong: number; readonly weak: number };
  /** Score evaluations of an accepted step. */
  readonly evaluationsPerStep: number;
}

/** A fact, or how it follows from the solver's options. */
type Following<Fact, Solver> = Fact | ((solver: Omit<Solver, keyof SolverFacts>) => Fact);

export interface SolverDefinition<Options extends object, Solver extends SolverFacts> {
  readonly kind: Solver['kind'];
  readonly name: string;
  readonly orders: Following<SolverFacts['orders'], Solver>;
  readonly evaluationsPerStep: Following<number, Solver>;
  /** Its name on the command line. */
  readonly command: string;
  /** The solver that `sample` takes where none is given: true for one. */
  readonly isDefault?: boolean;
  readonly options: OptionTable<Options, Solver>;
  /** Of a solver with the options `steps` and `grid` that is linear, and so needs no native code: its evaluations. */
  readonly plan?: (solver: Solver, levels: Levels) => Evaluation[];
}

/** The function that makes a solver from its options, with the definition beside it. */
export interface SolverMaker<Options extends object, Solver extends SolverFacts> {
  (options?: Options): Solver;
  readonly definition: SolverDefinition<Options, Solver>;
}

/** Any solver's maker, for code that goes through all of them. */
export interface AnySolverMaker {
  (options?: object): SolverFacts;
  readonly definition: Pick<SolverDefinition<object, SolverFacts>, 'kind' | 'name' | 'command' | 'isDefault'> & {
    readonly options: AnyOptionTable;
    readonly plan?: (solver: SolverFacts, levels: Levels) => Evaluation[];
  };
}

export function defineSolver<Options extends object, Solver extends SolverFacts>(
  definition: SolverDefinition<Options, Solver>,
): SolverMaker<Options, Solver> {
  const { kind, name, orders, evaluationsPerStep, options: table } = definition;
  const make = (options?: Options): Solver => {
    const checked = checkedTable<Options, Solver>(kind, options, table);
    const facts = {
      kind,
      name,
      orders: Object.freeze({ ...(typeof orders === 'function' ? orders(checked) : orders) }),
      evaluationsPerStep: typeof evaluationsPerStep === 'function' ? evaluationsPerStep(checked) : evaluationsPerStep,
    };
    return Object.freeze(Object.assign({}, facts, checked));
  };
  return Object.assign(make, { definition });
}
