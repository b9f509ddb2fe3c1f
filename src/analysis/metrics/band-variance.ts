/**
 * The variance of the samples along bands of the reference's principal components, over that of the reference.
 *
 *   ratio = Σ over the band of Var(a·x) / Σ over the band of Var(a·y),      a the components, largest first
 *
 * 1 where the laws are equal; below 1 a sampler smooths, above it adds. The components are those of every other sample of the
 * reference and the variances those of the rest: measured on the same samples, the reference's own would be too large in
 * leading bands. Differences between samplers that no distance shows at a thousand samples show here.
 * Jolliffe, "Principal Component Analysis" (2002).
 *
 * Cost: (n + m)·d·components + m·d²/2 operations and the eigenvectors of one [d, d] matrix once (0.05 s of d = 64, 0.3 s of
 * 256, about 10 s of 784, without a turn of the event loop: take a worker for the last); clusters·components a draw.
 */
import { invalidOption } from '../../errors.js';
import { turn } from '../../run/turn.js';
import { type Clusters, clustersOf, equalWeights, type Weights } from './clusters.js';
import { eigenOf, gaussianOf, momentSums } from './gaussian.js';
import {
  type CheckedPoints,
  checkedPair,
  everyOther,
  type MetricOptions,
  metricOptions,
  type Points,
} from './points.js';
import { ofPair, type Statistic } from './statistic.js';

/** First and last component, from 1. */
export type Band = readonly [first: number, last: number];

export interface BandVarianceOptions extends MetricOptions {
  /** Default [[1, 5], [6, 20], [21, 60], [61, 200]], as many as there are dimensions for. */
  bands?: readonly Band[];
}

export interface BandVariance extends Statistic {
  readonly band: Band;
}

/**
 * One a band. `value`: the ratio. At most 1024 dimensions.
 * Rejects with ERR_SDE_INVALID_SHAPE, ERR_SDE_INVALID_OPTION, ERR_SDE_UNKNOWN_OPTION.
 */
export async function bandVariance(
  samples: Points,
  reference: Points,
  options?: BandVarianceOptions,
): Promise<BandVariance[]> {
  const given = metricOptions('bandVariance', options, ['bands']);
  const { x, y } = await checkedPair(samples, reference, 20);
  const bands = checkedBands(given.bands, x.d);
  const components = Math.max(...bands.map(([, last]) => last));
  const axes = await axesOf(everyOther(y, 0), components);
  const rest = everyOther(y, 1);
  const first = await alongAxes(x, clustersOf(x.n, given.seeds), axes);
  const second = await alongAxes(rest, clustersOf(rest.n), axes);
  if (bands.some(band => varianceIn(second, band, equalWeights(second.clusters)) === 0)) {
    throw invalidOption('reference', reference, 'samples that vary along every component of the bands', {
      hint: 'Give fewer bands.',
    });
  }
  return bands.map(band => {
    const ratio = (v: Weights, w: Weights) => varianceIn(first, band, v) / varianceIn(second, band, w);
    return { ...ofPair('bandVariance', first.clusters, second.clusters, ratio, 1), band };
  });
}

function checkedBands(given: readonly Band[] | undefined, d: number): Band[] {
  if (given === undefined) {
    const bands: Band[] = [
      [1, 5],
      [6, 20],
      [21, 60],
      [61, 200],
    ];
    return bands.filter(([first]) => first <= d).map(([first, last]) => [first, Math.min(last, d)]);
  }
  const isBand = (band: unknown) =>
    Array.isArray(band) && band.length === 2 && band.every(Number.isInteger) && 1 <= band[0] && band[0] <= band[1];
  const fits = Array.isArray(given) && given.length > 0 && given.every(band => isBand(band) && band[1] <= d);
  if (!fits) throw invalidOption('metrics.bandVariance.bands', given, `[first, last] pairs from 1 to ${d}`);
  return given.map(([first, last]) => [first, last]);
}

/** [components][d], that of the largest variance first. */
async function axesOf(points: CheckedPoints, components: number): Promise<number[][]> {
  const sums = await momentSums(points);
  const { vectors } = eigenOf(gaussianOf(sums, equalWeights(sums.clusters)).covariance);
  return Array.from({ length: components }, (_, k) => vectors.getColumn(points.d - 1 - k));
}

/** Sums of each cluster along each axis. */
interface Along {
  clusters: Clusters;
  axes: number;
  /** [clusters, axes]: of what is left of a·x when the mean of all is subtracted, and of its square. */
  first: Float64Array;
  second: Float64Array;
}

async function alongAxes({ data, n, d }: CheckedPoints, clusters: Clusters, axes: number[][]): Promise<Along> {
  const count = axes.length;
  const [first, second] = [new Float64Array(clusters.count * count), new Float64Array(clusters.count * count)];
  const along = new Float64Array(n * count);
  const mean = new Float64Array(count);
  for (let row = 0; row < n; row++) {
    for (let a = 0; a < count; a++) {
      const axis = axes[a];
      let sum = 0;
      for (let k = 0; k < d; k++) sum += axis[k] * data[row * d + k];
      along[row * count + a] = sum;
      mean[a] += sum / n;
    }
    if (row % 16 === 0) await turn();
  }
  for (let row = 0; row < n; row++) {
    for (let a = 0; a < count; a++) {
      const [centred, at] = [along[row * count + a] - mean[a], clusters.ofRow[row] * count + a];
      first[at] += centred;
      second[at] += centred * centred;
    }
  }
  return { clusters, axes: count, first, second };
}

/** Summed over the band's components, without bias. */
function varianceIn({ clusters, axes, first, second }: Along, [from, to]: Band, weights: Weights): number {
  let n = 0;
  for (let c = 0; c < clusters.count; c++) n += weights[c] * clusters.sizes[c];
  let variance = 0;
  for (let a = from - 1; a < to; a++) {
    let [sum, squares] = [0, 0];
    for (let c = 0, at = a; c < clusters.count; c++, at += axes) {
      sum += weights[c] * first[at];
      squares += weights[c] * second[at];
    }
    variance += (squares - (sum * sum) / n) / (n - 1);
  }
  return variance;
}
