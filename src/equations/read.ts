/**
 * What an equation's text means: expressions of a graph, and in an SDE's own form (dx = … dt + … dW1) the coefficients
 * of dt and of each dW.
 */
import { nearest } from '../options/checks.js';
import { equationFault, type Place, quoted } from './fault.js';
import { type Expression, type Graph, is, isTruth } from './graph.js';
import type { Step } from './parse.js';
import { FUNCTIONS, OPERATORS, OTHER_NAMES, type Word } from './vocabulary.js';

/** What the names of a text stand for. */
export interface Names {
  readonly graph: Graph;
  readonly values: ReadonlyMap<string, Expression>;
  /** Whether a name is dt or a dW; in texts that are functions none is. */
  readonly isDifferential: (name: string) => boolean;
  /** Where each expression was written first. */
  readonly places: Map<Expression, Place>;
}

/** plain + Σ coefficient·differential */
interface Linear {
  readonly plain: Expression;
  /** Where the part without a differential comes from. */
  readonly plainAt: Place;
  readonly parts: ReadonlyMap<string, Expression>;
  readonly place: Place;
}

const NO_PARTS: ReadonlyMap<string, Expression> = new Map();

/** A function of states, time and parameters. */
export function readFunction(steps: readonly Step[], names: Names): Expression {
  return read(steps, names).plain;
}

/** A condition, 1 or 0. */
export function readCondition(steps: readonly Step[], names: Names): Expression {
  const { plain, place } = read(steps, names);
  if (isTruth(plain)) return plain;
  throw equationFault(place, 'this is no condition', "Compare two values: 'x >= 0'.");
}

/** Coefficients by differential, with zeros left out. */
export function readDifferentials(steps: readonly Step[], names: Names): ReadonlyMap<string, Expression> {
  const { plain, plainAt, parts } = read(steps, names);
  if (is(plain, 0)) return parts;
  throw equationFault(plainAt, 'this term has neither dt nor a dW', 'Multiply it by one of them.');
}

function read(steps: readonly Step[], names: Names): Linear {
  const stack: Linear[] = [];
  for (const step of steps) {
    const operands = stack.splice(stack.length - step.operands, step.operands);
    const result = meaningOf(step, operands, names);
    if (!names.places.has(result.plain)) names.places.set(result.plain, step.place);
    for (const part of result.parts.values()) if (!names.places.has(part)) names.places.set(part, step.place);
    stack.push(result);
  }
  return stack[0];
}

function meaningOf(step: Step, operands: readonly Linear[], names: Names): Linear {
  const { graph } = names;
  const { kind, place } = step;
  const plainly = (plain: Expression): Linear => ({ plain, plainAt: place, parts: NO_PARTS, place });
  if (kind === 'number') return plainly(graph.constant(step.value));
  if (kind === 'name') {
    const value = names.values.get(step.word);
    if (value) return plainly(value);
    if (!names.isDifferential(step.word)) throw unknownName(step, names);
    const parts = new Map([[step.word, graph.constant(1)]]);
    return { plain: graph.constant(0), plainAt: place, parts, place };
  }
  if (operands.some(({ parts }) => parts.size > 0)) return linear(step, operands, graph);
  const values = operands.map(({ plain }) => plain);
  return plainly(kind === 'call' ? called(step, values, names) : operated(step, values, graph));
}

function called({ word, place }: Step, values: readonly Expression[], names: Names): Expression {
  const known = FUNCTIONS.get(word);
  if (!known) throw unknownFunction(word, place, names);
  const [fewest, most] = known.operands;
  if (values.length < fewest || values.length > most) {
    const takes = fewest === most ? `${most}` : `at least ${fewest}`;
    const problem = `${word} takes ${takes} argument${fewest === 1 ? '' : 's'}, not ${values.length}`;
    throw equationFault(place, problem, 'Correct what stands in its parentheses.');
  }
  return known.build(names.graph, values);
}

function operated({ word, place }: Step, values: readonly Expression[], graph: Graph): Expression {
  const words = word.split(' ').map(one => OPERATORS.get(one));
  if (words.includes(undefined)) throw equationFault(place, 'this operator is unknown', 'Use + - * / ^.');
  if (words.length === 1) return words[0]!.build(graph, values);
  // a < b <= c
  const compared = (words as Word[]).map(({ build }, i) => build(graph, values.slice(i, i + 2)));
  return compared.reduce((all, one) => graph.mul(all, one));
}

/** Sums, multiples and choices of differentials; anything else has no meaning. */
function linear({ kind, word, place }: Step, operands: readonly Linear[], graph: Graph): Linear {
  const [a, b, c] = operands;
  const mapped = (from: Linear, change: (coefficient: Expression) => Expression): Linear => ({
    plain: change(from.plain),
    plainAt: from.plainAt,
    parts: new Map([...from.parts].map(([name, coefficient]) => [name, change(coefficient)])),
    place,
  });
  const joined = (change: (one: Expression, other: Expression) => Expression, one: Linear, other: Linear): Linear => {
    const zero = graph.constant(0);
    const parts = [...new Set([...one.parts.keys(), ...other.parts.keys()])].map((name): [string, Expression] => [
      name,
      change(one.parts.get(name) ?? zero, other.parts.get(name) ?? zero),
    ]);
    return {
      plain: change(one.plain, other.plain),
      plainAt: is(one.plain, 0) ? other.plainAt : one.plainAt,
      parts: new Map(parts.filter(([, coefficient]) => !is(coefficient, 0))),
      place,
    };
  };
  if (kind === 'operator') {
    if (word === 'add') return joined(graph.add, a, b);
    if (word === 'subtract') return joined(graph.sub, a, b);
    if (word === 'unaryMinus') return mapped(a, graph.neg);
    if (word === 'unaryPlus') return a;
    if (word === 'multiply') {
      if (b.parts.size === 0) return mapped(a, coefficient => graph.mul(coefficient, b.plain));
      if (a.parts.size === 0) return mapped(b, coefficient => graph.mul(a.plain, coefficient));
      throw equationFault(place, 'a product of differentials', 'Write a sum of multiples of dt and of each dW.');
    }
    if (word === 'divide' && b.parts.size === 0) return mapped(a, coefficient => graph.div(coefficient, b.plain));
    if (word === 'select' && a.parts.size === 0) {
      return joined((one, other) => graph.apply('select', a.plain, one, other), b, c);
    }
  }
  const at = operands.find(({ parts }) => parts.size > 0)!.place;
  const problem = 'the equation is not linear in dt and dW: one stands inside a function, a power or a divisor';
  throw equationFault(at, problem, 'Write a sum of multiples of dt and of each dW.');
}

function unknownName({ word, place }: Step, { values }: Names) {
  const near = nearest(word, [...values.keys()]);
  const hint = FUNCTIONS.has(word)
    ? `It is a function: write ${word}(…).`
    : /^d[tW]/.test(word)
      ? 'Here stands what is before dt and dW; the form with them is `equations`.'
      : near
        ? `Did you mean ${near}?`
        : 'Add it to state or params.';
  return equationFault(place, `unknown name ${quoted(word)}`, hint);
}

function unknownFunction(word: string, place: Place, { values }: Names) {
  const known = OTHER_NAMES.get(word) ?? nearest(word, [...FUNCTIONS.keys()]);
  const hint = values.has(word)
    ? `It is a value: write ${word}*(…) for a product.`
    : known
      ? `Write ${known}.`
      : `Known are ${[...FUNCTIONS.keys()].join(', ')}.`;
  return equationFault(place, `unknown function ${quoted(word)}`, hint);
}
