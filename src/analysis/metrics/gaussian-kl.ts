/**
 * The Kullback–Leibler divergence of the Gaussians with the samples' means and covariances, samples (P) from reference (Q).
 *
 *   KL(P ‖ Q) = ½ [tr B⁻¹A + (ν − μ)ᵀ B⁻¹ (ν − μ) − d + ln det B − ln det A],      P = N(μ, A), Q = N(ν, B)
 *
 * In nats, whatever the units of the data. Directions in which the data hardly varies count as much as all others, so it sees
 * what distances in the data's units do not. Above 0 where the laws are equal, by about d(d + 3)/4·(1/n + 1/m).
 * Kullback, "Information Theory and Statistics" (1959).
 *
 * Cost: (n + m)·d² operations once; d³ and clusters·d² a draw of the bootstrap.
 */
import { invalidOption } from '../../errors.js';
import { divergenceOfGaussians, gaussianOf, momentSums } from './gaussian.js';
import { checkedPair, type MetricOptions, metricOptions, type Points } from './points.js';
import { ofPair, type Statistic } from './statistic.js';

/**
 * `value`: KL(samples ‖ reference). Needs at least 2(d + 1) samples of each; at most 1024 dimensions.
 * Rejects with ERR_SDE_INVALID_SHAPE, ERR_SDE_UNKNOWN_OPTION, and ERR_SDE_INVALID_OPTION where a covariance has no inverse
 * too.
 */
export async function gaussianKl(samples: Points, reference: Points, options?: MetricOptions): Promise<Statistic> {
  const { seeds } = metricOptions('gaussianKl', options);
  const { x, y } = await checkedPair(samples, reference);
  for (const [name, { n, d }] of Object.entries({ samples: x, reference: y })) {
    if (n < 2 * (d + 1)) throw invalidOption(`${name}.shape[0]`, n, `at least ${2 * (d + 1)} samples of ${d} numbers`);
  }
  const [first, second] = [await momentSums(x, seeds), await momentSums(y)];
  const statistic = ofPair('gaussianKl', first.clusters, second.clusters, (v, w) =>
    divergenceOfGaussians(gaussianOf(first, v), gaussianOf(second, w)),
  );
  if (!Number.isNaN(statistic.value)) return statistic;
  throw invalidOption('samples', samples, 'samples that vary in every direction', {
    hint: 'One of the covariances has no inverse: leave constant numbers out, or take buresWasserstein.',
  });
}
