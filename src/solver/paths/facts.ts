/** What a path solver is to `solve`, and how one is made from its facts and its own options. */
import type { Need } from '../../equations/lower.js';
import type { NoiseClass } from '../../equations/noise-class.js';
import type { Calculus } from '../../equations/sde.js';
import type { AnyOptionTable, OptionTable } from '../../options/option.js';
import { type CheckedSteps, checkedSteps, STEP_OPTIONS, type StepOptions } from '../../options/steps.js';

/** Orders of convergence; `strong` is left out where paths do not converge. */
export interface PathOrders {
  readonly strong?: number;
  readonly weak: number;
}

/** What every path solver declares. */
export interface PathSolverFacts {
  readonly kind: string;
  readonly name: string;
  readonly calculus: Calculus | 'either';
  /** Of each class of noise that it can do. */
  readonly orders: Readonly<Partial<Record<NoiseClass, PathOrders>>>;
  /** Where nothing is random. */
  readonly orderWithoutNoise: number;
  /** Evaluations of drift and of diffusion (of all columns) a step; they may depend on the solver's own numbers. */
  readonly drifts: number | ((numbers: Readonly<Record<string, number>>) => number);
  readonly diffusions: number;
  /** Whether it takes the space-time Lévy area of the noise beside its increment. */
  readonly levyArea: boolean;
  /** E = O(h^errorOrder) of its error estimate; absent: it has none, and takes equal steps only. */
  readonly errorOrder?: number;
  /** What the estimate costs beside. */
  readonly estimate?: { readonly drifts: number; readonly diffusions: number };
  /** Whether it evaluates within [t, t + h] only. */
  readonly abscissaeInside: boolean;
  /** What it needs besides drift and diffusion. */
  readonly needs?: readonly Need[];
  /** Equations of this form alone; langevin: see equations/langevin.ts. */
  readonly form?: 'langevin';
  /** Solves noise-free equations only. */
  readonly noiseless?: boolean;
  /** Where it was published. */
  readonly source: string;
}

/** A path solver with the steps it shall take. */
export interface PathSolver extends Readonly<CheckedSteps> {
  readonly kind: string;
  /** Its own options. */
  readonly numbers: Readonly<Record<string, number>>;
}

export interface PathSolverMaker<Own extends object = object> {
  (options?: StepOptions & Own): PathSolver;
  readonly facts: PathSolverFacts;
  /** Names of its own options. */
  readonly own: readonly string[];
}

/** `own`: a row for each of its own options, all numbers, in the order in which the addon takes them. */
export function definePathSolver<Own extends object = object>(
  facts: PathSolverFacts,
  own?: OptionTable<Own, Record<keyof Own & string, number>>,
): PathSolverMaker<Own> {
  const table = { ...STEP_OPTIONS, ...own } as unknown as AnyOptionTable;
  const names = Object.keys(own ?? {});
  const make = (options?: StepOptions & Own): PathSolver => {
    const { steps, numbers } = checkedSteps(facts, options, table, names);
    return Object.freeze({ kind: facts.kind, ...steps, numbers });
  };
  return Object.assign(make, { facts: Object.freeze(facts), own: names });
}
