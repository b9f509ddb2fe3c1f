/** Expressions as a program: straight-line code over registers, as native/equations runs it. */
import type { NativeProgram } from '../native-paths.js';
import type { Expression } from './graph.js';
import { NUMBER_OF, type Op, type ProgramOp } from './ops.js';
import { ordered } from './order.js';
import { withProducts } from './powers.js';

/** Words an instruction: op, form, dst, a, b, c. */
export const WORDS = 6;
/** Forms: which operand is the number of a constant, not a register. */
export const [ROWS, CONSTANT_B, CONSTANT_A] = [0, 1, 2];

/** Rows that a program is given. */
export interface Inputs {
  readonly states: number;
  /** Parameters that differ by path. */
  readonly params: number;
}

/** One output an expression. Equal expressions, wherever they come from, give the same program. */
export function programOf(expressions: readonly Expression[], inputs: Inputs): NativeProgram {
  const outputs = withProducts(expressions);
  const firstOutput = inputs.states + 1 + inputs.params;
  const code = new Code();
  const rows = new Rows(outputs, inputs.states, firstOutput);
  const { operations, operands } = ordered(outputs);
  rows.expect(operations);
  for (const operation of operations) {
    const [a, b, c] = operands(operation);
    const filled: number[] = [];
    const row = (operand: Expression): number => {
      if (operand.op !== 'constant') return rows.of(operand);
      const dst = rows.borrow();
      filled.push(dst);
      code.fill(dst, operand.value);
      return dst;
    };
    const form = formOf(operands(operation));
    const read = [
      form === CONSTANT_A ? code.constant(a.value) : row(a),
      b && (form === CONSTANT_B ? code.constant(b.value) : row(b)),
      c && row(c),
    ];
    code.emit(operation.op as Op, form, rows.take(operation), ...read);
    // Only now: an instruction does not write what it reads.
    for (const number of filled) rows.giveBack(number);
    rows.used(operation);
  }
  for (const [i, output] of outputs.entries()) {
    const dst = firstOutput + i;
    if (output.op === 'constant') code.fill(dst, output.value);
    else if (rows.of(output) !== dst) code.emit('copy', ROWS, dst, rows.of(output));
  }
  return { ...code.wire(), outputs: outputs.length, registers: rows.total };
}

/** Of two operands one may be a constant; of one or three none. */
function formOf(operands: readonly Expression[]): number {
  const [a, b] = operands.map(({ op }) => op === 'constant');
  if (operands.length !== 2 || a === b) return ROWS;
  return a ? CONSTANT_A : CONSTANT_B;
}

class Code {
  private readonly words: number[] = [];
  private readonly constants: number[] = [];
  private readonly constantAt = new Map<number, number>();

  emit(op: ProgramOp, form: number, dst: number, a = 0, b = 0, c = 0): void {
    this.words.push(NUMBER_OF[op], form, dst, a, b, c);
  }

  fill(dst: number, value: number): void {
    this.emit('fill', CONSTANT_A, dst, this.constant(value));
  }

  constant(value: number): number {
    const at = this.constantAt.get(value) ?? this.constants.push(value) - 1;
    this.constantAt.set(value, at);
    return at;
  }

  wire(): Pick<NativeProgram, 'code' | 'constants'> {
    return { code: Int32Array.from(this.words), constants: Float64Array.from(this.constants) };
  }
}

/** Which register holds what; temporaries are taken again after their last use. */
class Rows {
  total: number;
  private readonly registers = new Map<Expression, number>();
  /** Results that are outputs, where they are to lie. */
  private readonly homes = new Map<Expression, number>();
  private readonly usesLeft = new Map<Expression, number>();
  private readonly free: number[] = [];

  constructor(
    outputs: readonly Expression[],
    private readonly states: number,
    firstOutput: number,
  ) {
    this.total = firstOutput + outputs.length;
    for (const [i, output] of outputs.entries()) {
      if (output.args.length > 0 && !this.homes.has(output)) this.homes.set(output, firstOutput + i);
    }
  }

  expect(operations: readonly Expression[]): void {
    for (const { args } of operations) {
      for (const arg of new Set(args)) this.usesLeft.set(arg, (this.usesLeft.get(arg) ?? 0) + 1);
    }
  }

  of(expression: Expression): number {
    switch (expression.op) {
      case 'state':
        return expression.value;
      case 'time':
        return this.states;
      case 'param':
        return this.states + 1 + expression.value;
      default:
        return this.registers.get(expression)!;
    }
  }

  take(operation: Expression): number {
    const register = this.homes.get(operation) ?? this.borrow();
    this.registers.set(operation, register);
    return register;
  }

  borrow(): number {
    return this.free.pop() ?? this.total++;
  }

  giveBack(register: number): void {
    this.free.push(register);
  }

  /** The operation has run: operands that nothing else needs make room. */
  used(operation: Expression): void {
    for (const arg of new Set(operation.args)) {
      const left = this.usesLeft.get(arg)! - 1;
      this.usesLeft.set(arg, left);
      if (left === 0 && arg.args.length > 0 && !this.homes.has(arg)) this.giveBack(this.registers.get(arg)!);
    }
  }
}
