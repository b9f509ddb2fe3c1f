/**
 * The squared maximum mean discrepancy of two laws P and Q, without bias.
 *
 *   MMD² = E k(x, x') + E k(y, y') − 2 E k(x, y),      x, x' ~ P and y, y' ~ Q independent
 *
 * estimated by means over pairs of different samples, so that it is a little below 0 half of the time where P = Q.
 * Gretton et al., "A kernel two-sample test", JMLR 13 (2012); KID: Bińkowski et al., "Demystifying MMD GANs",
 * arXiv:1801.01401, which takes the polynomial kernel on features of a network.
 *
 * Cost: (n + m)²·d/2 operations once; clusters² a draw of the bootstrap.
 */
import { invalidOption } from '../../errors.js';
import { choiceOption, numberOption } from '../../options/checks.js';
import { clustersOf } from './clusters.js';
import { distanceSums, type Kernel, meanBetween, meanWithin, squaredDistance } from './pair-sums.js';
import { type CheckedPoints, checkedPair, type MetricOptions, metricOptions, type Points } from './points.js';
import { ofPair, type Statistic } from './statistic.js';

export interface MmdOptions extends MetricOptions {
  /**
   * 'gaussian': exp(−|x − y|²/(2·bandwidth²)), which sees every difference of two laws. 'polynomial': (x·y/d + 1)³, which
   * sees the first three moments; KID where the points are a network's features. Default 'gaussian'.
   */
  kernel?: 'gaussian' | 'polynomial';
  /**
   * Of the Gaussian kernel, in units of the data. Default: the median distance of the reference's samples (of 500 of them at
   * most), a function of the reference alone, so that all that are compared with it are measured alike.
   */
  bandwidth?: number;
}

/** `value`: MMD², unbiased. Rejects with ERR_SDE_INVALID_SHAPE, ERR_SDE_INVALID_OPTION, ERR_SDE_UNKNOWN_OPTION. */
export async function mmd(samples: Points, reference: Points, options?: MmdOptions): Promise<Statistic> {
  const given = metricOptions('mmd', options, ['kernel', 'bandwidth']);
  const kind = choiceOption('metrics.mmd.kernel', given.kernel, ['gaussian', 'polynomial'], 'gaussian');
  if (kind === 'polynomial' && given.bandwidth !== undefined) {
    throw invalidOption('metrics.mmd.bandwidth', given.bandwidth, 'none beside the polynomial kernel');
  }
  const { x, y } = await checkedPair(samples, reference);
  const isCubic = kind === 'polynomial';
  const bandwidth = isCubic
    ? 0
    : numberOption('metrics.mmd.bandwidth', given.bandwidth, medianDistance(y), { above: 0 });
  const kernel = isCubic ? cubic : gaussian(bandwidth);
  const sums = await distanceSums(kernel, `${kind} ${bandwidth}`, {
    x: { points: x, clusters: clustersOf(x.n, given.seeds) },
    y: { points: y, clusters: clustersOf(y.n) },
    given: reference,
  });
  return ofPair('mmd', sums.x.rows, sums.y.rows, (v, w) => {
    return meanWithin(sums.x, v) + meanWithin(sums.y, w) - 2 * meanBetween(sums.between, v, w);
  });
}

function gaussian(bandwidth: number): Kernel {
  const factor = -1 / (2 * bandwidth ** 2);
  return (a, i, b, j, d) => Math.exp(factor * squaredDistance(a, i, b, j, d));
}

function cubic(a: Float64Array, i: number, b: Float64Array, j: number, d: number): number {
  let product = 0;
  for (let k = 0; k < d; k++) product += a[i + k] * b[j + k];
  return (product / d + 1) ** 3;
}

function medianDistance({ data, n, d }: CheckedPoints): number {
  const rows = Math.min(n, 500);
  const place = (i: number) => Math.floor((i * n) / rows) * d;
  const squares = new Float64Array((rows * (rows - 1)) / 2);
  let k = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < i; j++) squares[k++] = squaredDistance(data, place(i), data, place(j), d);
  }
  return Math.sqrt(squares.sort()[squares.length >> 1]);
}
