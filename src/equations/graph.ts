/**
 * Expressions as a graph in which equal ones exist once, so that what two equations have in common is computed once.
 *
 * What is simplified keeps every finite result: x + 0, x·1, x/1, signs, functions of constants. Beyond that x·0, 0/x
 * and x − x are 0 and x^0 is 1 also where x is not finite: they say what an equation depends on.
 */
import { sdeError } from '../errors.js';
import { compute } from './arithmetic.js';
import { isCommutative, isComparison, type Op } from './ops.js';

export type Leaf = 'constant' | 'state' | 'time' | 'param';

export interface Expression {
  readonly op: Op | Leaf;
  readonly args: readonly Expression[];
  /** A constant's value; the index of a state or a parameter. */
  readonly value: number;
  /** Larger than those of its arguments. */
  readonly id: number;
}

/** Of one graph: keeps memory and time within bounds whatever the equations are. */
const MOST_EXPRESSIONS = 1_000_000;

export class Graph {
  private readonly known = new Map<string, Expression>();

  constant(value: number): Expression {
    return this.leaf('constant', Object.is(value, -0) ? 0 : value);
  }

  state(index: number): Expression {
    return this.leaf('state', index);
  }

  time(): Expression {
    return this.leaf('time', 0);
  }

  param(index: number): Expression {
    return this.leaf('param', index);
  }

  /** The expression, simplified. Throws ERR_SDE_INVALID_EQUATION where there are too many. */
  apply(op: Op, ...args: Expression[]): Expression {
    if (args.every(arg => arg.op === 'constant')) return this.folded(op, args) ?? this.node(op, args);
    // So that the slope of max(0, x) at 0 is that of max(x, 0).
    const isTurned = (op === 'min' || op === 'max') && args[0].op === 'constant';
    return this.simplified(op, args) ?? this.node(op, isTurned ? args.reverse() : args);
  }

  add = (a: Expression, b: Expression): Expression => this.apply('add', a, b);
  sub = (a: Expression, b: Expression): Expression => this.apply('sub', a, b);
  mul = (a: Expression, b: Expression): Expression => this.apply('mul', a, b);
  div = (a: Expression, b: Expression): Expression => this.apply('div', a, b);
  neg = (a: Expression): Expression => this.apply('neg', a);

  /** Functions of constants are computed here, once and for every device. What is not finite is left to the probe. */
  private folded(op: Op, args: readonly Expression[]): Expression | undefined {
    const [a, b, c] = args;
    const value = compute(op, a.value, b?.value, c?.value);
    return Number.isFinite(value) ? this.constant(value) : undefined;
  }

  private simplified(op: Op, [a, b, c]: readonly Expression[]): Expression | undefined {
    switch (op) {
      case 'neg':
        return a.op === 'neg' ? a.args[0] : a.op === 'sub' ? this.sub(a.args[1], a.args[0]) : undefined;
      case 'abs':
        return a.op === 'neg' ? this.apply('abs', a.args[0]) : a.op === 'abs' ? a : undefined;
      case 'add':
        if (is(a, 0)) return b;
        if (is(b, 0)) return a;
        if (b.op === 'neg') return this.sub(a, b.args[0]);
        return a.op === 'neg' ? this.sub(b, a.args[0]) : undefined;
      case 'sub':
        if (is(b, 0)) return a;
        if (is(a, 0)) return this.neg(b);
        if (a === b) return this.constant(0);
        return b.op === 'neg' ? this.add(a, b.args[0]) : undefined;
      case 'mul':
        if (is(a, 0) || is(b, 0)) return this.constant(0);
        if (is(a, 1)) return b;
        if (is(b, 1)) return a;
        return this.withSignOutside(op, a, b);
      case 'div':
        if (is(a, 0)) return this.constant(0);
        return is(b, 1) ? a : this.withSignOutside(op, a, b);
      case 'pow':
        return is(b, 0) ? this.constant(1) : is(b, 1) ? a : undefined;
      case 'min':
      case 'max':
        return a === b ? a : undefined;
      case 'select':
        if (a.op === 'constant') return a.value !== 0 ? b : c;
        return b === c ? b : undefined;
      default:
        return undefined;
    }
  }

