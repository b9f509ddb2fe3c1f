/** A text as a JavaScript function of numbers. */
import { valuesAt } from './evaluate.js';
import { type Expression, Graph } from './graph.js';
import { parse } from './parse.js';
import { readFunction } from './read.js';
import { CONSTANTS } from './spec.js';

/** Of the values of `names`, in their order. Throws ERR_SDE_INVALID_EQUATION with the place in the text. */
export function textFunction(
  option: string,
  text: string,
  names: readonly string[],
): (values: ArrayLike<number>) => number {
  const graph = new Graph();
  const values = new Map<string, Expression>([
    ...names.map((name, i): [string, Expression] => [name, graph.state(i)]),
    ...[...CONSTANTS].map(([name, value]): [string, Expression] => [name, graph.constant(value)]),
  ]);
  const expression = readFunction(parse(option, text), {
    graph,
    values,
    places: new Map(),
    isDifferential: () => false,
  });
  return x => valuesAt([expression], { x, t: 0, params: [] }).get(expression)!;
}
