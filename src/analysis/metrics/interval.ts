/**
 * How far a metric may be from what it would be of infinitely many samples.
 *
 * Cluster bootstrap over samples with seeds as blocks: within each seed as many clusters are drawn with repetition as there
 * are, and the metric is taken again with each cluster counted as often as it was drawn. Where two samplers are compared on
 * the same starting points and noise, sample k of one is drawn with sample k of the other, and what both have in common
 * cancels. Intervals are "basic" ones, mirrored at the value, [2v − q(1 − α/2), 2v − q(α/2)]: a metric that finite n makes
 * too large is made so once more by drawing, and mirroring takes that off.
 * Davison and Hinkley, "Bootstrap Methods and their Application" (1997), sections 2.4, 3.8 and 5.2.
 *
 * Near 0 the intervals of unbiased distances of pairs (`mmd`, `energyDistance`, `modeWeights`) are too wide, by up to √3: the
 * first-order term that draws have is none of the law's there. They err to the safe side.
 */
import { invalidOption } from '../../errors.js';
import { choiceOption, numberOption, optionsObject, seedOption } from '../../options/checks.js';
import { turn } from '../../run/turn.js';
import { type Clusters, equalWeights, LEAST_CLUSTERS, type Weights } from './clusters.js';
import { quantileOf, studentQuantile } from './distributions.js';
import { type Random, randomOf } from './random.js';
import type { Statistic } from './statistic.js';

export interface Estimate {
  /** As measured. */
  readonly value: number;
  /** The value without what finite n adds to it, where the metric is one that n makes too large; else about the value. */
  readonly corrected: number;
  /** Ends of the interval. */
  readonly low: number;
  readonly high: number;
  /** Probability that the interval holds the truth: 0.95. */
  readonly confidence: number;
  readonly standardError: number;
}

export interface IntervalOptions {
  /** Default 0.95. */
  confidence?: number;
  /** Draws. Default 2000. */
  resamples?: number;
  /** Default 0. */
  seed?: number | bigint;
  /**
   * 'resampled': the reference is a sample of the truth, and its own chance is in the interval. 'fixed': it is the truth.
   * Default 'resampled'.
   */
  reference?: 'resampled' | 'fixed';
}

/**
 * Of one metric. Takes `resamples` times what the metric says a draw costs, and gives the event loop a turn between draws.
 * Rejects with ERR_SDE_INVALID_OPTION, ERR_SDE_UNKNOWN_OPTION.
 */
export async function interval(statistic: Statistic, options?: IntervalOptions): Promise<Estimate> {
  return bootstrap(statistic.value, [statistic], statistic.at, options);
}

/**
 * Of the same metric of two samplers: how much farther a is from perfect than b, below 0 where a is better. Their samples
 * are paired by place and must be of the same number and seeds, compared with the same reference.
 * Rejects with ERR_SDE_INVALID_OPTION, ERR_SDE_UNKNOWN_OPTION.
 */
export async function difference(a: Statistic, b: Statistic, options?: IntervalOptions): Promise<Estimate> {
  refuseUnlike(a, b);
  const miss = ({ target }: Statistic, value: number) => (target === undefined ? value : Math.abs(value - target));
  const at = (v: Weights, w?: Weights) => miss(a, a.at(v, w)) - miss(b, b.at(v, w));
  return bootstrap(miss(a, a.value) - miss(b, b.value), [a, b], at, options);
}

/**
 * Of independent values, one a seed, by Student's law: for what no bootstrap serves, and as a check on it. For two samplers
 * give the differences of their values.
 */
export function acrossSeeds(values: readonly number[], confidence = 0.95): Estimate {
  const fits = Array.isArray(values) && values.length >= 2 && values.every(Number.isFinite);
  if (!fits) throw invalidOption('values', values, 'two finite numbers at least, one a seed');
  numberOption('confidence', confidence, 0.95, { above: 0, below: 1 });
  const n = values.length;
  const value = values.reduce((sum, one) => sum + one, 0) / n;
  const variance = values.reduce((sum, one) => sum + (one - value) ** 2, 0) / (n - 1);
  const standardError = Math.sqrt(variance / n);
  const half = studentQuantile((1 + confidence) / 2, n - 1) * standardError;
  return { value, corrected: value, low: value - half, high: value + half, confidence, standardError };
}

async function bootstrap(
  value: number,
  [one]: readonly Statistic[],
  at: Statistic['at'],
  options?: IntervalOptions,
): Promise<Estimate> {
  const given = optionsObject<IntervalOptions>('interval', options, ['confidence', 'resamples', 'seed', 'reference']);
  const confidence = numberOption('interval.confidence', given.confidence, 0.95, { above: 0, below: 1 });
  const resamples = numberOption('interval.resamples', given.resamples, 2000, { min: 20, max: 2 ** 20, integer: true });
  const random = randomOf(seedOption('interval.seed', given.seed));
  const kind = choiceOption('interval.reference', given.reference, ['resampled', 'fixed'], 'resampled');
  for (const { count, blocks } of [one.samples, ...(one.reference ? [one.reference] : [])]) {
    if (count < LEAST_CLUSTERS * blocks) {
      throw invalidOption('statistic', count / blocks, `at least ${LEAST_CLUSTERS} samples of each seed to draw from`);
    }
  }
  const values = new Float64Array(resamples);
  for (let k = 0; k < resamples; k++) {
    const samples = drawn(one.samples, random);
    const reference = one.reference && (kind === 'fixed' ? equalWeights(one.reference) : drawn(one.reference, random));
    values[k] = at(samples, reference);
    if (Number.isNaN(values[k])) {
      throw invalidOption('samples', one.samples.ofRow.length, 'enough samples for the metric to exist of every draw', {
        hint: 'Draw more samples.',
      });
    }
    await turn();
  }
  const mean = values.reduce((sum, v) => sum + v, 0) / resamples;
  const standardError = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (resamples - 1));
  values.sort();
  const low = 2 * value - quantileOf(values, (1 + confidence) / 2);
  const high = 2 * value - quantileOf(values, (1 - confidence) / 2);
  return { value, corrected: 2 * value - mean, low, high, confidence, standardError };
}

/** How often each cluster is drawn, as many in each block as it has. */
function drawn({ count, blocks }: Clusters, random: Random): Weights {
  const weights = new Float64Array(count);
  const perBlock = count / blocks;
  for (let c = 0; c < count; c++) weights[c - (c % perBlock) + random.below(perBlock)]++;
  return weights;
}

function refuseUnlike(a: Statistic, b: Statistic): void {
  const place = ({ samples, reference }: Statistic) => [samples.ofRow.length, samples.blocks, reference?.ofRow.length];
  const same = a.metric === b.metric && place(a).every((value, i) => value === place(b)[i]);
  if (same) return;
  throw invalidOption('b', b.metric, `${a.metric} of as many samples and seeds, with the same reference`);
}
