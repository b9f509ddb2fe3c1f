/** Intervals that hold the truth as often as they say, floors, verdicts that err as seldom as they say, and what is refused. */
import { describe, expect, it } from 'vitest';
import { clustersOf, equalWeights } from '../src/analysis/metrics/clusters.js';
import { chiSquareAbove, normalQuantile, quantileOf, studentQuantile } from '../src/analysis/metrics/distributions.js';
import { randomOf } from '../src/analysis/metrics/random.js';
import { metrics, mixtureScore, type SampleStats, sample, vp } from '../src/index.js';
import { caught } from './support/caught.js';
import { gaussianScore } from './support/gaussian.js';
import { line, normals } from './support/points.js';
import { rounds } from './support/rounds.js';

describe('the generator', () => {
  it('draws normal numbers and fair integers, the same after the same seed', () => {
    const [first, again, other] = [randomOf(5n), randomOf(5n), randomOf(6n)];
    const numbers = Array.from({ length: 20_000 }, () => first.normal());
    expect(again.normal()).toBe(numbers[0]);
    expect(other.normal()).not.toBe(numbers[0]);
    expect(randomOf(5n + (1n << 40n)).normal()).not.toBe(numbers[0]);
    for (const [power, truth, deviation] of [
      [1, 0, 1],
      [2, 1, Math.sqrt(2)],
      [4, 3, Math.sqrt(96)],
    ]) {
      const mean = numbers.reduce((sum, x) => sum + x ** power, 0) / 20_000;
      expect(Math.abs(mean - truth)).toBeLessThan((4 * deviation) / Math.sqrt(20_000));
    }
    const counts = new Float64Array(7);
    for (let i = 0; i < 14_000; i++) counts[first.below(7)]++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
    expect(chiSquareAbove(chiSquare, 6)).toBeGreaterThan(1e-3);
  });
});

describe('the laws of tests', () => {
  it('have the quantiles of the tables', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959964, 5);
    expect(studentQuantile(0.975, 4)).toBeCloseTo(2.776445, 5);
    expect(studentQuantile(0.975, 9)).toBeCloseTo(2.262157, 5);
    expect(chiSquareAbove(11.0705, 5)).toBeCloseTo(0.05, 5);
    expect(quantileOf([0, 1, 4], 0.75)).toBe(2.5);
  });
});

describe('clusters', () => {
  it('are samples where there are few, neighbours of one seed where there are many', () => {
    const few = clustersOf(30, 3);
    expect([few.count, few.blocks, [...few.ofRow]]).toEqual([30, 3, Array.from({ length: 30 }, (_, i) => i)]);
    const { count, ofRow, sizes } = clustersOf(6000, 4);
    expect(count).toBe(500);
    expect(new Set(sizes)).toEqual(new Set([12]));
    expect([ofRow[0], ofRow[1499], ofRow[1500], ofRow[5999]]).toEqual([0, 124, 125, 499]);
  });
});

