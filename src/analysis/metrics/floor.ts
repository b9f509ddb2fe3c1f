/** What perfect samples get: no sampler can be seen to be better, and no difference smaller than its spread means anything. */
import { invalidOption } from '../../errors.js';
import { functionOption, numberOption, seedOption } from '../../options/checks.js';
import { quantileOf } from './distributions.js';
import type { Points } from './points.js';
import { randomOf } from './random.js';
import type { Statistic } from './statistic.js';

export interface Floor {
  readonly mean: number;
  /** Standard deviation of one value. */
  readonly deviation: number;
  /** 0.95 quantile: a value above it is not that of perfect samples, at 5 % risk. */
  readonly high: number;
  /** [draws] */
  readonly values: readonly number[];
}

export interface FloorOptions {
  /** Sets of perfect samples. Default 20. */
  draws?: number;
}

/**
 * `draw(k)` gives the kth set of perfect samples, as many as a sampler's set that the floor is for (an exact sampler, or
 * `subsets` of held-out data); `measure` applies the metric, against the same reference: a Statistic or a number. Rejects
 * with what they throw.
 */
export async function noiseFloor(
  measure: (samples: Points) => Promise<Statistic | number> | Statistic | number,
  draw: (k: number) => Points | Promise<Points>,
  options: FloorOptions = {},
): Promise<Floor> {
  const draws = numberOption('noiseFloor.draws', options.draws, 20, { min: 2, max: 2 ** 16, integer: true });
  functionOption('noiseFloor.measure', measure);
  functionOption('noiseFloor.draw', draw);
  const values: number[] = [];
  for (let k = 0; k < draws; k++) {
    const measured = await measure(await draw(k));
    values.push(typeof measured === 'number' ? measured : measured.value);
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / draws;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (draws - 1);
  return {
    mean,
    deviation: Math.sqrt(variance),
    high: quantileOf(
      values.toSorted((a, b) => a - b),
      0.95,
    ),
    values,
  };
}

/**
 * Draws of `count` different rows of a pool of data, the kth the same for the same seed. The pool must share no row with the
 * reference: distances to one's own reference are no floor.
 */
export function subsets(pool: Points, count: number, seed: number | bigint = 0): (k: number) => Points {
  const [n, ...shape] = pool.shape;
  const rows = numberOption('subsets.count', count, count, { min: 1, max: n, integer: true });
  const first = seedOption('subsets.seed', seed);
  const d = pool.samples.length / n;
  if (!Number.isInteger(d))
    throw invalidOption('pool.shape', pool.shape, 'the shape of its samples', { code: 'ERR_SDE_INVALID_SHAPE' });
  return k => {
    const random = randomOf(BigInt.asUintN(64, first + (BigInt(k + 1) << 32n)));
    // The first steps of Fisher and Yates's shuffle.
    const order = Uint32Array.from({ length: n }, (_, row) => row);
    const samples = new Float64Array(rows * d);
    for (let row = 0; row < rows; row++) {
      const other = row + random.below(n - row);
      [order[row], order[other]] = [order[other], order[row]];
      samples.set(pool.samples.subarray(order[row] * d, (order[row] + 1) * d), row * d);
    }
    return { samples, shape: [rows, ...shape] };
  };
}
