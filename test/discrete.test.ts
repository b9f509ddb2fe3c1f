/** Processes from tables of noise levels, and processes that begin elsewhere than at t = 1. */
import { describe, expect, it } from 'vitest';
import {
  adaptive,
  callbackScore,
  discrete,
  eulerMaruyama,
  type ScoreFunction,
  type Sde,
  sample,
  ve,
  vp,
} from '../src/index.js';
import { caught } from './support/caught.js';
import { gaussianScore, moments } from './support/gaussian.js';

const N = 1000;
const betas = (of: (n: number) => number) => Float64Array.from({ length: N }, (_, n) => of(n));
const between = (from: number, to: number, n: number) => from + ((to - from) * n) / (N - 1);
const cosine = (t: number) => Math.cos((((t + 0.008) / 1.008) * Math.PI) / 2) ** 2;

/** As diffusers' schedulers make them: DDPM's, Stable Diffusion's, and that of improved DDPM. */
const SCHEDULES = {
  linear: betas(n => between(1e-4, 0.02, n)),
  scaled_linear: betas(n => between(Math.sqrt(0.00085), Math.sqrt(0.012), n) ** 2),
  squaredcos_cap_v2: betas(n => Math.min(1 - cosine((n + 1) / N) / cosine(n / N), 0.999)),
};

function cumulated(all: ArrayLike<number>): number[] {
  let product = 1;
  return Array.from(all, beta => {
    product *= 1 - beta;
    return product;
  });
}

describe.each(Object.entries(SCHEDULES))('discrete, %s', (_name, table) => {
  const sde = discrete({ betas: table });
  const alphas = cumulated(table);

  it('goes through the table, and falls between its positions', () => {
    expect([sde.kind, sde.T, sde.tEnd, sde.priorStd, ...sde.dataRange]).toEqual(['discrete', 1, 1e-5, 1, -1, 1]);
    for (let n = 1; n < N; n++) {
      expect(sde.alpha(n / 999) ** 2 / alphas[n]).toBeCloseTo(1, 10);
      expect(sde.sigma(n / 999) ** 2 / (1 - alphas[n])).toBeCloseTo(1, 10);
      const halfWay = sde.alpha((n - 0.5) / 999) ** 2;
      expect(halfWay).toBeGreaterThan(alphas[n]);
      expect(halfWay).toBeLessThan(alphas[n - 1]);
    }
    expect(discrete({ alphasCumprod: alphas })).toEqual(sde);
  });

  it('has coefficients that belong to its solution', () => {
    for (let n = 3; n < 997; n += 7) {
      const [t, h] = [(n + 0.4) / 999, 1e-5];
      const slope = (of: (t: number) => number) => (of(t + h) - of(t - h)) / (2 * h);
      expect(slope(u => Math.log(sde.alpha(u))) / sde.f(t)).toBeCloseTo(1, 3);
      expect(sde.g(t) ** 2 / (-2 * sde.f(t))).toBeCloseTo(1, 5);
      expect(sde.alpha(t) ** 2 + sde.sigma(t) ** 2).toBeCloseTo(1, 5);
    }
  });

  it('is the same table for the addon, and labels are positions', async () => {
    // Each step of the grid is a position: 999, 998, … 2.
    const asked = async (timeInput: 'label' | 'sigma') => {
      const times: number[] = [];
      const answer: ScoreFunction = (_x, t, out) => {
        times.push(t[0]);
        out.fill(0);
      };
      const score = callbackScore(answer, { timeInput });
      const own = discrete({ betas: table, tEnd: 1 / 999 });
      const solver = eulerMaruyama({ steps: 998 });
      await sample({ sde: own, score, shape: [1], count: 1, solver, finalDenoise: false });
      return times;
    };
    const [labels, sigmas] = [await asked('label'), await asked('sigma')];
    expect(labels.map(Math.fround)).toEqual(Array.from({ length: 998 }, (_, k) => 999 - k));
    for (const [k, sigma] of sigmas.entries()) expect(sigma ** 2 / (1 - alphas[999 - k])).toBeCloseTo(1, 7);
  });

  it('draws Gaussian data with the right moments', async () => {
    const { mean, variance } = await drawn(sde, 0.5);
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.015);
    expect(Math.abs(variance / 0.25 - 1)).toBeLessThan(0.04);
  });
});

/** Of N(mean, 0.25): 25600 numbers, whose mean is good to 0.003 and whose variance to 0.9 %. */
async function drawn(sde: Sde, mean: number) {
  const score = gaussianScore(64, mean);
  const solver = adaptive({ rtol: 0.02 });
  return moments((await sample({ sde, score, shape: [64], count: 400, seed: 5, solver })).samples);
}