describe('interval', () => {
  /** The share of repetitions whose interval of 90 % holds the truth. */
  async function coverage(truth: number, measured: (round: number) => Promise<metrics.Statistic>) {
    const repetitions = rounds(100, 1000);
    let held = 0;
    for (let round = 0; round < repetitions; round++) {
      const statistic = await measured(round);
      const { low, high } = await metrics.interval(statistic, { resamples: 200, confidence: 0.9, seed: round });
      if (low <= truth && truth <= high) held++;
    }
    return held / repetitions;
  }

  // Of 100 repetitions four standard deviations are 0.12.
  it.each([
    // 2 E|z| of N(1/2, 2), less twice 2/√π.
    ['energyDistance', 0.5, 0.139596],
    ['slicedWasserstein', 1, 1],
    ['gaussianKl', 0.5, 0.125],
    ['buresWasserstein', 0.5, 0.25],
  ] as const)('of %s holds the truth nine times of ten', async (metric, mean, truth) => {
    const n = 60;
    const share = await coverage(truth, round =>
      metrics[metric](normals(n, 1, 1000 + round, { mean }), normals(n, 1, 5000 + round)),
    );
    expect(share).toBeGreaterThan(0.78);
    expect(share).toBeLessThanOrEqual(1);
  });

  it('is too wide, not too narrow, where the laws are equal', async () => {
    const share = await coverage(0, round =>
      metrics.energyDistance(normals(60, 1, 2 * round), normals(60, 1, 2 * round + 1)),
    );
    expect(share).toBeGreaterThan(0.9);
  });

  it('takes off what finite n adds', async () => {
    // 16 dimensions: both means' errors add 2·16/100 and the covariances' 16·17/200.
    const [x, y] = [normals(100, 16, 1), normals(100, 16, 2)];
    const { value, corrected } = await metrics.interval(await metrics.buresWasserstein(x, y), { resamples: 100 });
    expect(value).toBeGreaterThan(1);
    expect(Math.abs(corrected)).toBeLessThan(0.4);
  });

  it('has the standard error of a mean, where the metric is one', async () => {
    const evaluations = Uint32Array.from({ length: 500 }, (_, i) => 20 + (i % 10));
    const { meanEvaluations } = metrics.cost(statsOf({ evaluations }));
    const { standardError, low, high } = await metrics.interval(meanEvaluations);
    const truth = Math.sqrt(8.25 / 500);
    expect(Math.abs(standardError / truth - 1)).toBeLessThan(0.06);
    expect(high - low).toBeCloseTo(2 * 1.96 * truth, 1);
  });

  it('draws within a seed: what parts seeds is no chance', async () => {
    const evaluations = Uint32Array.from({ length: 40 }, (_, i) => (i < 20 ? 10 : 30));
    const halves = [evaluations.subarray(0, 20), evaluations.subarray(20)];
    const one = metrics.cost(statsOf({ evaluations })).meanEvaluations;
    const two = metrics.cost(halves.map(half => statsOf({ evaluations: half }))).meanEvaluations;
    expect((await metrics.interval(one, { resamples: 100 })).standardError).toBeGreaterThan(1);
    expect((await metrics.interval(two, { resamples: 100 })).standardError).toBe(0);
  });

  it('is the same after the same seed, and another after another', async () => {
    const statistic = await metrics.slicedWasserstein(normals(50, 2, 1), normals(50, 2, 2), { projections: 8 });
    const of = (seed: number) => metrics.interval(statistic, { resamples: 50, seed });
    expect(await of(1)).toEqual(await of(1));
    expect(await of(1)).not.toEqual(await of(2));
    const fixed = await metrics.interval(statistic, { resamples: 50, reference: 'fixed' });
    expect(fixed.high - fixed.low).toBeLessThan((await of(0)).high - (await of(0)).low);
  });

  it('comes from seeds by Student’s law too', () => {
    const { value, low, high } = metrics.acrossSeeds([1, 2, 3, 4, 5]);
    expect(value).toBe(3);
    expect(high - value).toBeCloseTo(2.776445 * Math.sqrt(2.5 / 5), 5);
    expect(value - low).toBeCloseTo(high - value, 12);
  });

  it('gives the event loop its turns', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const statistic = await metrics.energyDistance(normals(1000, 16, 1), normals(1000, 16, 2));
    const afterMetric = turns;
    await metrics.interval(statistic, { resamples: 100 });
    clearInterval(timer);
    expect(afterMetric).toBeGreaterThan(0);
    expect(turns).toBeGreaterThan(afterMetric);
  });
});

