/** dx = f dt + G dW as expressions, and the derivatives of G along its own columns. */
import { derivativeBy } from './derivative.js';
import { type Expression, type Graph, is, statesOf } from './graph.js';
import { product } from './product.js';

/** g at (state, noise), not zero. */
export interface Entry {
  readonly state: number;
  readonly noise: number;
  readonly value: Expression;
}

export interface System {
  readonly graph: Graph;
  readonly states: number;
  readonly noises: number;
  readonly drift: readonly Expression[];
  /** By state, then by noise. */
  readonly entries: readonly Entry[];
  /** What no text says: the drift is empty then, and entries say where there are any, not what they are. */
  readonly outside?: { readonly drift: boolean; readonly diffusion: boolean };
}

/** L^along g(state, noise) = Σ_l g(l, along) · ∂g(state, noise)/∂x_l, where it is not zero. */
export interface Directional {
  readonly state: number;
  readonly along: number;
  readonly noise: number;
  /** What is summed over l. */
  readonly terms: readonly Expression[];
  readonly value: Expression;
}

/** By state, then by noise, without zeros. */
export function sorted(entries: readonly Entry[]): Entry[] {
  return entries.filter(({ value }) => !is(value, 0)).sort((a, b) => a.state - b.state || a.noise - b.noise);
}

/** Entries, each with the states that it depends on, by state. */
function dependents<E extends { readonly value: Expression }>(entries: readonly E[]): Map<number, E[]> {
  const byState = new Map<number, E[]>();
  const known = new Map<Expression, Set<number>>();
  for (const entry of entries) {
    const states = known.get(entry.value) ?? statesOf(entry.value);
    known.set(entry.value, states);
    for (const state of states) listed(byState, state, entry);
  }
  return byState;
}

function listed<Item>(lists: Map<number, Item[]>, key: number, item: Item): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}

/** Entries of each state's row. */
function rowsOf(entries: readonly Entry[]): Map<number, Entry[]> {
  const rows = new Map<number, Entry[]>();
  for (const entry of entries) listed(rows, entry.state, entry);
  return rows;
}

/** Pairs of a driven state and an entry that depends on it: the terms that `directionals` computes. */
export function countDirectionals({ entries }: System): number {
  const driven = rowsOf(entries);
  const counts = [...dependents(entries)].map(([state, list]) => list.length * (driven.get(state)?.length ?? 0));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** All derivatives along columns that are wanted, by state, along, noise. */
export function directionals(
  { graph, entries }: System,
  wanted: (along: number, noise: number) => boolean = () => true,
): Directional[] {
  const driven = rowsOf(entries);
  const found = new Map<string, { state: number; along: number; noise: number; terms: Expression[] }>();
  for (const [l, list] of dependents(entries)) {
    const derivative = derivativeBy(graph, l);
    for (const { state, noise, value } of list) {
      for (const { noise: along, value: direction } of driven.get(l) ?? []) {
        if (!wanted(along, noise)) continue;
        const term = product(graph, direction, derivative(value));
        if (is(term, 0)) continue;
        const key = `${state} ${along} ${noise}`;
        const sum = found.get(key) ?? { state, along, noise, terms: [] };
        sum.terms.push(term);
        found.set(key, sum);
      }
    }
  }
  return [...found.values()]
    .map(one => ({ ...one, value: one.terms.reduce(graph.add) }))
    .filter(({ value }) => !is(value, 0))
    .sort((a, b) => a.state - b.state || a.along - b.along || a.noise - b.noise);
}

/** ∂f_i/∂x_j where it is not zero, by i, then j. */
export function jacobian({ graph, drift }: System): { row: number; column: number; value: Expression }[] {
  const rows = drift.map((value, row) => ({ row, value }));
  const found = [...dependents(rows)].flatMap(([column, list]) => {
    const derivative = derivativeBy(graph, column);
    return list.map(({ row, value }) => ({ row, column, value: derivative(value) }));
  });
  return found.filter(({ value }) => !is(value, 0)).sort((a, b) => a.row - b.row || a.column - b.column);
}