describe('discrete', () => {
  it('is what it was sampled from, where that is smooth', () => {
    const smooth = vp();
    const at = (t: number) => 0.001 + 0.999 * t;
    const sde = discrete({ alphasCumprod: Array.from({ length: N }, (_, n) => smooth.alpha(at(n / 999)) ** 2) });
    for (let i = 0; i < 500; i++) {
      const t = 0.01 + (0.989 * i) / 500;
      expect(sde.alpha(t) / smooth.alpha(at(t))).toBeCloseTo(1, 5);
      expect(sde.g(t) / smooth.g(at(t)) / Math.sqrt(0.999)).toBeCloseTo(1, 2);
    }
  });

  it('takes any number of positions, and any T', () => {
    expect(discrete({ betas: new Array(4000).fill(0.002) }).T).toBe(3999 / 999);
    const two = discrete({ alphasCumprod: Float32Array.of(0.75, 0.25), T: 2 });
    expect([two.T, two.tEnd]).toEqual([2, 2e-5]);
    expect(two.alpha(2)).toBeCloseTo(0.5, 6);
    expect(two.alpha(1) ** 2).toBeCloseTo(Math.sqrt(0.75 * 0.25), 6);
  });

  it('survives structuredClone but for its functions', async () => {
    const sde = discrete({ betas: SCHEDULES.linear });
    const options = { score: gaussianScore(2), shape: [2], count: 4 };
    const [own, cloned] = [await sample({ ...options, sde }), await sample({ ...options, sde: structuredClone(sde) })];
    expect(cloned.samples).toEqual(own.samples);
  });

  it.each([
    ['nothing', {}, /either alphasCumprod or betas/],
    ['both', { betas: [0.1, 0.1], alphasCumprod: [0.9, 0.8] }, /either alphasCumprod or betas/],
    ['one position', { betas: [0.1] }, /discrete\.betas: .*array of 2 … 16384 numbers/],
    ['no array', { betas: 'linear' as never }, /discrete\.betas/],
    ['holes', { betas: new Array(3) }, /discrete\.betas\[0\]/],
    ['no number', { alphasCumprod: [0.9, Number.NaN] }, /discrete\.alphasCumprod\[1\]/],
    ['a zero at the end', { alphasCumprod: [0.9, 0] }, /discrete\.alphasCumprod\[1\]/],
    ['a rise', { alphasCumprod: [0.9, 0.8, 0.85] }, /discrete\.alphasCumprod\[2\]: .*less than 0\.8/],
    ['an end after T', { betas: [0.1, 0.1], T: 1, tEnd: 1 }, /discrete\.tEnd/],
    ['an unknown option', { alphas: [0.9, 0.8] } as never, /alphas/],
  ])('refuses %s', async (_name, options, message) => {
    const error = await caught(() => discrete(options));
    expect(error.code).toMatch(/^ERR_SDE_(INVALID|UNKNOWN)_OPTION$/);
    expect(error.message).toMatch(message);
  });
});

describe('T', () => {
  it.each([
    ['vp', vp({ T: 1.5 })],
    ['ve', ve({ T: 0.8 })],
  ])('of %s: moments are right wherever the process begins', async (_name, sde) => {
    const { mean, variance } = await drawn(sde, 0.5);
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.015);
    expect(Math.abs(variance / 0.25 - 1)).toBeLessThan(0.04);
  });

  it('is where the prior is', async () => {
    const sde = ve({ sigmaMin: 0.02, sigmaMax: 80, T: 0.5 });
    expect(sde.priorStd).toBeCloseTo(Math.sqrt(0.02 * 80), 12);
    expect(ve({ sigmaMin: 0.002, sigmaMax: 80 }).priorStd).toBe(80);
    const times: number[] = [];
    const score = callbackScore((_x, t, out) => {
      times.push(t[0]);
      out.fill(0);
    });
    await sample({ sde: vp({ T: 2 }), score, shape: [1], count: 1, solver: eulerMaruyama({ steps: 4 }) });
    expect(times[0]).toBe(2);
  });

  it.each([
    [() => vp({ T: 0 }), 'vp.T'],
    [() => vp({ T: 0.5, tEnd: 0.5 }), 'vp.tEnd'],
    [() => ve({ T: 20 }), 've.T'],
  ])('%s is refused', async (make, option) => {
    expect(await caught(make)).toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option });
  });
});
