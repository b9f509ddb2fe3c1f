/** A program run at one point, in double precision: what the native interpreter must compute. */
import { compute } from '../../src/equations/arithmetic.js';
import { OPS, operandsOf } from '../../src/equations/ops.js';
import { CONSTANT_A, CONSTANT_B, ROWS, WORDS } from '../../src/equations/program.js';
import type { NativeProgram } from '../../src/native-paths.js';

/** Throws where the program is none that the addon would take. */
export function runProgram(
  { code, constants, outputs, registers }: NativeProgram,
  x: readonly number[],
  t: number,
  params: readonly number[] = [],
): number[] {
  const inputs = [...x, t, ...params];
  const rows: (number | undefined)[] = Array.from({ length: registers }, (_, i) => inputs[i]);
  const firstOutput = inputs.length;
  const row = (register: number): number => {
    const value = rows[register];
    if (value === undefined) throw new Error(`register ${register} is read before it is written`);
    return value;
  };
  const constant = (index: number): number => {
    if (!(index >= 0 && index < constants.length)) throw new Error(`no constant ${index}`);
    return constants[index];
  };
  for (let at = 0; at < code.length; at += WORDS) {
    const [number, form, dst, a, b, c] = code.subarray(at, at + WORDS);
    const op = OPS[number];
    const count = operandsOf(op);
    if (form !== ROWS && !(op === 'fill' ? form === CONSTANT_A : count === 2))
      throw new Error(`${op} has no form ${form}`);
    if ([a, b, c].slice(count).some(word => word !== 0)) throw new Error(`${op} has more operands than it takes`);
    if (dst < firstOutput || dst >= registers) throw new Error(`register ${dst} may not be written`);
    if (dst < firstOutput + outputs && rows[dst] !== undefined) throw new Error(`output ${dst} is written twice`);
    const first = form === CONSTANT_A ? constant(a) : row(a);
    const second = count < 2 ? 0 : form === CONSTANT_B ? constant(b) : row(b);
    const third = count < 3 ? 0 : row(c);
    if ([a, b, c].some((word, i) => word === dst && i < count && form === ROWS))
      throw new Error(`${op} reads what it writes`);
    rows[dst] = op === 'fill' || op === 'copy' ? first : compute(op, first, second, third);
  }
  return rows.slice(firstOutput, firstOutput + outputs).map((value, i) => {
    if (value === undefined) throw new Error(`output ${i} is never written`);
    return value;
  });
}

/** One instruction a line: "add r4 = r0, 0.5". */
export function listing({ code, constants }: NativeProgram): string[] {
  return Array.from({ length: code.length / WORDS }, (_, i) => {
    const [number, form, dst, ...operands] = code.subarray(i * WORDS, (i + 1) * WORDS);
    const op = OPS[number];
    const shown = operands.slice(0, operandsOf(op)).map((word, k) => {
      const isConstant = (form === CONSTANT_A && k === 0) || (form === CONSTANT_B && k === 1);
      return isConstant ? String(constants[word]) : `r${word}`;
    });
    return `r${dst} = ${op} ${shown.join(', ')}`;
  });
}
