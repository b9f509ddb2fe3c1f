/** What the bootstrap draws: clusters of samples, within the blocks that seeds make. */
import { invalidOption } from '../../errors.js';
import { numberOption } from '../../options/checks.js';

/** Beyond so many, neighbouring samples of a seed are drawn together: metrics of pairs cost clusters² a draw. */
const MOST_CLUSTERS = 500;

/** Of a seed: fewer say too little of the spread. */
export const LEAST_CLUSTERS = 10;

export interface Clusters {
  readonly count: number;
  /** Seeds: as many clusters lie in each, those of one after those of another. */
  readonly blocks: number;
  /** [n]: each sample's cluster, ascending. */
  readonly ofRow: Uint32Array;
  /** [count]: how many samples each has. */
  readonly sizes: Float64Array;
}

/** How often each cluster counts, [count]. */
export type Weights = Float64Array;

/**
 * A sample is a cluster of its own where that makes not too many. `most` is the metric's own limit.
 * Throws ERR_SDE_INVALID_OPTION where the seeds have not equally many samples.
 */
export function clustersOf(n: number, seeds?: number, most = MOST_CLUSTERS): Clusters {
  const blocks = numberOption('seeds', seeds, 1, { min: 1, integer: true });
  const rows = n / blocks;
  if (!Number.isInteger(rows)) {
    throw invalidOption('seeds', blocks, `a divisor of the ${n} samples, of which each seed has as many`);
  }
  const perBlock = Math.min(rows, Math.max(LEAST_CLUSTERS, Math.floor(Math.min(most, MOST_CLUSTERS) / blocks)));
  const count = blocks * perBlock;
  const sizes = new Float64Array(count);
  const ofRow = Uint32Array.from({ length: n }, (_, row) => {
    const cluster = Math.floor(row / rows) * perBlock + Math.floor(((row % rows) * perBlock) / rows);
    sizes[cluster]++;
    return cluster;
  });
  return { count, blocks, ofRow, sizes };
}

export function equalWeights(clusters: Clusters): Weights {
  return new Float64Array(clusters.count).fill(1);
}

/** Samples, each as often as it counts. */
export function totalOf({ sizes, count }: Clusters, weights: Weights): number {
  let sum = 0;
  for (let c = 0; c < count; c++) sum += weights[c] * sizes[c];
  return sum;
}

/** The mean over samples of `values` [n]. */
export function meanOf(values: ArrayLike<number>, clusters: Clusters): (weights: Weights) => number {
  const sums = new Float64Array(clusters.count);
  for (let row = 0; row < values.length; row++) sums[clusters.ofRow[row]] += values[row];
  return weights => sums.reduce((sum, value, c) => sum + weights[c] * value, 0) / totalOf(clusters, weights);
}
