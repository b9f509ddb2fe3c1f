/**
 * The energy distance of two laws, without bias: 0 where they are equal and only there.
 *
 *   D² = 2 E|x − y| − E|x − x'| − E|y − y'|,      x, x' ~ P and y, y' ~ Q independent; |·| Euclidean
 *
 * In units of the data. In one dimension it is 2 ∫ (F − G)². Székely and Rizzo, "Energy statistics", J. Stat. Plan. Inference
 * 143 (2013). It needs no bandwidth, and it is the squared MMD of the kernel −|x − y|.
 * `share` is D² over 2 E|x − y|, their energy coefficient: without units, 1 at most.
 *
 * Cost: (n + m)²·d/2 operations once; clusters² a draw of the bootstrap.
 */
import { clustersOf, equalWeights } from './clusters.js';
import { distanceSums, type Kernel, meanBetween, meanWithin, squaredDistance } from './pair-sums.js';
import { checkedPair, type MetricOptions, metricOptions, type Points } from './points.js';
import { ofPair, type Statistic } from './statistic.js';

const distance: Kernel = (a, i, b, j, d) => Math.sqrt(squaredDistance(a, i, b, j, d));

/** `value`: D². Rejects with ERR_SDE_INVALID_SHAPE, ERR_SDE_INVALID_OPTION, ERR_SDE_UNKNOWN_OPTION. */
export async function energyDistance(
  samples: Points,
  reference: Points,
  options?: MetricOptions,
): Promise<Statistic & { readonly share: number }> {
  const { seeds } = metricOptions('energyDistance', options);
  const { x, y } = await checkedPair(samples, reference);
  const sums = await distanceSums(distance, 'distance', {
    x: { points: x, clusters: clustersOf(x.n, seeds) },
    y: { points: y, clusters: clustersOf(y.n) },
    given: reference,
  });
  const statistic = ofPair('energyDistance', sums.x.rows, sums.y.rows, (v, w) => {
    return 2 * meanBetween(sums.between, v, w) - meanWithin(sums.x, v) - meanWithin(sums.y, w);
  });
  const between = meanBetween(sums.between, equalWeights(sums.x.rows), equalWeights(sums.y.rows));
  return { ...statistic, share: statistic.value / (2 * between) };
}