describe('difference', () => {
  const y = normals(200, 2, 3);
  const shifted = (by: number, seed: number) => normals(200, 2, seed, { mean: by });

  it('loses what two samplers have in common', async () => {
    const a = await metrics.mmd(shifted(0.6, 4), y);
    const b = await metrics.mmd(shifted(0.7, 4), y);
    const apart = await metrics.mmd(shifted(0.7, 5), y);
    const [paired, unpaired] = [
      await metrics.difference(a, b, { resamples: 300 }),
      await metrics.difference(a, apart, { resamples: 300 }),
    ];
    expect(paired.high).toBeLessThan(0);
    expect(paired.standardError).toBeLessThan(unpaired.standardError / 3);
    expect((await metrics.difference(a, a, { resamples: 50 })).standardError).toBe(0);
  });

  it('measures from the target: 0.8 and 1.2 are as far from 1', async () => {
    const wide = normals(400, 1, 6);
    const of = async (deviation: number) =>
      (await metrics.bandVariance(normals(400, 1, 7, { deviation }), wide, { bands: [[1, 1]] }))[0];
    const [narrow, exact] = [await of(0.8), await of(1)];
    expect(metrics.verdict(await metrics.difference(exact, narrow, { resamples: 200 }), { margin: 0 }).verdict).toBe(
      'better',
    );
    expect(metrics.verdict(await metrics.difference(narrow, exact, { resamples: 200 }), { margin: 0 }).verdict).toBe(
      'worse',
    );
  });

  it('refuses sets that cannot be paired', async () => {
    const a = await metrics.mmd(shifted(0, 4), y);
    for (const b of [
      await metrics.mmd(normals(100, 2, 1), y),
      await metrics.mmd(shifted(0, 4), y, { seeds: 2 }),
      await metrics.energyDistance(shifted(0, 4), y),
    ]) {
      expect((await caught(() => metrics.difference(a, b))).option).toBe('b');
    }
  });
});

describe('verdict', () => {
  /** How often each verdict falls on two samplers whose means are `first` and `second` from the truth, with noise of their own. */
  async function verdicts(first: number, second: number, margin: number) {
    const repetitions = rounds(150, 1500);
    const found = { better: 0, worse: 0, equivalent: 0, undecided: 0 };
    for (let round = 0; round < repetitions; round++) {
      const y = normals(80, 1, 9000 + round);
      const [a, b] = [first, second].map((mean, i) => normals(80, 1, 3000 * i + round, { mean }));
      const [p, q] = [await metrics.buresWasserstein(a, y), await metrics.buresWasserstein(b, y)];
      const difference = await metrics.difference(p, q, { resamples: 100, seed: round });
      found[metrics.verdict(difference, { margin }).verdict] += 1 / repetitions;
    }
    return found;
  }

  it('seldom parts samplers that are alike', async () => {
    const { better, worse, equivalent } = await verdicts(1, 1, 0);
    expect(better + worse).toBeLessThan(0.05 + 4 * Math.sqrt((0.05 * 0.95) / 150));
    expect(equivalent).toBe(0);
  });

  it('seldom calls equivalent what differs by the margin, and finds what differs by much', async () => {
    // W² is 1 and 1.69.
    const { equivalent } = await verdicts(1.3, 1, 0.69);
    expect(equivalent).toBeLessThan(0.025 + 4 * Math.sqrt((0.025 * 0.975) / 150));
    const far = await verdicts(1, 2, 0.69);
    expect(far.better).toBeGreaterThan(0.95);
  });

  const estimate = (low: number, high: number) => ({
    value: 0,
    corrected: 0,
    low,
    high,
    confidence: 0.95,
    standardError: 0.5,
  });

  it.each([
    [-2, -1, 0.5, 'better'],
    [1, 2, 0.5, 'worse'],
    [-1, 1, 0.5, 'undecided'],
    [-0.4, 0.3, 0.5, 'equivalent'],
    [0.1, 0.3, 0.5, 'equivalent'],
    [0.1, 0.3, 0, 'worse'],
    [0.1, 0.6, 0.5, 'worse'],
    [0, 0, 0, 'undecided'],
    [0, 0, 0.1, 'equivalent'],
  ] as const)('of the interval [%d, %d] and the margin %d is %s', (low, high, margin, word) => {
    expect(metrics.verdict(estimate(low, high), { margin }).verdict).toBe(word);
  });

  it('says which difference would have been seen', () => {
    // At 5 % risk and 80 % power: 1.960 + 0.842 standard errors.
    expect(metrics.verdict(estimate(-1, 1), { margin: 0 }).detectable).toBeCloseTo(2.8016 * 0.5, 3);
  });

  it('needs a margin', async () => {
    const error = await caught(() => metrics.verdict(estimate(-1, 1), {} as metrics.VerdictOptions));
    expect(error.option).toBe('verdict.margin');
  });
});

