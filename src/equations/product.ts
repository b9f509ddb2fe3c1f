/**
 * Products whose common factors cancel: √v · (1/(2√v)) is 1/2, also at v = 0, where the two factors are 0 and ∞. That
 * is what becomes of g ∂g/∂x at the edge of a domain (CIR, Wright–Fisher, CEV).
 */
import { type Expression, type Graph, is } from './graph.js';

/** coefficient · Π base^exponent */
interface Factors {
  coefficient: number;
  readonly exponents: Map<Expression, number>;
}

/** Terms of a sum that are multiplied out, at most. */
const MOST_TERMS = 64;

/** a·b. A choice with a branch of 0 goes outside, so that the other branch is nowhere multiplied by its zero. */
export function product(graph: Graph, a: Expression, b: Expression): Expression {
  if (is(a, 0) || is(b, 0)) return graph.constant(0);
  if (isGate(b)) return gated(graph, b, branch => product(graph, a, branch));
  if (isGate(a)) return gated(graph, a, branch => product(graph, branch, b));
  const [left, right] = [termsOf(a), termsOf(b)];
  const cancel = (left.length > 1 || right.length > 1) && cancels(basesOf(left), basesOf(right));
  if (cancel && right.length > 1) return multipliedOut(graph, right, term => product(graph, a, term));
  if (cancel && left.length > 1) return multipliedOut(graph, left, term => product(graph, term, b));
  return rebuilt(graph, gathered([a, b])) ?? graph.mul(a, b);
}

/** base^exponent in the words that programs have: sqrt, and quotients for what is negative. */
export function power(graph: Graph, base: Expression, exponent: number): Expression {
  if (exponent === 1) return base;
  if (exponent === 0.5) return graph.apply('sqrt', base);
  if (exponent < 0) return graph.div(graph.constant(1), power(graph, base, -exponent));
  return graph.apply('pow', base, graph.constant(exponent));
}

const isGate = ({ op, args }: Expression): boolean => op === 'select' && (is(args[1], 0) || is(args[2], 0));

function gated(graph: Graph, { args }: Expression, change: (branch: Expression) => Expression): Expression {
  return graph.apply('select', args[0], change(args[1]), change(args[2]));
}

interface Term {
  readonly term: Expression;
  readonly isNegative: boolean;
}

/** Of a sum its terms, otherwise the expression itself; also where there are too many to multiply out. */
function termsOf(sum: Expression): Term[] {
  const terms: Term[] = [];
  const pending: Term[] = [{ term: sum, isNegative: false }];
  while (pending.length > 0) {
    const { term, isNegative } = pending.pop()!;
    const [a, b] = term.args;
    if (term.op === 'add' || term.op === 'sub') {
      pending.push({ term: b, isNegative: isNegative !== (term.op === 'sub') }, { term: a, isNegative });
    } else if (term.op === 'neg') pending.push({ term: a, isNegative: !isNegative });
    else terms.push({ term, isNegative });
    if (terms.length + pending.length > MOST_TERMS) return [{ term: sum, isNegative: false }];
  }
  return terms;
}

function multipliedOut(graph: Graph, terms: readonly Term[], change: (term: Expression) => Expression): Expression {
  return terms.reduce(
    (sum, { term, isNegative }) => (isNegative ? graph.sub : graph.add)(sum, change(term)),
    graph.constant(0),
  );
}

/** What the terms multiply by, and what they divide by. */
interface Bases {
  readonly above: Set<Expression>;
  readonly below: Set<Expression>;
}

function basesOf(terms: readonly Term[]): Bases {
  const bases: Bases = { above: new Set(), below: new Set() };
  for (const { term } of terms) {
    for (const branch of isGate(term) ? term.args.slice(1) : [term]) {
      for (const [base, exponent] of gathered([branch]).exponents) bases[exponent < 0 ? 'below' : 'above'].add(base);
    }
  }
  return bases;
}

function cancels(one: Bases, other: Bases): boolean {
  const meet = (above: Set<Expression>, below: Set<Expression>) => [...below].some(base => above.has(base));
  return meet(one.above, other.below) || meet(other.above, one.below);
}

function gathered(product: readonly Expression[]): Factors {
  const factors: Factors = { coefficient: 1, exponents: new Map() };
  const raise = (base: Expression, by: number): void => {
    factors.exponents.set(base, (factors.exponents.get(base) ?? 0) + by);
  };
  const pending = product.toReversed().map((expression): [Expression, number] => [expression, 1]);
  while (pending.length > 0) {
    const [expression, exponent] = pending.pop()!;
    const { op, args, value } = expression;
    if (op === 'constant') factors.coefficient *= value ** exponent;
    else if (op === 'neg') {
      factors.coefficient *= -1;
      pending.push([args[0], exponent]);
    } else if (op === 'mul') pending.push([args[1], exponent], [args[0], exponent]);
    else if (op === 'div') pending.push([args[1], -exponent], [args[0], exponent]);
    // A base is not looked into: √(x²) is not x.
    else if (op === 'sqrt') raise(args[0], exponent / 2);
    else if (op === 'pow' && args[1].op === 'constant') raise(args[0], exponent * args[1].value);
    else raise(expression, exponent);
  }
  return factors;
}

/** Undefined where the numbers among the factors overflow. */
function rebuilt(graph: Graph, { coefficient, exponents }: Factors): Expression | undefined {
  if (!Number.isFinite(coefficient) || coefficient === 0) return undefined;
  const raised = (bases: [Expression, number][]): Expression | undefined =>
    bases
      .map(([base, exponent]) => power(graph, base, Math.abs(exponent)))
      .reduce<Expression | undefined>((all, one) => (all ? graph.mul(all, one) : one), undefined);
  const all = [...exponents];
  const numerator = raised(all.filter(([, exponent]) => exponent > 0));
  const denominator = raised(all.filter(([, exponent]) => exponent < 0));
  const constant = graph.constant(coefficient);
  const above = numerator ? graph.mul(constant, numerator) : constant;
  return denominator ? graph.div(above, denominator) : above;
}
