// The adaptive exponential solver against a plain statement of it, against exact laws, and under changes of units.
import { describe, expect, it } from 'vitest';
import { adaptiveExponential, mixtureScore, type Sde, sample, ve, vp } from '../src/index.js';
import { gaussianScore, moments } from './support/gaussian.js';
import { addon } from './support/native-jobs.js';

const RTOL = 0.04;

/** Its data prediction at a point, for the mixture of isotropic Gaussians given. */
type Mixture = { weights: number[]; means: number[][]; variances: number[] };
function denoised(
  { weights, means, variances }: Mixture,
  x: readonly number[],
  alpha: number,
  sigma: number,
): number[] {
  const spreads = variances.map(variance => alpha ** 2 * variance + sigma ** 2);
  const logs = weights.map((weight, k) => {
    const distance = x.reduce((sum, value, i) => sum + (value - alpha * means[k][i]) ** 2, 0);
    return Math.log(weight) - (x.length / 2) * Math.log(spreads[k]) - distance / (2 * spreads[k]);
  });
  const most = Math.max(...logs);
  const shares = logs.map(log => Math.exp(log - most));
  const total = shares.reduce((sum, share) => sum + share);
  return x.map((value, i) =>
    shares.reduce(
      (sum, share, k) =>
        sum + ((share / total) * (alpha * variances[k] * value + sigma ** 2 * means[k][i])) / spreads[k],
      0,
    ),
  );
}

/** One sample, as the solver is described. `normals(k)`: the prior (0) and the noise of step k. */
function byHand(sde: Sde, data: Mixture, normals: (k: number) => number[]) {
  const [low, high] = sde.dataRange;
  const atol = (high - low) / 256;
  const [mostResolved, leastKept] = [0.6, 0.35];
  const at = (t: number) => ({ alpha: sde.alpha(t), sigma: sde.sigma(t) });
  const lambda = (t: number) => Math.log(sde.alpha(t) / sde.sigma(t));
  const timeOf = (wanted: number) => bisected(t => lambda(t) > wanted, sde.tEnd, sde.T);
  const effect = (y: number) => (1 - Math.sqrt(1 - y)) * Math.sqrt(y);
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);

  let t: number = sde.T;
  let x = normals(0).map(z => sde.priorStd * z);
  let D = denoised(data, x, at(t).alpha, at(t).sigma);
  let largest = Math.max(1, x.length / 3) * ((high - low) / 2) ** 2;
  let mean = largest;
  let most = 0;
  const times = [t];
  while (true) {
    const r = Math.exp(2 * lambda(t));
    const tau = Math.max(RTOL * Math.max(most / largest, 1) ** (1 / 3), atol / Math.sqrt(mean));
    const y = tau >= effect(mostResolved) ? mostResolved : bisected(share => effect(share) < tau, 0, mostResolved);
    let wanted = Math.log(r + y / ((1 - y) * largest)) / 2;
    const last = wanted >= lambda(sde.tEnd) - 1e-3;
    const rest = lambda(sde.tEnd) - wanted;
    if (!last && rest < 0.3 * (wanted - lambda(t))) wanted = (lambda(t) + lambda(sde.tEnd)) / 2;
    const next = last ? sde.tEnd : timeOf(wanted);
    const [from, to] = [at(t), at(next)];
    const h = lambda(next) - lambda(t);
    const q = -Math.expm1(-2 * h);
    const dr = Math.exp(2 * lambda(next)) * q;
    const dB = normals(times.length).map(z => Math.sqrt(dr) * z);
    x = x.map(
      (value, i) =>
        (to.sigma / from.sigma) * Math.exp(-h) * value + to.alpha * q * D[i] + (to.sigma ** 2 / to.alpha) * dB[i],
    );
    const seen = denoised(data, x, to.alpha, to.sigma);
    times.push(next);
    if (last) return { times, x: seen };
    const d = seen.map((value, i) => value - D[i]);
    const [m0, m1, m2] = [dot(dB, dB), dot(d, dB), dot(d, d)];
    const left = largest / (1 + dr * largest);
    const found = m1 > 0 ? m2 / m1 : left;
    const resolved = m1 > 0 ? Math.min(dr * found, q, mostResolved) : 0;
    const growth = 1 / Math.sqrt(1 - resolved);
    const psi = resolved < 1e-4 ? 0.5 + 0.375 * resolved : (growth - 1) / resolved;
    x = x.map((value, i) => value + to.alpha * q * psi * d[i]);
    D = D.map((value, i) => value + growth * d[i]);
    mean = Math.max(Math.max(m1, 0) / m0, (leastKept * mean) / (1 + dr * mean));
    largest = Math.max(found, leastKept * left);
    if (times.length > 2) most = Math.max(most, found);
    t = next;
  }
}

