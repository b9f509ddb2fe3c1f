/** Arrays that the command line reads: starting points, conditions, and the condition that stands for none. */

import { type NpyArray, readNpy } from '../files/npy.js';
import type { Condition, SampleOptions } from '../index.js';
import type { Inputs } from './inputs.js';
import { UsageError } from './usage-error.js';

export interface ArrayFlags {
  initial?: string;
  condition?: string;
  /** Scale. */
  guidance?: number;
  /** Numbers with commas, or a file. */
  unconditional?: string;
}

export interface Arrays {
  arrays: Pick<SampleOptions, 'initial' | 'condition' | 'guidance'>;
  /** Of the arrays, where there are any: so many samples are meant. */
  rows: number | undefined;
  initialShape: readonly number[] | undefined;
}

/** Throws a UsageError for a file that does not hold what its option takes. Rows and shapes are checked by `sample`. */
export async function readArrays(flags: ArrayFlags, inputs: Inputs): Promise<Arrays> {
  const { initial, condition, guidance, unconditional } = flags;
  if (unconditional !== undefined && guidance === undefined) {
    throw new UsageError('--unconditional belongs to --guidance');
  }
  if (guidance !== undefined && (condition === undefined || unconditional === undefined)) {
    throw new UsageError('--guidance needs --condition, and --unconditional: the row that stands for no condition');
  }
  const points = initial === undefined ? undefined : await readArray('--initial', initial, inputs);
  const rows = condition === undefined ? undefined : await readArray('--condition', condition, inputs);
  if (rows !== undefined && ![1, 2].includes(rows.shape.length)) {
    throw new UsageError(
      `--condition ${condition}: has shape ${words(rows.shape)}; expected [count] or [count, width]`,
    );
  }
  const arrays: Arrays['arrays'] = {};
  if (points !== undefined) arrays.initial = asFloats(`--initial ${initial}`, points.data);
  if (rows !== undefined) arrays.condition = asCondition(`--condition ${condition}`, rows.data);
  if (guidance !== undefined) {
    const none = await readRow(unconditional!, inputs, arrays.condition instanceof Int32Array);
    arrays.guidance = { scale: guidance, unconditional: none };
  }
  return { arrays, rows: points?.shape[0] ?? rows?.shape[0], initialShape: points?.shape };
}

/** Throws a UsageError where the starting points are not of the shape [count, …shape] or [count, numbers of a sample]. */
export function checkInitialShape(name: string, found: readonly number[], shape: readonly number[]): void {
  const elements = shape.reduce((product, size) => product * size, 1);
  const [, ...one] = found;
  if ([shape.join(), String(elements)].includes(one.join())) return;
  throw new UsageError(`--initial ${name}: has shape ${words(found)}; expected [count, ${shape.join(', ')}]`);
}

/** Numbers in single precision, with their shape. Throws a UsageError where the file holds something else. */
export async function readFloats(flag: string, file: string, inputs: Inputs) {
  const { data, shape } = await readArray(flag, file, inputs);
  return { data: asFloats(`${flag} ${file}`, data), shape };
}

async function readArray(flag: string, file: string, inputs: Inputs): Promise<NpyArray> {
  const bytes = await inputs.bytes(flag, file);
  try {
    return readNpy(bytes);
  } catch (error) {
    throw new UsageError(`${flag} ${file}: ${(error as Error).message}`);
  }
}

async function readRow(text: string, inputs: Inputs, integers: boolean): Promise<Condition> {
  const what = `--unconditional ${text}`;
  if (text.toLowerCase().endsWith('.npy')) {
    const { data } = await readArray('--unconditional', text, inputs);
    return integers ? asCondition(what, data) : asFloats(what, data);
  }
  const numbers = text.split(',').map(one => (one.trim() === '' ? Number.NaN : Number(one)));
  if (!numbers.every(Number.isFinite)) throw new UsageError(`${what}: expected numbers with commas, or a .npy file`);
  return integers ? asIntegers(what, numbers) : Float32Array.from(numbers);
}

/** Integers stay integers, which a network takes as labels. */
function asCondition(what: string, data: NpyArray['data']): Condition {
  return data instanceof BigInt64Array || data instanceof Int32Array ? asIntegers(what, data) : asFloats(what, data);
}

function asIntegers(what: string, data: ArrayLike<number | bigint>): Int32Array {
  return Int32Array.from({ length: data.length }, (_, i) => {
    const value = Number(data[i]);
    if ((value | 0) !== value) throw new UsageError(`${what}: ${data[i]} at ${i} is no integer of 32 bits`);
    return value;
  });
}

function asFloats(what: string, data: NpyArray['data']): Float32Array {
  if (data instanceof Float32Array) return data;
  return Float32Array.from({ length: data.length }, (_, i) => {
    const given = data[i];
    const value = Math.fround(Number(given));
    // Fractions are rounded; integers and what is finite must stay so.
    const kept =
      data instanceof Float64Array ? Number.isFinite(value) || !Number.isFinite(given) : isSame(value, given);
    if (!kept) throw new UsageError(`${what}: ${given} at ${i} is no number of float32`);
    return value;
  });
}

function isSame(value: number, integer: number | bigint): boolean {
  return BigInt(value) === BigInt(integer);
}

function words(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
