/** The operations of a program, and how many operands each takes. native/equations/ops.def has the same words. */

/** In the order of their numbers. */
const OPERANDS = {
  /** A constant in every lane. */
  fill: 1,
  copy: 1,
  neg: 1,
  abs: 1,
  /** -1, 0 or 1. */
  sign: 1,
  sqrt: 1,
  exp: 1,
  log: 1,
  expm1: 1,
  log1p: 1,
  sin: 1,
  cos: 1,
  tan: 1,
  asin: 1,
  acos: 1,
  atan: 1,
  sinh: 1,
  cosh: 1,
  tanh: 1,
  erf: 1,
  cbrt: 1,
  floor: 1,
  ceil: 1,
  /** Half away from zero. */
  round: 1,
  add: 2,
  sub: 2,
  mul: 2,
  div: 2,
  pow: 2,
  /** NaN where either is. */
  min: 2,
  max: 2,
  atan2: 2,
  /** 1 or 0; so are the next two. */
  less: 2,
  lessEqual: 2,
  equal: 2,
  /** a != 0 ? b : c */
  select: 3,
} as const;

export type ProgramOp = keyof typeof OPERANDS;
/** What an expression may be made of: a program also fills and copies rows. */
export type Op = Exclude<ProgramOp, 'fill' | 'copy'>;

export const OPS = Object.keys(OPERANDS) as ProgramOp[];

export const NUMBER_OF = Object.fromEntries(OPS.map((op, i) => [op, i])) as Record<ProgramOp, number>;

export const operandsOf = (op: ProgramOp): number => OPERANDS[op];

const COMMUTATIVE: ReadonlySet<string> = new Set<Op>(['add', 'mul', 'min', 'max', 'equal']);

export const isCommutative = (op: ProgramOp): boolean => COMMUTATIVE.has(op);

/** The answer is 1 or 0. */
export const isComparison = (op: string): boolean => op === 'less' || op === 'lessEqual' || op === 'equal';
