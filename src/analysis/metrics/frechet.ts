/**
 * Fréchet's distance extrapolated to infinitely many samples: FID∞ where the points are features of a network.
 *
 * The Bures–Wasserstein distance W² of the samples' Gaussians is too large by about a/n + b/m. It is measured on all samples
 * and on both sets cut alike into halves and into quarters, and the line through those three in 1/n is followed to 1/n = 0:
 *
 *   FD = W²(n, m) + ½ mean W²(n/2, m/2) − ½ mean W²(n/4, m/4)
 *
 * In squared units of the features; it may come out below 0. A quarter should have several times as many samples as there are
 * dimensions. Heusel et al., arXiv:1706.08500 (FID); Chong and Forsyth, "Effectively unbiased FID and Inception score and
 * where to find them", arXiv:1911.07023, who extrapolate in the samples alone.
 *
 * Cost: seven times that of `buresWasserstein` a draw of the bootstrap.
 */
import { invalidOption } from '../../errors.js';
import { type Clusters, equalWeights, type Weights } from './clusters.js';
import { gaussianOf, masked, momentSums, rootedGaussians, squaredWassersteinOfGaussians } from './gaussian.js';
import { checkedPair, type MetricOptions, metricOptions, type Points } from './points.js';
import { ofPair, type Statistic } from './statistic.js';

/** Which quarters, and how much their distance counts: least squares through n, n/2 (two) and n/4 (four), at 1/n = 0. */
const PARTS: readonly { quarters: readonly number[]; factor: number }[] = [
  { quarters: [0, 1, 2, 3], factor: 1 },
  { quarters: [0, 1], factor: 1 / 4 },
  { quarters: [2, 3], factor: 1 / 4 },
  ...[0, 1, 2, 3].map(quarter => ({ quarters: [quarter], factor: -1 / 8 })),
];

/** Of samples and of dimensions: a draw of the bootstrap must leave no quarter empty. */
const [LEAST_SAMPLES, MOST_DIMENSIONS] = [100, 512];

/**
 * `value`: FD, extrapolated; `plain`: W² on all samples, as other tools give FID. At least 100 samples of each, at most 512
 * dimensions. Rejects with ERR_SDE_INVALID_SHAPE, ERR_SDE_INVALID_OPTION, ERR_SDE_UNKNOWN_OPTION.
 */
export async function frechet(
  features: Points,
  reference: Points,
  options?: MetricOptions,
): Promise<Statistic & { readonly plain: number }> {
  const { seeds } = metricOptions('frechet', options);
  const { x, y } = await checkedPair(features, reference, LEAST_SAMPLES);
  if (x.d > MOST_DIMENSIONS) throw invalidOption('samples.shape', x.d, `at most ${MOST_DIMENSIONS} numbers a sample`);
  const [first, second] = [await momentSums(x, seeds), await momentSums(y)];
  const distances = PARTS.map(({ quarters, factor }) => {
    const mask = maskOf(first.clusters, quarters);
    const rooted = rootedGaussians(second, maskOf(second.clusters, quarters));
    const at = (v: Weights, w: Weights) => squaredWassersteinOfGaussians(gaussianOf(first, masked(v, mask)), rooted(w));
    return { factor, at };
  });
  const statistic = ofPair('frechet', first.clusters, second.clusters, (v, w) =>
    distances.reduce((sum, { factor, at }) => sum + factor * at(v, w), 0),
  );
  const [all] = distances;
  return { ...statistic, plain: all.at(equalWeights(first.clusters), equalWeights(second.clusters)) };
}

/** Every fourth cluster is of the same quarter, so that all seeds are in each. */
function maskOf({ count }: Clusters, quarters: readonly number[]): Weights {
  return Float64Array.from({ length: count }, (_, c) => (quarters.includes(c % 4) ? 1 : 0));
}
