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
  const factors = gathered([a, b]);
  const terms = termsOf(b);
  if (terms.length > 1 && terms.some(({ term }) => cancels(factors, term))) return multipliedOut(graph, a, terms);
  return rebuilt(graph, factors) ?? graph.mul(a, b);
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

function multipliedOut(graph: Graph, a: Expression, terms: readonly Term[]): Expression {
  return terms.reduce(
    (sum, { term, isNegative }) => (isNegative ? graph.sub : graph.add)(sum, product(graph, a, term)),
    graph.constant(0),
  );
}

/** Whether the term divides by what the factors have as a factor. */
function cancels(factors: Factors, term: Expression): boolean {
  const branches = isGate(term) ? term.args.slice(1) : [term];
  return branches.some(branch =>
    [...gathered([branch]).exponents].some(
      ([base, exponent]) => exponent < 0 && (factors.exponents.get(base) ?? 0) > 0,
    ),
  );
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
