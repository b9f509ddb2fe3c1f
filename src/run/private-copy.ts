/** Copies of the caller's arrays, which the caller can neither change nor transfer while a job reads them. */
import { types } from 'node:util';
import { invalidOption } from '../errors.js';
import { readable } from '../options/checks.js';
import { allocated } from './allocate.js';
import { inPieces } from './pieces.js';

export type NumberList = readonly number[] | Float64Array | Float32Array;

export function isNumberList(given: unknown): given is NumberList {
  return Array.isArray(given) || types.isFloat64Array(given) || types.isFloat32Array(given);
}

/**
 * Small arrays are copied before this returns, large ones in pieces. Throws ERR_SDE_OUT_OF_MEMORY, and
 * ERR_SDE_INVALID_OPTION where the array is transferred or resized meanwhile.
 */
export async function privateCopy<A extends Float32Array | Int32Array>(option: string, source: A): Promise<A> {
  const { length } = source;
  const copy = allocated(`a copy of ${option}`, 4 * length, () =>
    types.isFloat32Array(source) ? new Float32Array(length) : new Int32Array(length),
  );
  await inPieces(length, (from, to) => {
    if (source.length !== length) throw invalidOption(option, source, 'an array that stays as it is meanwhile');
    copy.set(source.subarray(from, to), from);
  });
  return copy as A;
}

/** The same in double precision of numbers that have to be finite: ERR_SDE_INVALID_OPTION names the first that is not. */
export async function privateNumbers(option: string, source: NumberList): Promise<Float64Array> {
  const { length } = source;
  const copy = allocated(`a copy of ${option}`, 8 * length, () => new Float64Array(length));
  await inPieces(length, (from, to) => copyFinite(option, source, copy, from, to));
  return copy;
}

/** All at once: of few. */
export function finiteNumbers(option: string, source: NumberList): Float64Array {
  const copy = new Float64Array(source.length);
  copyFinite(option, source, copy, 0, source.length);
  return copy;
}

function copyFinite(option: string, source: NumberList, copy: Float64Array, from: number, to: number): void {
  readable(option, () => {
    for (let i = from; i < to; i++) {
      const value: unknown = source[i];
      if (typeof value !== 'number' || !Number.isFinite(value)) {
        throw invalidOption(`${option}[${i}]`, value, 'a finite number');
      }
      copy[i] = value;
    }
  });
}
