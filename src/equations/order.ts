/** In which order the operations of a program run: few results wait at a time, and equal expressions give equal orders. */
import { type Expression, reachedFrom } from './graph.js';
import { isCommutative, OPS, type ProgramOp } from './ops.js';

export interface Ordered {
  /** All operations, operands first. */
  readonly operations: readonly Expression[];
  /** Operands as the instruction has them: of a commutative operation in an order of their own, constants last. */
  readonly operands: (operation: Expression) => readonly Expression[];
}

interface Traits {
  /** Of the expression as it is written, whatever graph it is in. */
  readonly hash: number;
  /** Rows needed to compute it, were nothing shared (Sethi and Ullman). */
  readonly rows: number;
}

export function ordered(outputs: readonly Expression[]): Ordered {
  const traits = new Map<Expression, Traits>();
  for (const expression of reachedFrom(outputs)) traits.set(expression, traitsOf(expression, traits));
  const rank = (a: Expression, b: Expression): number =>
    Number(a.op === 'constant') - Number(b.op === 'constant') || traits.get(a)!.hash - traits.get(b)!.hash;
  const operands = ({ op, args }: Expression): readonly Expression[] =>
    isCommutative(op as ProgramOp) ? args.toSorted(rank) : args;
  const byRows = (a: Expression, b: Expression): number => traits.get(b)!.rows - traits.get(a)!.rows;
  return { operations: walked(outputs, expression => operands(expression).toSorted(byRows)), operands };
}

function walked(outputs: readonly Expression[], first: (of: Expression) => readonly Expression[]): Expression[] {
  const operations: Expression[] = [];
  const done = new Set<Expression>();
  const pending = outputs.toReversed();
  while (pending.length > 0) {
    const expression = pending.at(-1)!;
    const open = first(expression).filter(arg => arg.args.length > 0 && !done.has(arg));
    if (open.length > 0 && !done.has(expression)) {
      pending.push(...open.toReversed());
      continue;
    }
    pending.pop();
    if (expression.args.length === 0 || done.has(expression)) continue;
    done.add(expression);
    operations.push(expression);
  }
  return operations;
}

function traitsOf({ op, args, value }: Expression, traits: ReadonlyMap<Expression, Traits>): Traits {
  const own = args.map(arg => traits.get(arg)!);
  const hashes = own.map(({ hash }) => hash);
  if (isCommutative(op as ProgramOp)) hashes.sort((a, b) => a - b);
  const rows = own.map(({ rows }) => rows).sort((a, b) => b - a);
  return {
    hash: mixed([wordNumber(op), ...bitsOf(value), ...hashes]),
    rows: args.length === 0 ? 0 : Math.max(1, ...rows.map((needed, i) => needed + i)),
  };
}

const LEAVES = ['constant', 'state', 'time', 'param'];

const wordNumber = (op: Expression['op']): number =>
  LEAVES.includes(op) ? LEAVES.indexOf(op) : LEAVES.length + OPS.indexOf(op as ProgramOp);

function bitsOf(value: number): Uint32Array {
  return new Uint32Array(Float64Array.of(value).buffer);
}

function mixed(words: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (const word of words) {
    hash = Math.imul(hash ^ word, 0x01000193);
    hash ^= hash >>> 15;
    hash = Math.imul(hash, 0x2c1b3c6d);
    hash ^= hash >>> 13;
  }
  return hash >>> 0;
}
