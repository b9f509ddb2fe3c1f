/** What is known of a problem, as data: nothing is parsed before somebody asks for the problem. */
import type { Calculus } from '../equations/sde.js';
import type { SdeSpec } from '../equations/spec.js';

/** E[of(X(t))] as a text in the time t since the start, the states at the start (by their names), and the parameters. */
export interface ExpectationFacts {
  /** A function of the state, 'x^2'. */
  readonly of: string;
  readonly is: string;
}

export interface ProblemFacts {
  readonly calculus: Calculus;
  readonly spec: SdeSpec & { readonly params?: Readonly<Record<string, number>> };
  /** It starts at 0. */
  readonly t1: number;
  readonly x0: readonly number[];
  /**
   * X(t) path by path, one text a state, in t, the noises W1, … at t, the parameters, and the start: x0 is the state x at 0.
   */
  readonly path?: readonly string[];
  readonly expectations?: readonly ExpectationFacts[];
  /** E[of(X)] in the long run, whatever the start. */
  readonly stationary?: readonly { readonly of: string; readonly is: number }[];
  /** Where it comes from, or how the answers were derived. */
  readonly source: string;
}