describe('noiseFloor', () => {
  it('is what perfect samples get', async () => {
    const y = normals(300, 2, 1);
    const measure = (x: metrics.Points) => metrics.slicedWasserstein(x, y, { projections: 32 });
    const floor = await metrics.noiseFloor(measure, k => normals(100, 2, 50 + k), { draws: 20 });
    expect(floor.values).toHaveLength(20);
    expect(floor.mean).toBeGreaterThan(0);
    expect(floor.high).toBeGreaterThan(floor.mean);
    const off = await measure(normals(100, 2, 7, { mean: 0.8 }));
    expect(off.value).toBeGreaterThan(floor.high);
    // Unbiased metrics have theirs around 0.
    const unbiased = await metrics.noiseFloor(
      x => metrics.mmd(x, y),
      k => normals(100, 2, 50 + k),
      { draws: 20 },
    );
    expect(Math.abs(unbiased.mean)).toBeLessThan((4 * unbiased.deviation) / Math.sqrt(20) + 1e-3);
  });

  it('takes subsets of a pool: different rows, the same after the same seed', () => {
    const pool = line(...Array.from({ length: 50 }, (_, i) => i));
    const draw = metrics.subsets(pool, 20, 3);
    const [first, second] = [draw(0), draw(1)];
    expect(new Set(first.samples).size).toBe(20);
    expect(first.shape).toEqual([20]);
    expect(draw(0)).toEqual(first);
    expect(second).not.toEqual(first);
    expect([...metrics.subsets(pool, 50)(0).samples].sort((a, b) => a - b)).toEqual([...pool.samples]);
  });
});

function statsOf({ evaluations, rejected = 0 }: { evaluations: Uint32Array; rejected?: number }): SampleStats {
  const total = evaluations.reduce((sum, one) => sum + one, 0);
  return {
    evaluations,
    totals: { evaluations: total, accepted: 30, rejected, mostEvaluations: Math.max(...evaluations) },
    network: { calls: 1, rows: 2 * total },
    utilisation: 0.5,
    timing: { totalMs: 1500, scoreMs: 1000, solverMs: 500 },
  } as unknown as SampleStats;
}

describe('cost', () => {
  it('is counted over all jobs', () => {
    const evaluations = Uint32Array.from({ length: 100 }, (_, i) => i + 1);
    const found = metrics.cost([statsOf({ evaluations, rejected: 10 }), statsOf({ evaluations, rejected: 10 })]);
    expect(found.evaluations).toEqual({ mean: 50.5, median: 50, p99: 99, max: 100 });
    expect(found.rejectedShare).toBe(20 / 80);
    expect([found.utilisation, found.seconds, found.secondsInScore]).toEqual([0.5, 3, 2]);
    expect(found.meanEvaluations.value).toBe(50.5);
  });

  it('takes what sample gives, and so do metrics', async () => {
    const result = await sample({ sde: vp(), score: gaussianScore(2), shape: [2], count: 40, seed: 1 });
    const { evaluations, meanEvaluations } = metrics.cost(result.stats);
    expect(evaluations.mean).toBe(meanEvaluations.value);
    expect(evaluations.max).toBe(result.stats.totals.mostEvaluations);
    const { value } = await metrics.energyDistance(result, normals(200, 2, 1, { deviation: 0.5 }));
    expect(Math.abs(value)).toBeLessThan(0.1);
  });
});

