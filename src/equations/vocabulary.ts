/** Functions and operators that an equation may use, and what they are made of. */
import { type Expression, type Graph, isTruth } from './graph.js';
import { OPS, type Op, operandsOf, type ProgramOp } from './ops.js';

export interface Word {
  /** Fewest and most operands. */
  readonly operands: readonly [number, number];
  readonly build: (graph: Graph, args: readonly Expression[]) => Expression;
}

type Build = Word['build'];

const plain = (op: Op, count: number): Word => ({
  operands: [count, count],
  build: (graph, args) => graph.apply(op, ...args),
});

const made = (count: number, build: Build): Word => ({ operands: [count, count], build });

const truth = (graph: Graph, a: Expression): Expression =>
  isTruth(a) ? a : graph.sub(graph.constant(1), graph.apply('equal', a, graph.constant(0)));

const not: Build = (graph, [a]) => graph.sub(graph.constant(1), truth(graph, a));

/** min and max of any number, from the left. */
const foldedBy = (op: Op): Word => ({
  operands: [1, Number.POSITIVE_INFINITY],
  build: (graph, args) => args.reduce((sum, arg) => graph.apply(op, sum, arg)),
});

const mod: Build = (graph, [a, b]) => graph.sub(a, graph.mul(b, graph.apply('floor', graph.div(a, b))));

const logarithm = (base: number): Word =>
  made(1, (graph, [a]) => graph.div(graph.apply('log', a), graph.constant(Math.log(base))));

const square = (graph: Graph, a: Expression): Expression => graph.apply('pow', a, graph.constant(2));
const root = (graph: Graph, a: Expression): Expression => graph.apply('sqrt', a);
const inverse = (op: Op): Word => made(1, (graph, [a]) => graph.div(graph.constant(1), graph.apply(op, a)));

/** |a| + a²/(1 + √(1 + a²)) keeps the digits of a small a. */
const asinh: Build = (graph, [a]) => {
  const one = graph.constant(1);
  const squared = square(graph, a);
  const denominator = graph.add(one, root(graph, graph.add(one, squared)));
  const above = graph.add(graph.apply('abs', a), graph.div(squared, denominator));
  return graph.mul(graph.apply('sign', a), graph.apply('log1p', above));
};

const acosh: Build = (graph, [a]) =>
  graph.apply('log', graph.add(a, root(graph, graph.sub(square(graph, a), graph.constant(1)))));

const atanh: Build = (graph, [a]) => {
  const ratio = graph.div(graph.mul(graph.constant(2), a), graph.sub(graph.constant(1), a));
  return graph.mul(graph.constant(0.5), graph.apply('log1p', ratio));
};

/** Operations of one operand are functions by their own names; neg is an operator. */
const isFunction = (op: ProgramOp): op is Op => operandsOf(op) === 1 && !['fill', 'copy', 'neg'].includes(op);

export const FUNCTIONS: ReadonlyMap<string, Word> = new Map<string, Word>([
  ...OPS.filter(isFunction).map((op): [string, Word] => [op, plain(op, 1)]),
  ['pow', plain('pow', 2)],
  ['atan2', plain('atan2', 2)],
  ['min', foldedBy('min')],
  ['max', foldedBy('max')],
  ['mod', made(2, mod)],
  ['log2', logarithm(2)],
  ['log10', logarithm(10)],
  ['square', made(1, (graph, [a]) => square(graph, a))],
  ['hypot', made(2, (graph, [a, b]) => root(graph, graph.add(square(graph, a), square(graph, b))))],
  ['asinh', made(1, asinh)],
  ['acosh', made(1, acosh)],
  ['atanh', made(1, atanh)],
  ['sec', inverse('cos')],
  ['csc', inverse('sin')],
  ['cot', inverse('tan')],
]);

/** What people call functions of ours elsewhere. */
export const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['ln', 'log'],
  ['arcsin', 'asin'],
  ['arccos', 'acos'],
  ['arctan', 'atan'],
  ['fabs', 'abs'],
  ['sgn', 'sign'],
  ['heaviside', 'x > 0'],
  ['sigmoid', '1/(1 + exp(-x))'],
  ['if', 'condition ? a : b'],
]);

/** By mathjs' word. */
export const OPERATORS: ReadonlyMap<string, Word> = new Map<string, Word>([
  ['add', plain('add', 2)],
  ['subtract', plain('sub', 2)],
  ['multiply', plain('mul', 2)],
  ['divide', plain('div', 2)],
  ['pow', plain('pow', 2)],
  ['unaryMinus', plain('neg', 1)],
  ['unaryPlus', made(1, (_, [a]) => a)],
  ['mod', made(2, mod)],
  ['smaller', plain('less', 2)],
  ['smallerEq', plain('lessEqual', 2)],
  ['larger', made(2, (graph, [a, b]) => graph.apply('less', b, a))],
  ['largerEq', made(2, (graph, [a, b]) => graph.apply('lessEqual', b, a))],
  ['equal', plain('equal', 2)],
  ['unequal', made(2, (graph, [a, b]) => not(graph, [graph.apply('equal', a, b)]))],
  ['and', made(2, (graph, [a, b]) => graph.mul(truth(graph, a), truth(graph, b)))],
  ['or', made(2, (graph, [a, b]) => graph.apply('max', truth(graph, a), truth(graph, b)))],
  ['xor', made(2, (graph, [a, b]) => graph.apply('abs', graph.sub(truth(graph, a), truth(graph, b))))],
  ['not', made(1, not)],
  ['select', plain('select', 3)],
]);
