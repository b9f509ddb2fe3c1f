/**
 * Precision and recall of samples: how many lie where the reference does, and how much of the reference they reach.
 *
 *   precision = share of samples inside a ball of the reference,      recall = share of the reference inside a ball of samples
 *
 * A set's balls are around each of its points, with the distance to the kth nearest other one of the set for radius.
 * Kynkäänniemi et al., "Improved precision and recall metric for assessing generative models", arXiv:1904.06991 (k = 3, on
 * features of a network). Perfect samples have neither at 1: see the noise floor. Both depend on n, so compare at the same n.
 *
 * Cost: (n + m)²·d operations once; clusters a draw of the bootstrap.
 */
import { numberOption } from '../../options/checks.js';
import { turn } from '../../run/turn.js';
import { clustersOf, meanOf } from './clusters.js';
import { squaredRadii } from './neighbours.js';
import { squaredDistance } from './pair-sums.js';
import { type CheckedPoints, checkedPair, type MetricOptions, metricOptions, type Points } from './points.js';
import { ofSamples, type Statistic } from './statistic.js';

export interface PrecisionRecallOptions extends MetricOptions {
  /** The neighbour that is the radius. Default 3. */
  k?: number;
}

export interface PrecisionRecall {
  /** Given the reference's balls, which the bootstrap leaves as they are. */
  readonly precision: Statistic;
  /**
   * A number: samples drawn with repetitions have other balls than samples have, so that no bootstrap tells its interval. Take
   * `acrossSeeds` of the recall of each seed.
   */
  readonly recall: number;
}

/** Rejects with ERR_SDE_INVALID_SHAPE, ERR_SDE_INVALID_OPTION, ERR_SDE_UNKNOWN_OPTION. */
export async function precisionRecall(
  samples: Points,
  reference: Points,
  options?: PrecisionRecallOptions,
): Promise<PrecisionRecall> {
  const given = metricOptions('precisionRecall', options, ['k']);
  const { x, y } = await checkedPair(samples, reference);
  const most = Math.min(x.n, y.n) - 1;
  const k = numberOption('metrics.precisionRecall.k', given.k, 3, { min: 1, max: most, integer: true });
  const clusters = clustersOf(x.n, given.seeds);
  const inside = await coveredBy(x, y, await squaredRadii(y, k));
  const reached = await coveredBy(y, x, await squaredRadii(x, k));
  return {
    precision: ofSamples('precision', clusters, meanOf(inside, clusters), 1),
    recall: reached.reduce((sum, one) => sum + one, 0) / y.n,
  };
}

/** 1 for each of the points that lies in a ball around a centre, else 0. */
async function coveredBy(points: CheckedPoints, centres: CheckedPoints, squares: Float64Array): Promise<Uint8Array> {
  const { n, d } = points;
  const covered = new Uint8Array(n);
  for (let row = 0; row < n; row++) {
    for (let j = 0; j < centres.n && covered[row] === 0; j++) {
      if (squaredDistance(points.data, row * d, centres.data, j * d, d) <= squares[j]) covered[row] = 1;
    }
    await turn();
  }
  return covered;
}