  /** (−a)·b = −(a·b), exactly. */
  private withSignOutside(op: 'mul' | 'div', a: Expression, b: Expression): Expression | undefined {
    const [signA, positiveA] = signed(a);
    const [signB, positiveB] = signed(b);
    if (signA * signB > 0 && signA > 0) return undefined;
    const [one, other] = [positiveA ?? this.constant(1), positiveB ?? this.constant(1)];
    const positive = this.apply(op, one, other);
    return signA * signB > 0 ? positive : this.neg(positive);
  }

  private leaf(op: Leaf, value: number): Expression {
    return this.kept(`${op} ${value}`, op, [], value);
  }

  private node(op: Op, args: readonly Expression[]): Expression {
    const ids = args.map(arg => arg.id);
    if (isCommutative(op) && ids[0] > ids[1]) ids.reverse();
    return this.kept(`${op} ${ids.join(' ')}`, op, args, 0);
  }

  private kept(key: string, op: Op | Leaf, args: readonly Expression[], value: number): Expression {
    const known = this.known.get(key);
    if (known) return known;
    if (this.known.size >= MOST_EXPRESSIONS) {
      const message = `The equations and what follows from them have more than ${MOST_EXPRESSIONS} operations.`;
      throw sdeError('ERR_SDE_INVALID_EQUATION', message, { hint: 'Take fewer states or noises.' });
    }
    const made = { op, args, value, id: this.known.size };
    this.known.set(key, made);
    return made;
  }
}

export const is = (expression: Expression, value: number): boolean =>
  expression.op === 'constant' && expression.value === value;

/** Sign, and the expression without it; none where that is 1. */
function signed(expression: Expression): [1 | -1, Expression | undefined] {
  if (expression.op === 'neg') return [-1, expression.args[0]];
  return is(expression, -1) ? [-1, undefined] : [1, expression];
}

/** 1 or 0 whatever its operands: what and, or and not may be computed with. */
export function isTruth(expression: Expression): boolean {
  if (isComparison(expression.op) || is(expression, 0) || is(expression, 1)) return true;
  const { op, args } = expression;
  if (op === 'mul' || op === 'max') return args.every(isTruth);
  if (op === 'select') return args.slice(1).every(isTruth);
  return op === 'sub' && is(args[0], 1) && isTruth(args[1]);
}

/** All that the outputs are made of, arguments first; without what is known and what only that is made of. */
export function reachedFrom(
  outputs: readonly Expression[],
  known: { has(expression: Expression): boolean } = NOTHING,
): Expression[] {
  const seen = new Set<Expression>(outputs.filter(output => !known.has(output)));
  // A set is walked in the order of insertion, what is added meanwhile included.
  for (const expression of seen) for (const arg of expression.args) if (!known.has(arg)) seen.add(arg);
  return [...seen].sort((a, b) => a.id - b.id);
}

const NOTHING: ReadonlySet<Expression> = new Set();

/** Which states the expression depends on. */
export function statesOf(expression: Expression): Set<number> {
  const leaves = reachedFrom([expression]).filter(({ op }) => op === 'state');
  return new Set(leaves.map(({ value }) => value));
}

/**
 * The same outputs in another graph. `replaced` has the word first: it is given each expression with its arguments'
 * images, and answers undefined where the image is the same operation.
 */
export function transferred(
  outputs: readonly Expression[],
  into: Graph,
  replaced: (expression: Expression, args: readonly Expression[]) => Expression | undefined,
): Expression[] {
  const images = new Map<Expression, Expression>();
  for (const expression of reachedFrom(outputs)) {
    const args = expression.args.map(arg => images.get(arg)!);
    images.set(expression, replaced(expression, args) ?? same(expression, args, into));
  }
  return outputs.map(output => images.get(output)!);
}

function same({ op, value }: Expression, args: readonly Expression[], into: Graph): Expression {
  switch (op) {
    case 'constant':
      return into.constant(value);
    case 'state':
      return into.state(value);
    case 'time':
      return into.time();
    case 'param':
      return into.param(value);
    default:
      return into.apply(op, ...args);
  }
}
