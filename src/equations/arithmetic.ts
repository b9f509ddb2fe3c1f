/** What each operation computes, in double precision: the definition that the native functions are tested against. */
import { mathjs } from './mathjs.js';
import type { Op } from './ops.js';

const one = (holds: boolean): number => (holds ? 1 : 0);

const FUNCTIONS: Record<Op, (a: number, b: number, c: number) => number> = {
  neg: a => -a,
  abs: Math.abs,
  sign: Math.sign,
  sqrt: Math.sqrt,
  exp: Math.exp,
  log: Math.log,
  expm1: Math.expm1,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  erf: a => mathjs().erf(a),
  cbrt: Math.cbrt,
  floor: Math.floor,
  ceil: Math.ceil,
  round: a => Math.sign(a) * Math.round(Math.abs(a)),
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: (a, b) => a ** b,
  min: (a, b) => Math.min(a, b),
  max: (a, b) => Math.max(a, b),
  atan2: Math.atan2,
  less: (a, b) => one(a < b),
  lessEqual: (a, b) => one(a <= b),
  equal: (a, b) => one(a === b),
  select: (a, b, c) => (a !== 0 ? b : c),
};

/** Operands that the operation does not take are not read. */
export function compute(op: Op, a: number, b: number, c: number): number {
  return FUNCTIONS[op](a, b, c);
}
