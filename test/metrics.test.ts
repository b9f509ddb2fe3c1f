/** Every metric against its closed form. */
import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { divergenceOfGaussians, squaredWassersteinOfGaussians } from '../src/analysis/metrics/gaussian.js';
import { metrics, mixtureScore } from '../src/index.js';
import { caught } from './support/caught.js';
import { line, normals } from './support/points.js';

/** Of N(δ, v): E |z|, with Φ from the series for erf. */
function meanDistance(delta: number, v: number): number {
  const density = Math.sqrt((2 * v) / Math.PI) * Math.exp(-(delta ** 2) / (2 * v));
  return density + delta * erf(delta / Math.sqrt(2 * v));
}

function erf(x: number): number {
  let [sum, term] = [x, x];
  for (let k = 1; k < 60; k++) {
    term *= -(x * x) / k;
    sum += term / (2 * k + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** How many standard errors the value is from the truth. */
async function miss(statistic: metrics.Statistic, truth: number): Promise<number> {
  const { standardError } = await metrics.interval(statistic, { resamples: 200 });
  return Math.abs(statistic.value - truth) / standardError;
}

describe('slicedWasserstein', () => {
  it('goes from quantile to quantile in one dimension', async () => {
    const value = async (a: metrics.Points, b: metrics.Points) => (await metrics.slicedWasserstein(a, b)).value;
    expect(await value(line(3, 1), line(0, 5))).toBeCloseTo((1 + 4) / 2, 14);
    // Thirds against halves: 0→0 a third, 1→0 and 1→2 a sixth each, 5→2 a third.
    expect(await value(line(5, 0, 1), line(2, 0))).toBeCloseTo(1 / 6 + 1 / 6 + 9 / 3, 14);
    expect(await value(line(4, 2, 7), line(7, 4, 2))).toBe(0);
  });

  it('is |mean − mean′|²/d + (σ − σ′)² of isotropic Gaussians', async () => {
    const [x, y] = [normals(4000, 3, 1, { mean: [0.6, 0, 0], deviation: 1.5 }), normals(4000, 3, 2)];
    const statistic = await metrics.slicedWasserstein(x, y, { projections: 100 });
    expect(Math.abs(statistic.value - (0.36 / 3 + 0.25))).toBeLessThan(0.04);
  });
});

describe('mmd', () => {
  it('is made of means over pairs of different samples, by hand', async () => {
    const k = (a: number, b: number) => Math.exp(-((a - b) ** 2) / 8);
    const { value } = await metrics.mmd(line(0, 1, 3), line(2, 5), { bandwidth: 2 });
    const within = (k(0, 1) + k(0, 3) + k(1, 3)) / 3;
    const between = (k(0, 2) + k(0, 5) + k(1, 2) + k(1, 5) + k(3, 2) + k(3, 5)) / 6;
    expect(value).toBeCloseTo(within + k(2, 5) - 2 * between, 14);
  });

  it('is the closed form of Gaussians', async () => {
    // E exp(−|z|²/2b²) = (1 + v/b²)^(−d/2) exp(−|δ|²/2(b² + v)) for z ~ N(δ, v·I).
    const [d, b, shift, deviation] = [3, 2, 0.5, 1.3];
    const mean = (square: number, v: number) => (1 + v / b ** 2) ** (-d / 2) * Math.exp(-square / (2 * (b ** 2 + v)));
    const truth = mean(0, 2 * deviation ** 2) + mean(0, 2) - 2 * mean(d * shift ** 2, 1 + deviation ** 2);
    const [x, y] = [normals(800, d, 1, { mean: shift, deviation }), normals(800, d, 2)];
    const statistic = await metrics.mmd(x, y, { bandwidth: b });
    expect(statistic.value).toBeGreaterThan(0.6 * truth);
    expect(await miss(statistic, truth)).toBeLessThan(3);
  });

  it('is that of third moments with the polynomial kernel', async () => {
    // E (xy + 1)³ = 1 + 3 E x E y + 3 E x² E y² + E x³ E y³
    const moments = (m: number) => [m, 1 + m ** 2, m ** 3 + 3 * m];
    const kernel = (a: number[], b: number[]) => 1 + 3 * a[0] * b[0] + 3 * a[1] * b[1] + a[2] * b[2];
    const [p, q] = [moments(0.7), moments(0)];
    const statistic = await metrics.mmd(normals(800, 1, 3, { mean: 0.7 }), normals(800, 1, 4), {
      kernel: 'polynomial',
    });
    expect(await miss(statistic, kernel(p, p) + kernel(q, q) - 2 * kernel(p, q))).toBeLessThan(3);
  });

  it('takes its bandwidth from the reference alone', async () => {
    const y = normals(200, 2, 5);
    const value = async (options: object) => (await metrics.mmd(normals(200, 2, 6, { mean: 3 }), y, options)).value;
    const { samples } = y;
    const distances: number[] = [];
    for (let i = 0; i < 200; i++) {
      for (let j = 0; j < i; j++) {
        distances.push(Math.hypot(samples[2 * i] - samples[2 * j], samples[2 * i + 1] - samples[2 * j + 1]));
      }
    }
    const bandwidth = distances.sort((a, b) => a - b)[distances.length >> 1];
    expect(await value({})).toBeCloseTo(await value({ bandwidth }), 12);
  });
});

describe('energyDistance', () => {
  it('is made of distances, by hand', async () => {
    const { value, share } = await metrics.energyDistance(line(0, 1, 3), line(-2, 7));
    const between = (2 + 7 + 3 + 6 + 5 + 4) / 6;
    expect(value).toBeCloseTo(2 * between - (1 + 3 + 2) / 3 - 9, 14);
    expect(share).toBeCloseTo(value / (2 * between), 14);
    expect((await metrics.energyDistance(line(0, 0), line(9, 9))).share).toBe(1);
  });

  it('remembers a reference by its numbers, not by its array', async () => {
    const [x, y] = [line(0, 1, 3), line(2, 5)];
    const values = async (reference: metrics.Points) => [
      (await metrics.energyDistance(x, reference)).value,
      (await metrics.mmd(x, reference, { bandwidth: 2 })).value,
    ];
    const first = await values(y);
    expect(await values(y)).toEqual(first);
    y.samples[0] = 0.5;
    expect(await values(y)).toEqual(await values(line(0.5, 5)));
    expect((await values(y))[0]).not.toBeCloseTo(first[0], 3);
  });

  it('is the closed form of Gaussians in one dimension', async () => {
    const truth = 2 * meanDistance(0.5, 1 + 1.5 ** 2) - meanDistance(0, 2 * 1.5 ** 2) - meanDistance(0, 2);
    const [x, y] = [normals(1000, 1, 7, { mean: 0.5, deviation: 1.5 }), normals(1000, 1, 8)];
    expect(await miss(await metrics.energyDistance(x, y), truth)).toBeLessThan(3);
  });
});

describe('distances of Gaussians', () => {
  const A = new Matrix([
    [2, 0.6],
    [0.6, 0.5],
  ]);
  const B = new Matrix([
    [1, -0.3],
    [-0.3, 3],
  ]);
  const gaussian = (mean: number[], covariance: Matrix) => ({ mean: Float64Array.from(mean), covariance });
  const [a, b] = [gaussian([1, 2], A), gaussian([0, 0], B)];
  const root = (covariance: Matrix) => {
    // Of two dimensions: (M + √det I)/√(tr M + 2√det).
    const determinant = Math.sqrt(covariance.get(0, 0) * covariance.get(1, 1) - covariance.get(0, 1) ** 2);
    return Matrix.add(covariance, Matrix.eye(2).mul(determinant)).div(Math.sqrt(covariance.trace() + 2 * determinant));
  };

  it('W² of covariances that do not commute', () => {
    const AB = A.mmul(B);
    const determinant = AB.get(0, 0) * AB.get(1, 1) - AB.get(0, 1) * AB.get(1, 0);
    const common = Math.sqrt(AB.trace() + 2 * Math.sqrt(determinant));
    const found = squaredWassersteinOfGaussians(a, { ...b, root: root(B) });
    expect(found).toBeCloseTo(5 + A.trace() + B.trace() - 2 * common, 12);
    expect(squaredWassersteinOfGaussians(a, { ...a, root: root(A) })).toBeCloseTo(0, 12);
  });

  it('KL of covariances that do not commute', () => {
    const determinant = (M: Matrix) => M.get(0, 0) * M.get(1, 1) - M.get(0, 1) ** 2;
    const inverse = new Matrix([
      [B.get(1, 1), -B.get(0, 1)],
      [-B.get(0, 1), B.get(0, 0)],
    ]).div(determinant(B));
    const apart = new Matrix([[-1], [-2]]);
    const square = apart.transpose().mmul(inverse).mmul(apart).get(0, 0);
    const truth = (inverse.mmul(A).trace() + square - 2 + Math.log(determinant(B) / determinant(A))) / 2;
    expect(divergenceOfGaussians(a, b)).toBeCloseTo(truth, 12);
    expect(divergenceOfGaussians(a, a)).toBeCloseTo(0, 12);
  });

  it('are those of the samples: their means, and their covariances of n − 1', async () => {
    const [x, y] = [line(0, 1, 5), line(2, 4)];
    const [mean, variance] = [2 - 3, 7];
    expect((await metrics.buresWasserstein(x, y)).value).toBeCloseTo(
      mean ** 2 + (Math.sqrt(variance) - Math.SQRT2) ** 2,
      12,
    );
    const four = await metrics.gaussianKl(line(0, 1, 5, 2), line(2, 4, 4, 6));
    const [v, w] = [14 / 3, 8 / 3];
    expect(four.value).toBeCloseTo((v / w + 4 / w - 1 + Math.log(w / v)) / 2, 12);
  });

  it('near those of the laws', async () => {
    const [x, y] = [normals(3000, 2, 9, { mean: [0.5, 0], deviation: [2, 1] }), normals(3000, 2, 10)];
    const kl = await metrics.gaussianKl(x, y);
    expect(await miss(kl, (4 + 1 + 0.25 - 2 - Math.log(4)) / 2)).toBeLessThan(3);
    expect(await miss(await metrics.buresWasserstein(x, y), 0.25 + 1)).toBeLessThan(3);
  });

  it('refuses directions without variance where it divides by it', async () => {
    const flat = normals(50, 2, 11, { deviation: [1, 0] });
    const error = await caught(() => metrics.gaussianKl(flat, normals(50, 2, 12)));
    expect([error.code, error.option]).toEqual(['ERR_SDE_INVALID_OPTION', 'samples']);
    expect((await metrics.buresWasserstein(flat, flat)).value).toBeCloseTo(0, 10);
  });
});

describe('frechet', () => {
  it('has lost the part that falls as 1/n', async () => {
    const [d, n, rounds] = [8, 240, 40];
    let [plain, extrapolated] = [0, 0];
    for (let round = 0; round < rounds; round++) {
      const found = await metrics.frechet(normals(n, d, 100 + round), normals(n, d, 200 + round));
      plain += found.plain / rounds;
      extrapolated += found.value / rounds;
    }
    // Of means 2d/n, and of covariances E tr (E/2)² = d(d + 1)/2n to first order, where E is what parts them.
    expect(Math.abs(plain - (2 * d + (d * (d + 1)) / 2) / n)).toBeLessThan(0.02);
    expect(Math.abs(extrapolated)).toBeLessThan(0.015);
  });

  it('keeps what is there', async () => {
    const [x, y] = [normals(1000, 4, 13, { mean: 0.5, deviation: 1.2 }), normals(1000, 4, 14)];
    expect(await miss(await metrics.frechet(x, y), 4 * (0.25 + 0.04))).toBeLessThan(3);
  });
});

describe('modeWeights', () => {
  const mixture = mixtureScore({ weights: [1, 3], means: [[-4], [4]], variances: [1, 4] });

  it('counts samples at modes, without bias', async () => {
    const found = await metrics.modeWeights(line(-4, -5, 4, 4, 3, 9, -3, 5), mixture);
    expect([...found.shares]).toEqual([3 / 8, 5 / 8]);
    // Pairs of different samples: 6 and 20 of 56.
    expect(found.value).toBeCloseTo((6 / 0.25 + 20 / 0.75) / 56 - 1, 14);
    const chiSquare = 8 * (0.125 ** 2 / 0.25 + 0.125 ** 2 / 0.75);
    expect(found.chiSquarePerDegree).toBeCloseTo(chiSquare, 14);
    expect(found.pValue).toBeCloseTo(1 - erf(Math.sqrt(chiSquare / 2)), 10);
  });

  it('takes the likelier mode, not the nearer one', async () => {
    // At −0.5 the narrow mode is nearer; the wide one is likelier.
    const { shares } = await metrics.modeWeights(line(-0.5, -0.5), mixture);
    expect([...shares]).toEqual([0, 1]);
  });
});

describe('bandVariance', () => {
  it("is the ratio of variances along the reference's components", async () => {
    const spectrum = [8, 4, 2, 1, 0.5, 0.25].map(Math.sqrt);
    const y = normals(4000, 6, 15, { deviation: spectrum });
    const x = normals(4000, 6, 16, {
      deviation: spectrum.map((deviation, k) => deviation * [1.2, 1.2, 1, 1, 0.8, 0.8][k]),
    });
    const found = await metrics.bandVariance(x, y, {
      bands: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    });
    expect(found.map(({ band }) => band)).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    for (const [i, truth] of [1.44, 1, 0.64].entries()) expect(await miss(found[i], truth)).toBeLessThan(3);
    const standard = await metrics.bandVariance(x, y);
    expect(standard.map(({ band }) => band)).toEqual([
      [1, 5],
      [6, 6],
    ]);
  });

  it('does not favour the leading band where dimensions are many', async () => {
    // On the same samples the leading five of sixty equal variances would look 1.6 times too large.
    const [band] = await metrics.bandVariance(normals(1000, 60, 17), normals(200, 60, 18));
    expect(await miss(band, 1)).toBeLessThan(3);
  });
});

describe('classifierTwoSample', () => {
  it('comes near the best that can be: Φ(δ/2) of two Gaussians', async () => {
    const best = (1 + erf(1 / Math.SQRT2 / 1)) / 2;
    const found = await metrics.classifierTwoSample(normals(1500, 1, 19, { mean: 2 }), normals(1500, 1, 20));
    expect(found.value).toBeGreaterThan(best - 0.03);
    expect(found.value).toBeLessThan(best + 0.02);
  });

  it('guesses where the laws are equal, with sets of different sizes too', async () => {
    for (const m of [600, 1500]) {
      const found = await metrics.classifierTwoSample(normals(600, 2, 21), normals(m, 2, 22));
      expect(Math.abs(found.value - 0.5)).toBeLessThan(0.05);
    }
  });
});

describe('precisionRecall', () => {
  it('tells the half of the reference that samples miss', async () => {
    const x = normals(300, 2, 23);
    const far = normals(300, 2, 24, { mean: 50 });
    const near = normals(300, 2, 25);
    const y = { samples: Float64Array.of(...near.samples, ...far.samples), shape: [600, 2] };
    const found = await metrics.precisionRecall(x, y);
    const alike = await metrics.precisionRecall(x, near);
    expect(found.precision.value).toBeGreaterThan(0.85);
    expect(found.recall).toBeCloseTo(alike.recall / 2, 12);
    const swapped = await metrics.precisionRecall(near, x);
    expect(swapped.recall).toBe(alike.precision.value);
    expect(swapped.precision.value).toBe(alike.recall);
  });

  it('is that of balls to the kth neighbour, by hand', async () => {
    // Balls of the reference with k = 1: 0 ± 1, 1 ± 1, 5 ± 4.
    const { precision, recall } = await metrics.precisionRecall(line(-2, 2, 9.5, 6), line(0, 1, 5), { k: 1 });
    expect(precision.value).toBe(0.5);
    // Balls of the samples: −2 ± 4, 2 ± 4, 9.5 ± 3.5, 6 ± 3.5.
    expect(recall).toBe(1);
  });
});
