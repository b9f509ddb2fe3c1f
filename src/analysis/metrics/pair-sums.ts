/** Means of a kernel over pairs of samples, for distances that are made of them. */
import { turn } from '../../run/turn.js';
import { type Clusters, totalOf, type Weights } from './clusters.js';
import type { CheckedPoints, Points } from './points.js';

/** A symmetric function of row i of a and row j of b, d numbers each. */
export type Kernel = (a: Float64Array, i: number, b: Float64Array, j: number, d: number) => number;

/** Sums over the pairs of two clusters, [clusters of a, clusters of b]. */
export interface PairSums {
  readonly rows: Clusters;
  readonly columns: Clusters;
  readonly sums: Float64Array;
}

interface Side {
  points: CheckedPoints;
  clusters: Clusters;
}

/**
 * All that a distance of two sets is made of. `given` is the reference as the caller has it: its own pairs are the most where
 * it is the larger set, so they are remembered for the next samples, under the kernel's `name`.
 */
export async function distanceSums(
  kernel: Kernel,
  name: string,
  { x, y, given }: { x: Side; y: Side; given: Points },
): Promise<{ x: PairSums; y: PairSums; between: PairSums }> {
  return {
    x: await innerSums(kernel, x),
    y: await remembered(given.samples, name, y, () => innerSums(kernel, y)),
    between: await pairSums(kernel, x, y),
  };
}

interface Memory {
  name: string;
  points: CheckedPoints;
  sums: PairSums;
}

/** The last of each reference, as long as the caller holds it. */
const memories = new WeakMap<object, Memory>();

/** Compares numbers: the caller may have written others into the same array. */
async function remembered(
  key: object,
  name: string,
  { points }: Side,
  make: () => Promise<PairSums>,
): Promise<PairSums> {
  const last = memories.get(key);
  const same = last?.name === name && last.points.n === points.n && last.points.d === points.d;
  if (same && points.data.every((value, i) => value === last.points.data[i])) return last.sums;
  const sums = await make();
  memories.set(key, { name, points, sums });
  return sums;
}

/** Over all pairs; takes n·m·d operations, and gives the event loop its turns. */
async function pairSums(kernel: Kernel, a: Side, b: Side): Promise<PairSums> {
  const { n, d } = a.points;
  const [rows, columns] = [a.clusters, b.clusters];
  const sums = new Float64Array(rows.count * columns.count);
  for (let i = 0; i < n; i++) {
    const base = rows.ofRow[i] * columns.count;
    for (let j = 0; j < b.points.n; j++) {
      sums[base + columns.ofRow[j]] += kernel(a.points.data, i * d, b.points.data, j * d, d);
    }
    await turn();
  }
  return { rows, columns, sums };
}

/** Over the pairs of different samples of one set; half as long. */
async function innerSums(kernel: Kernel, { points, clusters }: Side): Promise<PairSums> {
  const { n, d, data } = points;
  const { count, ofRow } = clusters;
  const sums = new Float64Array(count * count);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const value = kernel(data, i * d, data, j * d, d);
      sums[ofRow[i] * count + ofRow[j]] += value;
      sums[ofRow[j] * count + ofRow[i]] += value;
    }
    await turn();
  }
  return { rows: clusters, columns: clusters, sums };
}

/** Mean over all pairs, those of clusters c and e counted x[c]·y[e] times. */
export function meanBetween({ rows, columns, sums }: PairSums, x: Weights, y: Weights): number {
  return weightedSum(sums, x, y) / (totalOf(rows, x) * totalOf(columns, y));
}

/**
 * Mean over pairs of different samples: where a cluster counts twice, a sample is not paired with its own copy. So the mean
 * over draws of the bootstrap is the mean itself.
 */
export function meanWithin({ rows, sums }: PairSums, x: Weights): number {
  let own = 0;
  for (let c = 0; c < rows.count; c++) own += x[c] * x[c] * rows.sizes[c];
  return weightedSum(sums, x, x) / (totalOf(rows, x) ** 2 - own);
}

function weightedSum(sums: Float64Array, x: Weights, y: Weights): number {
  let all = 0;
  for (let c = 0; c < x.length; c++) {
    if (x[c] === 0) continue;
    let row = 0;
    for (let e = 0, at = c * y.length; e < y.length; e++, at++) row += y[e] * sums[at];
    all += x[c] * row;
  }
  return all;
}

export function squaredDistance(a: Float64Array, i: number, b: Float64Array, j: number, d: number): number {
  let sum = 0;
  for (let k = 0; k < d; k++) {
    const difference = a[i + k] - b[j + k];
    sum += difference * difference;
  }
  return sum;
}
