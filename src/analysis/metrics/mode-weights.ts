/**
 * How far the shares of a mixture's modes are from its weights: their χ² divergence, without bias.
 *
 *   χ²(p, w) = Σ (p_k − w_k)²/w_k = Σ p_k²/w_k − 1,      p_k the probability that a sample lies at mode k
 *
 * p_k² is estimated from pairs of different samples, so that the value is below 0 half of the time where the weights are
 * right. A sample lies at the mode of the largest posterior probability, w_k N(x; μ_k, v_k I). The modes must lie apart:
 * where they overlap, even perfect samples are shared out otherwise than w, which the noise floor shows.
 * Pearson (1900): n·Σ (p̂_k − w_k)²/w_k has the χ² law of K − 1 degrees of freedom, hence `pValue`.
 *
 * Cost: n·K·d operations once; clusters·K a draw of the bootstrap.
 */
import { invalidOption } from '../../errors.js';
import { turn } from '../../run/turn.js';
import type { MixtureScore } from '../../score/mixture.js';
import { clustersOf } from './clusters.js';
import { chiSquareAbove } from './distributions.js';
import { type CheckedPoints, checkedPoints, type MetricOptions, metricOptions, type Points } from './points.js';
import { ofSamples, type Statistic } from './statistic.js';

export interface ModeWeights extends Statistic {
  /** [K]: p̂, as counted. */
  readonly shares: Float64Array;
  /** n·Σ (p̂_k − w_k)²/w_k over K − 1: about 1 where the weights are right. */
  readonly chiSquarePerDegree: number;
  /** Probability of so large a χ², or a larger, where the weights are right. */
  readonly pValue: number;
}

/**
 * `value`: χ²(p, w). Rejects with ERR_SDE_INVALID_SHAPE, ERR_SDE_INVALID_OPTION, ERR_SDE_UNKNOWN_OPTION; the mixture needs
 * two components at least.
 */
export async function modeWeights(
  samples: Points,
  mixture: MixtureScore,
  options?: MetricOptions,
): Promise<ModeWeights> {
  const { seeds } = metricOptions('modeWeights', options);
  const x = await checkedPoints('samples', samples);
  checkMixture(mixture, x.d);
  const { weights } = mixture;
  const modes = weights.length;
  const clusters = clustersOf(x.n, seeds);
  const counts = new Float64Array(clusters.count * modes);
  for (let row = 0; row < x.n; row++) {
    counts[clusters.ofRow[row] * modes + modeOf(x, row, mixture)]++;
    if (row % 64 === 0) await turn();
  }
  const sharesAt = (v: Float64Array) => {
    const once = new Float64Array(modes);
    const copies = new Float64Array(modes);
    for (let c = 0, at = 0; c < clusters.count; c++) {
      for (let k = 0; k < modes; k++, at++) {
        once[k] += v[c] * counts[at];
        copies[k] += v[c] * v[c] * counts[at];
      }
    }
    return { once, copies };
  };
  const divergence = (v: Float64Array) => {
    const { once, copies } = sharesAt(v);
    const [all, own] = [sumOf(once), sumOf(copies)];
    return once.reduce((sum, count, k) => sum + (count * count - copies[k]) / weights[k], 0) / (all * all - own) - 1;
  };
  const statistic = ofSamples('modeWeights', clusters, divergence);
  const shares = sharesAt(new Float64Array(clusters.count).fill(1)).once.map(count => count / x.n);
  const chiSquare = x.n * shares.reduce((sum, share, k) => sum + (share - weights[k]) ** 2 / weights[k], 0);
  const degrees = modes - 1;
  return { ...statistic, shares, chiSquarePerDegree: chiSquare / degrees, pValue: chiSquareAbove(chiSquare, degrees) };
}

function checkMixture(mixture: MixtureScore, d: number): void {
  const isMixture = typeof mixture === 'object' && mixture !== null && mixture.kind === 'mixture';
  if (!isMixture || mixture.weights.length < 2) {
    throw invalidOption('mixture', mixture, 'a mixture of two components or more', {
      hint: 'Give mixtureScore({ weights, means, variances }).',
    });
  }
  if (mixture.elements !== d) {
    const expected = `${d} dimensions, as the samples have`;
    throw invalidOption('mixture.elements', mixture.elements, expected, { code: 'ERR_SDE_INVALID_SHAPE' });
  }
}

/** Where a component is a point, all count as equally wide. */
function modeOf({ data, d }: CheckedPoints, row: number, { weights, means, variances }: MixtureScore): number {
  const points = variances.some(variance => variance === 0);
  let [best, mode] = [-Infinity, 0];
  for (let k = 0; k < weights.length; k++) {
    let square = 0;
    for (let i = 0; i < d; i++) square += (data[row * d + i] - means[k * d + i]) ** 2;
    const likely = points ? -square : Math.log(weights[k]) - (d * Math.log(variances[k]) + square / variances[k]) / 2;
    if (likely > best) [best, mode] = [likely, k];
  }
  return mode;
}

function sumOf(numbers: Float64Array): number {
  return numbers.reduce((sum, value) => sum + value, 0);
}
