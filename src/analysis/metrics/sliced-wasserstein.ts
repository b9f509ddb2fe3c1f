/**
 * The squared sliced 2-Wasserstein distance: the mean over directions u of the distance of the laws of u·x and u·y.
 *
 *   SW² = mean over u of ∫₀¹ (F_u⁻¹(q) − G_u⁻¹(q))² dq,      u uniform on the sphere, F_u and G_u as they are sampled
 *
 * In squared units of the data, exact for the samples and for unequal numbers of them. It is above 0 where the laws are equal
 * (about 1/n + 1/m times the variance): see the noise floor.
 * Rabin et al., "Wasserstein barycenter and its application to texture mixing" (2012); Bonneel et al. (2015).
 *
 * Cost: projections·(n + m)·(d + log n) operations once, projections·(n + m) a draw of the bootstrap; 12 bytes for each of
 * the projections·(n + m) numbers.
 */
import { numberOption, seedOption } from '../../options/checks.js';
import { turn } from '../../run/turn.js';
import { type Clusters, clustersOf, totalOf, type Weights } from './clusters.js';
import { type CheckedPoints, checkedPair, type MetricOptions, metricOptions, type Points } from './points.js';
import { randomOf } from './random.js';
import { ofPair, type Statistic } from './statistic.js';

export interface SlicedWassersteinOptions extends MetricOptions {
  /** Directions. Default 128; one where d = 1. */
  projections?: number;
  /** Of the directions: those who are compared take the same. Default 0. */
  seed?: number | bigint;
}

/** `value`: SW². Rejects with ERR_SDE_INVALID_SHAPE, ERR_SDE_INVALID_OPTION, ERR_SDE_UNKNOWN_OPTION. */
export async function slicedWasserstein(
  samples: Points,
  reference: Points,
  options?: SlicedWassersteinOptions,
): Promise<Statistic> {
  const where = 'metrics.slicedWasserstein';
  const given = metricOptions('slicedWasserstein', options, ['projections', 'seed']);
  const count = numberOption(`${where}.projections`, given.projections, 128, { min: 1, max: 2 ** 16, integer: true });
  const random = randomOf(seedOption(`${where}.seed`, given.seed));
  const { x, y } = await checkedPair(samples, reference);
  const [first, second] = [clustersOf(x.n, given.seeds), clustersOf(y.n)];
  const slices: [Slice, Slice][] = [];
  for (let p = 0; p < (x.d === 1 ? 1 : count); p++) {
    const direction = Float64Array.from({ length: x.d }, () => random.normal());
    const length = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0));
    const unit = direction.map(value => value / length);
    slices.push([sliceOf(x, first, unit), sliceOf(y, second, unit)]);
    await turn();
  }
  return ofPair('slicedWasserstein', first, second, (v, w) => {
    const [massOfX, massOfY] = [totalOf(first, v), totalOf(second, w)];
    // Each sample of x has mass massOfY and each of y massOfX: whole numbers, so that nothing is rounded.
    const [massesOfX, massesOfY] = [v.map(weight => weight * massOfY), w.map(weight => weight * massOfX)];
    const cost = slices.reduce((sum, [a, b]) => sum + transportCost(a, massesOfX, b, massesOfY), 0);
    return cost / (slices.length * massOfX * massOfY);
  });
}

/** A set along a direction. */
interface Slice {
  /** [n], ascending */
  values: Float64Array;
  /** [n]: the cluster of each. */
  clusters: Uint32Array;
}

function sliceOf({ data, n, d }: CheckedPoints, { ofRow }: Clusters, unit: Float64Array): Slice {
  const along = new Float64Array(n);
  for (let row = 0, at = 0; row < n; row++) {
    let sum = 0;
    for (let k = 0; k < d; k++) sum += unit[k] * data[at++];
    along[row] = sum;
  }
  // Faster than sorting rows by a comparison: numbers are sorted as such, and each row is looked up.
  const values = along.toSorted();
  const clusters = new Uint32Array(n);
  const taken = new Uint32Array(n);
  for (let row = 0; row < n; row++) {
    const first = placeOf(along[row], values);
    clusters[first + taken[first]++] = ofRow[row];
  }
  return { values, clusters };
}

/** The first place of a value among ascending ones that has it. */
function placeOf(value: number, values: Float64Array): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** In one dimension the best plan goes from quantile to quantile. The masses of both sides have the same sum. */
function transportCost(a: Slice, massesOfA: Weights, b: Slice, massesOfB: Weights): number {
  let cost = 0;
  let [i, j] = [-1, -1];
  let [leftOfA, leftOfB] = [0, 0]; // mass of the present points that is still to be moved
  while (true) {
    while (leftOfA <= 0 && ++i < a.values.length) leftOfA = massesOfA[a.clusters[i]];
    while (leftOfB <= 0 && ++j < b.values.length) leftOfB = massesOfB[b.clusters[j]];
    if (i >= a.values.length || j >= b.values.length) return cost;
    const moved = Math.min(leftOfA, leftOfB);
    cost += moved * (a.values[i] - b.values[j]) ** 2;
    leftOfA -= moved;
    leftOfB -= moved;
  }
}
