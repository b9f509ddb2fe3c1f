/** Problems with exact answers, for tests of solvers and for measuring their orders. */
import { type EquationSde, itoSde, stratonovichSde } from '../equations/sde.js';
import { textFunction } from '../equations/text-function.js';
import type { ProblemFacts } from './facts.js';
import * as listed from './list.js';

/** An expectation of the exact solution. */
export interface Expectation {
  /** A function of the state as text, 'x^2'. */
  readonly of: string;
  /** E[of(X(t))] for the time t since the start. */
  at(t: number): number;
}

export interface Problem {
  readonly name: string;
  readonly sde: EquationSde;
  readonly t0: number;
  readonly t1: number;
  readonly x0: readonly number[];
  /** X(t) where the noises are W at t. Undefined where the solution is no function of t and W(t). */
  readonly path?: (t: number, W: ArrayLike<number>) => number[];
  readonly expectations: readonly Expectation[];
  /** In the long run, whatever the start. */
  readonly stationary: readonly { readonly of: string; readonly value: number }[];
  /** Where the problem and its answers come from. */
  readonly source: string;
}

export type ProblemName = keyof typeof listed;

/** By name, a function that makes the problem: `problems.heston()`. */
export const problems = Object.freeze(
  Object.fromEntries(Object.entries(listed).map(([name, facts]) => [name, () => made(name, facts)])),
) as { readonly [Name in ProblemName]: () => Problem };

function made(name: string, facts: ProblemFacts): Problem {
  const { calculus, spec, t1, x0, path, expectations = [], stationary = [], source } = facts;
  const sde = (calculus === 'ito' ? itoSde : stratonovichSde)(spec);
  const params = Object.entries(spec.params ?? {});
  const names = ['t', ...params.map(([param]) => param)];
  const numbers = params.map(([, value]) => value);
  const start = sde.states.map(state => `${state}0`);
  const texts = path?.map(text => textFunction(`${name}.path`, text, [...names, ...start, ...sde.noises]));
  return Object.freeze({
    name,
    sde,
    t0: 0,
    t1,
    x0,
    path: texts && ((t, W) => texts.map(text => text([t, ...numbers, ...x0, ...Array.from(W)]))),
    expectations: expectations.map(({ of, is }) => {
      const value = textFunction(`${name}.expectations`, is, [...names, ...sde.states]);
      return { of, at: (t: number) => value([t, ...numbers, ...x0]) };
    }),
    stationary: stationary.map(({ of, is }) => ({ of, value: is })),
    source,
  } satisfies Problem);
}
