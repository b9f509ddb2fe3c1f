/** A look at the equations where they start: what is infinite, complex or undefined there is an error with its place. */
import { shown } from '../errors.js';
import { type Point, valuesAt } from './evaluate.js';
import { equationFault, optionFault, type Place } from './fault.js';
import type { Expression } from './graph.js';

export interface Probed {
  /** 'itoSde' */
  readonly where: string;
  readonly functions: readonly Expression[];
  readonly domain: readonly Expression[];
  readonly places: ReadonlyMap<Expression, Place>;
  readonly states: readonly string[];
  readonly params: readonly string[];
}

/** Throws ERR_SDE_INVALID_EQUATION. */
export function probe(probed: Probed, point: Point): void {
  const { where, functions, domain, places, states } = probed;
  const values = valuesAt([...functions, ...domain], point);
  const at = `t = ${point.t}, ${Array.from(states, (name, i) => `${name} = ${point.x[i]}`)
    .slice(0, 6)
    .join(', ')}${states.length > 6 ? ', …' : ''}`;
  for (const output of functions) {
    if (Number.isFinite(values.get(output))) continue;
    const { expression, place } = culprit(output, values, places);
    const problem = `${reason(expression, values, probed)} at ${at}`;
    const hint = 'Start elsewhere, or keep it away with max(…) or a condition.';
    throw place ? equationFault(place, problem, hint) : optionFault(where, undefined, problem, hint);
  }
  const outside = domain.find(condition => values.get(condition) !== 1);
  if (!outside) return;
  const place = places.get(outside)!;
  throw equationFault(place, `this does not hold at ${at}`, 'Start inside of the domain.');
}

/** The innermost expression that is not finite though what it is made of is, and the smallest known text around it. */
function culprit(
  output: Expression,
  values: ReadonlyMap<Expression, number>,
  places: ReadonlyMap<Expression, Place>,
): { expression: Expression; place?: Place } {
  let [expression, place] = [output, places.get(output)];
  for (;;) {
    const { op, args } = expression;
    // The branch that is not taken may be anything.
    const read = op === 'select' ? [args[0], values.get(args[0]) !== 0 ? args[1] : args[2]] : args;
    const inner = read.find(arg => !Number.isFinite(values.get(arg)));
    if (!inner) return { expression, place };
    expression = inner;
    place = places.get(inner) ?? place;
  }
}

function reason(
  { op, args, value }: Expression,
  values: ReadonlyMap<Expression, number>,
  { states, params }: Probed,
): string {
  const [a, b] = args.map(arg => values.get(arg)!);
  if (op === 'state') return `the state ${states[value]} is no finite number`;
  if (op === 'param') return `the parameter ${params[value]} is no finite number`;
  if (op === 'time') return 'the time is no finite number';
  if (op === 'div' && b === 0) return 'division by zero';
  if (op === 'pow' && a === 0) return 'division by zero: a negative power of 0';
  if (op === 'pow' && a < 0 && !Number.isInteger(b)) return `a complex value: the power ${shown(b)} of ${shown(a)}`;
  if (op === 'sqrt') return `a complex value: the square root of ${shown(a)}`;
  if (op === 'log' || op === 'log1p') {
    const argument = op === 'log' ? a : 1 + a;
    return argument < 0 ? `a complex value: the logarithm of ${shown(argument)}` : 'the logarithm of 0';
  }
  if (op === 'asin' || op === 'acos') return `a complex value: ${op}(${shown(a)})`;
  return 'the result is too large';
}
