/** Derivatives by states. Where a function has a kink, they are those of one side; steps (floor, sign, <) have none. */
import { type Expression, type Graph, is, reachedFrom } from './graph.js';
import type { Op } from './ops.js';
import { power, product } from './product.js';

/** Derivatives by one state, those of shared parts computed once. */
export function derivativeBy(graph: Graph, state: number): (expression: Expression) => Expression {
  const zero = graph.constant(0);
  const known = new Map<Expression, Expression>();
  return expression => {
    for (const part of reachedFrom([expression], known)) known.set(part, ofPart(part));
    return known.get(expression)!;
  };

  function ofPart({ op, args, value }: Expression): Expression {
    if (op === 'state') return graph.constant(value === state ? 1 : 0);
    if (op === 'constant' || op === 'time' || op === 'param') return zero;
    const inner = args.map(arg => known.get(arg)!);
    if (inner.every(one => is(one, 0))) return zero;
    return chained(graph, op, args, inner);
  }
}

const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

/** f′(a)·a′ for functions of one operand: f′. */
const OUTER: Partial<Record<Op, (graph: Graph, a: Expression) => Expression>> = {
  abs: (graph, a) => graph.apply('sign', a),
  sign: graph => graph.constant(0),
  sqrt: (graph, a) => graph.div(graph.constant(0.5), graph.apply('sqrt', a)),
  exp: (graph, a) => graph.apply('exp', a),
  log: (graph, a) => graph.div(graph.constant(1), a),
  expm1: (graph, a) => graph.apply('exp', a),
  log1p: (graph, a) => graph.div(graph.constant(1), graph.add(graph.constant(1), a)),
  sin: (graph, a) => graph.apply('cos', a),
  cos: (graph, a) => graph.neg(graph.apply('sin', a)),
  tan: (graph, a) => graph.add(graph.constant(1), squareOf(graph, graph.apply('tan', a))),
  asin: (graph, a) => power(graph, graph.sub(graph.constant(1), squareOf(graph, a)), -0.5),
  acos: (graph, a) => graph.neg(power(graph, graph.sub(graph.constant(1), squareOf(graph, a)), -0.5)),
  atan: (graph, a) => power(graph, graph.add(graph.constant(1), squareOf(graph, a)), -1),
  sinh: (graph, a) => graph.apply('cosh', a),
  cosh: (graph, a) => graph.apply('sinh', a),
  tanh: (graph, a) => graph.sub(graph.constant(1), squareOf(graph, graph.apply('tanh', a))),
  erf: (graph, a) => graph.mul(graph.constant(TWO_OVER_ROOT_PI), graph.apply('exp', graph.neg(squareOf(graph, a)))),
  cbrt: (graph, a) => graph.div(graph.constant(1 / 3), squareOf(graph, graph.apply('cbrt', a))),
  floor: graph => graph.constant(0),
  ceil: graph => graph.constant(0),
  round: graph => graph.constant(0),
};

function squareOf(graph: Graph, a: Expression): Expression {
  return graph.apply('pow', a, graph.constant(2));
}

function chained(graph: Graph, op: Op, args: readonly Expression[], inner: readonly Expression[]): Expression {
  const [a, b] = args;
  const [da, db, dc] = inner;
  const outer = OUTER[op];
  if (outer) return product(graph, outer(graph, a), da);
  switch (op) {
    case 'neg':
      return graph.neg(da);
    case 'add':
      return graph.add(da, db);
    case 'sub':
      return graph.sub(da, db);
    case 'mul':
      return graph.add(product(graph, da, b), product(graph, a, db));
    case 'div':
      return graph.sub(
        product(graph, da, power(graph, b, -1)),
        product(graph, product(graph, a, db), power(graph, b, -2)),
      );
    case 'pow':
      return ofPower(graph, a, b, da, db);
    // Of equal operands the first counts: max(x, 0) has the slope 1 at 0.
    case 'min':
      return graph.apply('select', graph.apply('lessEqual', a, b), da, db);
    case 'max':
      return graph.apply('select', graph.apply('lessEqual', b, a), da, db);
    case 'atan2': {
      const squared = graph.add(squareOf(graph, a), squareOf(graph, b));
      const change = graph.sub(product(graph, b, da), product(graph, a, db));
      return product(graph, change, power(graph, squared, -1));
    }
    case 'select':
      return graph.apply('select', a, db, dc);
    default:
      return graph.constant(0);
  }
}

/** (a^b)′ = b·a^(b−1)·a′ + a^b·ln(a)·b′ */
function ofPower(graph: Graph, a: Expression, b: Expression, da: Expression, db: Expression): Expression {
  const lower =
    b.op === 'constant' ? power(graph, a, b.value - 1) : graph.apply('pow', a, graph.sub(b, graph.constant(1)));
  const ofBase = is(da, 0) ? da : product(graph, graph.mul(b, lower), da);
  if (is(db, 0)) return ofBase;
  const ofExponent = product(graph, graph.mul(graph.apply('pow', a, b), graph.apply('log', a)), db);
  return graph.add(ofBase, ofExponent);
}
