/**
 * The squared 2-Wasserstein distance of the Gaussians with the samples' means and covariances.
 *
 *   W² = |μ − ν|² + tr A + tr B − 2 tr (B^½ A B^½)^½
 *
 * In squared units of the data. It sees means and covariances alone, is exact for Gaussians, and is above 0 where the laws are
 * equal, about as 1/n + 1/m: `frechet` takes that off.
 * Dowson and Landau (1982); Bhatia, Jain and Lim, "On the Bures–Wasserstein distance", arXiv:1712.01504.
 *
 * Cost: (n + m)·d² operations once; eigenvalues of two [d, d] matrices and clusters·d² operations a draw of the bootstrap.
 */
import { gaussianOf, momentSums, rootedGaussians, squaredWassersteinOfGaussians } from './gaussian.js';
import { checkedPair, type MetricOptions, metricOptions, type Points } from './points.js';
import { ofPair, type Statistic } from './statistic.js';

/**
 * `value`: W². At most 1024 dimensions.
 * Rejects with ERR_SDE_INVALID_SHAPE, ERR_SDE_INVALID_OPTION, ERR_SDE_UNKNOWN_OPTION.
 */
export async function buresWasserstein(
  samples: Points,
  reference: Points,
  options?: MetricOptions,
): Promise<Statistic> {
  const { seeds } = metricOptions('buresWasserstein', options);
  const { x, y } = await checkedPair(samples, reference);
  const [first, second] = [await momentSums(x, seeds), await momentSums(y)];
  const rooted = rootedGaussians(second);
  return ofPair('buresWasserstein', first.clusters, second.clusters, (v, w) =>
    squaredWassersteinOfGaussians(gaussianOf(first, v), rooted(w)),
  );
}
