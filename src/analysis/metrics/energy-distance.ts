/**
 * The energy distance of two laws, without bias: 0 where they are equal and only there.
 *
 *   D² = 2 E|x − y| − E|x − x'| − E|y − y'|,      x, x' ~ P and y, y' ~ Q independent; |·| Euclidean
 *
 * In units of the data. In one dimension it is 2 ∫ (F − G)². Székely and Rizzo, "Energy statistics", J. Stat. Plan. Inference
 * 143 (2013). It needs no bandwidth, and it is the squared MMD of the kernel −|x − y|.
 *
 * Cost: (n + m)²·d/2 operations once; clusters² a draw of the bootstrap.
 */
import { clustersOf } from './clusters.js';
import { kernelDistance } from './mmd.js';
import { type Kernel, squaredDistance } from './pair-sums.js';
import { checkedPair, type MetricOptions, metricOptions, type Points } from './points.js';
import type { Statistic } from './statistic.js';

const negativeDistance: Kernel = (a, i, b, j, d) => -Math.sqrt(squaredDistance(a, i, b, j, d));

/** `value`: D². Rejects with ERR_SDE_INVALID_SHAPE, ERR_SDE_INVALID_OPTION, ERR_SDE_UNKNOWN_OPTION. */
export async function energyDistance(samples: Points, reference: Points, options?: MetricOptions): Promise<Statistic> {
  const { seeds } = metricOptions('energyDistance', options);
  const { x, y } = await checkedPair(samples, reference);
  return kernelDistance('energyDistance', negativeDistance, {
    x: { points: x, clusters: clustersOf(x.n, seeds) },
    y: { points: y, clusters: clustersOf(y.n) },
  });
}
