/** Sets of samples as metrics take them. */
import { types } from 'node:util';
import { invalidOption } from '../../errors.js';
import { optionsObject, readable } from '../../options/checks.js';
import { inPieces } from '../../run/pieces.js';

/** n samples of d numbers each. The result of `sample` is one. */
export interface Points {
  /** [n, d], row-major, finite. */
  samples: Float32Array | Float64Array;
  /** [n, …shape of one sample]; d is the product of what follows n. */
  shape: readonly number[];
}

/** A private copy. */
export interface CheckedPoints {
  /** [n, d] */
  readonly data: Float64Array;
  readonly n: number;
  readonly d: number;
}

/**
 * Throws ERR_SDE_INVALID_SHAPE where the numbers do not fill the shape, and ERR_SDE_INVALID_OPTION where there are fewer
 * than `least` samples or one of the numbers is not finite.
 */
export async function checkedPoints(option: string, given: Points, least = 2): Promise<CheckedPoints> {
  const { samples, n, d } = readable(option, () => checkedShape(option, given));
  if (n < least) {
    const hint = `Draw more samples: this metric means nothing of fewer than ${least}.`;
    throw invalidOption(`${option}.shape[0]`, n, `at least ${least} samples`, { hint });
  }
  const data = new Float64Array(n * d);
  await inPieces(n * d, (from, to) => {
    for (let i = from; i < to; i++) {
      data[i] = samples[i];
      if (!Number.isFinite(data[i])) throw notFinite(option, i, d, data[i]);
    }
  });
  return { data, n, d };
}

/** The two sets of a distance. */
export async function checkedPair(
  samples: Points,
  reference: Points,
  least = 2,
): Promise<{ x: CheckedPoints; y: CheckedPoints }> {
  const x = await checkedPoints('samples', samples, least);
  const y = await checkedPoints('reference', reference, least);
  if (x.d !== y.d) {
    const expected = `samples of ${x.d} numbers, as the others have`;
    throw invalidOption('reference.shape', reference.shape, expected, { code: 'ERR_SDE_INVALID_SHAPE' });
  }
  return { x, y };
}

/** Rows from, from + 2, … */
export function everyOther({ data, n, d }: CheckedPoints, from: number): CheckedPoints {
  const rows = Math.floor((n - from + 1) / 2);
  const chosen = new Float64Array(rows * d);
  for (let row = 0; row < rows; row++) {
    const start = (2 * row + from) * d;
    chosen.set(data.subarray(start, start + d), row * d);
  }
  return { data: chosen, n: rows, d };
}

function checkedShape(option: string, given: Points) {
  if (typeof given !== 'object' || given === null) throw invalidOption(option, given, '{ samples, shape }');
  const { samples, shape } = given;
  if (!types.isFloat32Array(samples) && !types.isFloat64Array(samples)) {
    throw invalidOption(`${option}.samples`, samples, 'a Float32Array or a Float64Array');
  }
  const isList = Array.isArray(shape) && shape.length > 0;
  if (!isList || !Array.from(shape).every(size => Number.isSafeInteger(size) && size > 0)) {
    const expected = '[n, …shape of one sample], of positive integers';
    throw invalidOption(`${option}.shape`, shape, expected, { code: 'ERR_SDE_INVALID_SHAPE' });
  }
  const [n, ...sizes] = shape as number[];
  const d = sizes.reduce((product, size) => product * size, 1);
  if (samples.length !== n * d) {
    const expected = `${n * d} numbers, as shape [${shape}] has`;
    throw invalidOption(`${option}.samples.length`, samples.length, expected, { code: 'ERR_SDE_INVALID_SHAPE' });
  }
  return { samples, n, d };
}

function notFinite(option: string, place: number, d: number, value: number) {
  return invalidOption(`${option}.samples[${place}]`, value, 'a finite number', {
    hint: `Leave sample ${Math.floor(place / d)} out; stats.status says which samples failed.`,
  });
}

/** Options that every metric of samples takes. */
export interface MetricOptions {
  /**
   * How many seeds the samples are of: the samples of one seed follow those of another, as many of each. The bootstrap
   * draws within a seed. Default 1.
   */
  seeds?: number;
}

/** The metric's options with none that it does not know. */
export function metricOptions<T extends MetricOptions>(metric: string, given: T | undefined, own: (keyof T)[] = []): T {
  return optionsObject<T>(`metrics.${metric}`, given, ['seeds', ...own]);
}