describe('what does not fit', () => {
  const fine = normals(20, 2, 1);
  const y = normals(20, 2, 2);
  const flat = { samples: new Float32Array(40).fill(1), shape: [20, 2] };

  it.each([
    [
      'too few numbers',
      { samples: new Float32Array(39), shape: [20, 2] },
      'ERR_SDE_INVALID_SHAPE',
      'samples.samples.length',
    ],
    ['no shape', { samples: new Float32Array(40), shape: [] }, 'ERR_SDE_INVALID_SHAPE', 'samples.shape'],
    ['other widths', { samples: new Float32Array(60), shape: [20, 3] }, 'ERR_SDE_INVALID_SHAPE', 'reference.shape'],
    ['a plain list', { samples: [1, 2], shape: [1, 2] }, 'ERR_SDE_INVALID_OPTION', 'samples.samples'],
    ['nothing', undefined, 'ERR_SDE_INVALID_OPTION', 'samples'],
    ['a single sample', { samples: new Float32Array(2), shape: [1, 2] }, 'ERR_SDE_INVALID_OPTION', 'samples.shape[0]'],
    [
      'NaN',
      { samples: new Float32Array(40).fill(NaN, 7, 8), shape: [20, 2] },
      'ERR_SDE_INVALID_OPTION',
      'samples.samples[7]',
    ],
  ])('is refused by every metric: %s', async (_, samples, code, option) => {
    const given = samples as metrics.Points;
    for (const metric of ['slicedWasserstein', 'mmd', 'energyDistance', 'gaussianKl', 'buresWasserstein'] as const) {
      const error = await caught(() => metrics[metric](given, y));
      expect([metric, error.code, error.option]).toEqual([metric, code, option]);
    }
  });

  it.each([
    [() => metrics.mmd(fine, y, { seeds: 3 }), 'seeds'],
    [() => metrics.mmd(fine, y, { kernel: 'cubic' as 'gaussian' }), 'metrics.mmd.kernel'],
    [() => metrics.mmd(fine, y, { bandwidth: 0 }), 'metrics.mmd.bandwidth'],
    [() => metrics.mmd(fine, fine, { kernel: 'polynomial', bandwidth: 1 }), 'metrics.mmd.bandwidth'],
    [() => metrics.slicedWasserstein(fine, y, { projections: 1.5 }), 'metrics.slicedWasserstein.projections'],
    [() => metrics.slicedWasserstein(fine, y, { seed: -1 }), 'metrics.slicedWasserstein.seed'],
    [() => metrics.precisionRecall(fine, y, { k: 20 }), 'metrics.precisionRecall.k'],
    [() => metrics.frechet(fine, y), 'samples.shape[0]'],
    [() => metrics.gaussianKl(line(1, 2, 3), line(1, 2, 3, 4)), 'samples.shape[0]'],
    [
      () =>
        metrics.buresWasserstein(
          { samples: new Float32Array(2 * 1025), shape: [2, 1025] },
          { samples: new Float32Array(2 * 1025), shape: [2, 1025] },
        ),
      'samples.shape',
    ],
    [() => metrics.bandVariance(fine, normals(40, 2, 2), { bands: [[1, 3]] }), 'metrics.bandVariance.bands'],
    [() => metrics.bandVariance(fine, flat), 'reference'],
    [() => metrics.mmd(fine, flat), 'metrics.mmd.bandwidth'],
    [() => metrics.modeWeights(fine, gaussianScore(2)), 'mixture'],
    [
      () => metrics.modeWeights(fine, mixtureScore({ weights: [1, 1], means: [[0], [1]], variances: [1, 1] })),
      'mixture.elements',
    ],
    [() => metrics.cost([]), 'jobs'],
    [() => metrics.acrossSeeds([1]), 'values'],
    [() => metrics.subsets(fine, 21), 'subsets.count'],
  ])('%#: %s', async (call, option) => {
    expect((await caught(async () => call())).option).toBe(option);
  });

  it('is too few samples of a seed to draw from', async () => {
    const statistic = await metrics.mmd(fine, y, { seeds: 4 });
    expect(statistic.at(equalWeights(statistic.samples))).toBe(statistic.value);
    expect((await caught(() => metrics.interval(statistic))).option).toBe('statistic');
  });

  it('is an option that no metric knows', async () => {
    const error = await caught(() => metrics.energyDistance(fine, y, { seed: 2 } as metrics.MetricOptions));
    expect([error.code, error.option]).toEqual(['ERR_SDE_UNKNOWN_OPTION', 'seed']);
  });
});