function bisected(holds: (at: number) => boolean, low: number, high: number): number {
  for (let k = 0; k < 100; k++) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

describe('adaptiveExponential', () => {
  const two: Mixture = { weights: [0.3, 0.7], means: [[-1, 0.5, 0.2], [0.5, 1, -0.4]], variances: [0.01, 0.04] }; // biome-ignore format: a row a line

  it.each([vp(), ve({ sigmaMax: 20 })])('is what it is said to be ($kind)', async sde => {
    const [count, n] = [6, 3];
    const options = { sde, score: mixtureScore(two), shape: [n], count, seed: 3, trajectory: true };
    const { samples, trajectory, stats } = await sample({ ...options, solver: adaptiveExponential() });
    for (let k = 0; k < count; k++) {
      const normals = (node: number) => [...addon.normals(3n, BigInt(k), node, new Float32Array(n))];
      const { times, x } = byHand(sde, two, normals);
      expect(stats.evaluations[k]).toBe(times.length);
      const steps = [...trajectory!.t].filter((_, i) => trajectory!.sample[i] === k);
      for (const [i, t] of steps.entries()) expect(t / times[i]).toBeCloseTo(1, 2);
      for (let i = 0; i < n; i++) expect(samples[k * n + i]).toBeCloseTo(x[i], 3);
    }
  });

  it.each([
    [1, 30_000],
    [2, 15_000],
    [3072, 10],
  ])(
    'has the variance of Gaussian data in %i dimensions within 1 %, at no more than 30 evaluations',
    async (n, count) => {
      const options = { sde: vp(), score: gaussianScore(n), shape: [n], count, seed: 1 };
      const { samples, stats } = await sample({ ...options, solver: adaptiveExponential() });
      const { mean, variance } = moments(samples);
      const numbers = n * count;
      expect(Math.abs(mean)).toBeLessThan((4.5 * 0.5) / Math.sqrt(numbers));
      expect(Math.abs(variance / 0.25 - 1)).toBeLessThan(0.01 + 3 * Math.sqrt(2 / numbers));
      expect(moments(stats.evaluations).mean).toBeLessThan(30);
      expect([...stats.rejected].every(rejected => rejected === 0)).toBe(true);
    },
  );

  it('has the variance of Gaussian data at any tolerance', async () => {
    for (const rtol of [0.01, 0.2]) {
      const options = { sde: vp(), score: gaussianScore(1024), shape: [1024], count: 40, seed: 2 };
      const { samples } = await sample({ ...options, solver: adaptiveExponential({ rtol }) });
      expect(Math.abs(moments(samples).variance / 0.25 - 1)).toBeLessThan(0.005 + 4 * Math.sqrt(2 / samples.length));
    }
  });

  it('takes the same steps for VP as for VE between the same signal-to-noise ratios', async () => {
    const process = vp();
    const sigmaAt = (t: number) => process.sigma(t) / process.alpha(t);
    const sde = ve({ sigmaMax: sigmaAt(1), sigmaMin: 0.008, tEnd: 0.02, dataRange: [-1, 1] });
    const steps = async (one: Sde) => {
      const options = { sde: one, score: gaussianScore(512), shape: [512], count: 4, seed: 1 };
      const { stats } = await sample({ ...options, solver: adaptiveExponential() });
      return [...stats.accepted];
    };
    const theirs = await steps(sde);
    for (const [k, ours] of (await steps(process)).entries()) {
      expect(Math.abs(ours - theirs[k])).toBeLessThanOrEqual(1);
    }
  });

  it('takes the same steps where the data and the noise are ten times as large', async () => {
    const draw = async (scale: number) => {
      const means = two.means.map(mean => mean.map(value => scale * value));
      const variances = two.variances.map(variance => scale ** 2 * variance);
      return await sample({
        sde: ve({ sigmaMin: 0.01 * scale, sigmaMax: 20 * scale, dataRange: [0, scale] }),
        score: mixtureScore({ ...two, means, variances }),
        shape: [3],
        count: 20,
        trajectory: true,
        solver: adaptiveExponential(),
      });
    };
    const [one, ten] = [await draw(1), await draw(10)];
    expect(ten.stats.evaluations).toEqual(one.stats.evaluations);
    for (const [i, t] of one.trajectory!.t.entries()) expect(ten.trajectory!.t[i]).toBeCloseTo(t, 3);
    for (const [i, value] of one.samples.entries()) expect(ten.samples[i] / 10).toBeCloseTo(value, 2);
  });

  it('is exact, and quick, for data that is one point', async () => {
    const score = mixtureScore({ weights: [1], means: [[0.25, -0.5]], variances: [1e-10] });
    const { samples, stats } = await sample({ sde: vp(), score, shape: [2], count: 8, solver: adaptiveExponential() });
    for (const [i, value] of samples.entries()) expect(value).toBeCloseTo([0.25, -0.5][i % 2], 3);
    expect(Math.max(...stats.evaluations)).toBeLessThan(20);
  });

  it('without the final denoising ends at tEnd, with the noise that is left there', async () => {
    const options = { sde: vp({ tEnd: 0.05 }), score: gaussianScore(1024), shape: [1024], count: 40 };
    const { samples } = await sample({ ...options, finalDenoise: false, solver: adaptiveExponential() });
    const expected = options.sde.alpha(0.05) ** 2 * 0.25 + options.sde.sigma(0.05) ** 2;
    expect(Math.abs(moments(samples).variance / expected - 1)).toBeLessThan(0.005 + 4 * Math.sqrt(2 / samples.length));
  });

  it('goes on with the others where one sample would take steps without end', async () => {
    const options = { sde: vp(), score: gaussianScore(2), shape: [2], count: 8, onFailure: 'keep' as const };
    const { stats } = await sample({
      ...options,
      maxEvaluations: 200,
      solver: adaptiveExponential({ rtol: 1e-12, atol: 1e-12 }),
    });
    expect([...stats.evaluations].every(count => count <= 200)).toBe(true);
    expect([...stats.status].every(status => status === 'maxEvaluations' || status === 'stepUnderflow')).toBe(true);
  });
});
