// Samplers that are plans: their updates against the published ones, their orders, their moments, and the addon that runs
// them.
import { describe, expect, it } from 'vitest';
import {
  ancestral,
  ddim,
  dpmSolver,
  mixtureScore,
  reverseDiffusion,
  type Solver,
  sample,
  sdeDpmSolver,
  subVp,
  ve,
  vp,
} from '../src/index.js';
import type { Level } from '../src/solver/levels.js';
import { addon } from './support/native-jobs.js';
import {
  type Denoiser,
  follow,
  gaussianDenoiser,
  levelsAt,
  momentsOf,
  PLANNED,
  planOf,
  planOn,
} from './support/plans.js';

/** Not linear, so that a wrong point shows as well as a wrong weight. */
const bent: Denoiser = (x, { logSnr }) => Math.tanh(0.7 * x + 0.1 * logSnr) + 0.3;
const noise = (k: number) => Math.sin(12.9898 * k);
/** Steps of different lengths. */
const UNEQUAL = levelsAt([-3, -2.4, -2.1, -1.2, -0.7, 0.4, 1.2, 1.5, 2.6]);

/** Goes through the levels by an update as its authors write it; `made` are the data predictions, the newest last. */
type Update = (x: number, made: readonly number[], at: readonly Level[], k: number, z: number) => number;
function byHand(update: Update, { ends } = UNEQUAL): number {
  let x = 0.4;
  const made: number[] = [];
  for (let k = 0; k + 1 < ends.length; k++) {
    made.push(bent(x, ends[k]));
    x = update(x, made, ends, k, noise(k + 1));
  }
  return x;
}

/** k-diffusion's sample_dpmpp_2m_sde (midpoint) and, with eta = 0, sample_dpmpp_2m. */
const secondOrder =
  (eta: number): Update =>
  (x, made, at, k, z) => {
    const h = at[k + 1].logSnr - at[k].logSnr;
    const etaH = eta * h;
    const D = made[k];
    let next = (at[k + 1].sigma / at[k].sigma) * Math.exp(-etaH) * x - at[k + 1].alpha * Math.expm1(-h - etaH) * D;
    if (k > 0) {
      const r = (at[k].logSnr - at[k - 1].logSnr) / h;
      next += at[k + 1].alpha * 0.5 * -Math.expm1(-h - etaH) * (1 / r) * (D - made[k - 1]);
    }
    return next + at[k + 1].sigma * Math.sqrt(-Math.expm1(-2 * etaH)) * z;
  };

/** k-diffusion's sample_dpmpp_3m_sde; `factor` on the second difference is 1 there, and 2 where it is of order 3. */
const thirdOrder =
  (eta: number, factor: number): Update =>
  (x, made, at, k, z) => {
    const h = at[k + 1].logSnr - at[k].logSnr;
    const hEta = h * (eta + 1);
    let next = (at[k + 1].sigma / at[k].sigma) * Math.exp(-eta * h) * x - at[k + 1].alpha * Math.expm1(-hEta) * made[k];
    const phi2 = Math.expm1(-hEta) / hEta + 1;
    const phi3 = phi2 / hEta - 0.5;
    if (k >= 2) {
      const r0 = (at[k].logSnr - at[k - 1].logSnr) / h;
      const r1 = (at[k - 1].logSnr - at[k - 2].logSnr) / h;
      const d10 = (made[k] - made[k - 1]) / r0;
      const d11 = (made[k - 1] - made[k - 2]) / r1;
      const d1 = d10 + ((d10 - d11) * r0) / (r0 + r1);
      const d2 = (d10 - d11) / (r0 + r1);
      next += at[k + 1].alpha * (phi2 * d1 - factor * phi3 * d2);
    } else if (k === 1) {
      const r = (at[k].logSnr - at[k - 1].logSnr) / h;
      next += (at[k + 1].alpha * phi2 * (made[k] - made[k - 1])) / r;
    }
    return next + at[k + 1].sigma * Math.sqrt(-Math.expm1(-2 * eta * h)) * z;
  };

/** Song, Meng and Ermon's equation 12, with its sigma of equation 16. */
const ddimUpdate =
  (eta: number): Update =>
  (x, made, at, k, z) => {
    const [before, after] = [at[k].alpha ** 2, at[k + 1].alpha ** 2];
    const w = eta * Math.sqrt((1 - after) / (1 - before)) * Math.sqrt(1 - before / after);
    const e = (x - Math.sqrt(before) * made[k]) / Math.sqrt(1 - before);
    return Math.sqrt(after) * made[k] + Math.sqrt(1 - after - w ** 2) * e + w * z;
  };

/** score_sde's vpsde_update_fn of the ancestral predictor, and update_fn of the reverse diffusion predictor. */
const score = (x: number, made: readonly number[], at: readonly Level[], k: number) =>
  (at[k].alpha * made[k] - x) / at[k].sigma ** 2;
const beta = (at: readonly Level[], k: number) => 1 - (at[k].alpha / at[k + 1].alpha) ** 2;
const ancestralVp: Update = (x, made, at, k, z) =>
  (x + beta(at, k) * score(x, made, at, k)) / Math.sqrt(1 - beta(at, k)) + Math.sqrt(beta(at, k)) * z;
const reverseVp: Update = (x, made, at, k, z) =>
  x * (2 - Math.sqrt(1 - beta(at, k))) + beta(at, k) * score(x, made, at, k) + Math.sqrt(beta(at, k)) * z;

const veLevels = {
  ...UNEQUAL,
  ends: UNEQUAL.ends.map(({ logSnr, t }) => ({ t, logSnr, alpha: 1, sigma: Math.exp(-logSnr) })),
};
const ancestralVe: Update = (x, made, at, k, z) => {
  const change = at[k].sigma ** 2 - at[k + 1].sigma ** 2;
  return x + change * score(x, made, at, k) + Math.sqrt((at[k + 1].sigma ** 2 * change) / at[k].sigma ** 2) * z;
};
const reverseVe: Update = (x, made, at, k, z) => {
  const change = at[k].sigma ** 2 - at[k + 1].sigma ** 2;
  return x + change * score(x, made, at, k) + Math.sqrt(change) * z;
};

describe('a planned sampler makes the published steps', () => {
  it.each<[string, Solver, Update, typeof UNEQUAL]>([
    ['DPM-Solver++ (1)', dpmSolver({ order: 1 }), ddimUpdate(0), UNEQUAL],
    ['DPM-Solver++ (2M)', dpmSolver(), secondOrder(0), UNEQUAL],
    ['DPM-Solver++ (3M), published', dpmSolver({ order: 3, variant: 'published' }), thirdOrder(0, 1), UNEQUAL],
    ['DPM-Solver++ (3M)', dpmSolver({ order: 3 }), thirdOrder(0, 2), UNEQUAL],
    ['SDE-DPM-Solver++ (1)', sdeDpmSolver({ order: 1 }), ddimUpdate(1), UNEQUAL],
    ['SDE-DPM-Solver++ (2M)', sdeDpmSolver(), secondOrder(1), UNEQUAL],
    ['SDE-DPM-Solver++ (2M), VE', sdeDpmSolver(), secondOrder(1), veLevels],
    ['SDE-DPM-Solver++ (3M), published', sdeDpmSolver({ order: 3, variant: 'published' }), thirdOrder(1, 1), UNEQUAL],
    ['SDE-DPM-Solver++ (3M)', sdeDpmSolver({ order: 3 }), thirdOrder(1, 2), UNEQUAL],
    ['DDIM', ddim(), ddimUpdate(0), UNEQUAL],
    ['DDIM, eta 0.3', ddim({ eta: 0.3 }), ddimUpdate(0.3), UNEQUAL],
    ['ancestral, VP', ancestral(), ancestralVp, UNEQUAL],
    ['ancestral, VE', ancestral(), ancestralVe, veLevels],
    ['reverse diffusion, VP', reverseDiffusion(), reverseVp, UNEQUAL],
    ['reverse diffusion, VE', reverseDiffusion(), reverseVe, veLevels],
  ])('%s', (_, solver, update, levels) => {
    expect(follow(planOn(solver, levels), 0.4, bent, noise)).toBeCloseTo(byHand(update, levels), 11);
  });
});

describe('the local order where D depends on ln(alpha/sigma) alone', () => {
  /** The error of the last of six steps of about h, with what is exact before. */
  function error(solver: Solver, h: number, tau2: number): number {
    const logSnrs = [0, 1, 1.8, 3, 4.1, 5, 6.2].map(k => (k - 5) * h);
    const levels = levelsAt(logSnrs);
    const [from, to] = levels.ends.slice(-2);
    const D = (logSnr: number) => Math.sin(1 + logSnr) + Math.cos(2 * logSnr);
    const plan = planOn(solver, levels).slice(-solver.evaluationsPerStep);
    // Before the last step everything is as exact as D.
    const made = levels.ends.slice(0, -1).map(({ logSnr }) => D(logSnr));
    const [{ state, data }] = plan;
    const got = state * 0.4 + data.reduce((sum, weight, i) => sum + weight * made[made.length - 1 - i], 0);
    const length = to.logSnr - from.logSnr;
    const c = 1 + tau2;
    const integral = simpson(u => c * Math.exp(-c * (length - u)) * D(from.logSnr + u), length);
    return got - ((to.sigma / from.sigma) * Math.exp(-tau2 * length) * 0.4 + to.alpha * integral);
  }

  const simpson = (f: (u: number) => number, length: number) => {
    let sum = f(0) + f(length);
    for (let k = 1; k < 200; k++) sum += (k % 2 === 1 ? 4 : 2) * f((k * length) / 200);
    return (sum * length) / 600;
  };

  it.each<[string, Solver, number, number]>([
    ['DPM-Solver++ (1)', dpmSolver({ order: 1 }), 0, 2],
    ['DPM-Solver++ (2M)', dpmSolver(), 0, 3],
    ['DPM-Solver++ (3M)', dpmSolver({ order: 3 }), 0, 4],
    ['DPM-Solver++ (3M), published', dpmSolver({ order: 3, variant: 'published' }), 0, 3],
    ['SDE-DPM-Solver++ (1)', sdeDpmSolver({ order: 1 }), 1, 2],
    ['SDE-DPM-Solver++ (2M)', sdeDpmSolver(), 1, 3],
    ['SDE-DPM-Solver++ (3M)', sdeDpmSolver({ order: 3 }), 1, 4],
    ['SDE-DPM-Solver++ (3M), published', sdeDpmSolver({ order: 3, variant: 'published' }), 1, 3],
    ['DDIM', ddim(), 0, 2],
    ['DDIM, eta 1', ddim({ eta: 1 }), 1, 2],
  ])('of %s', (_, solver, tau2, order) => {
    const found = Math.log2(Math.abs(error(solver, 0.008, tau2) / error(solver, 0.004, tau2)));
    expect(Math.abs(found - order)).toBeLessThan(0.1);
  });
});

describe.each(PLANNED.map(make => [make.definition.kind, make] as const))('%s', (_, make) => {
  const made = (steps: number, options = {}) => make({ steps, ...options } as object) as Solver;

  it.each([vp(), ve(), subVp()])('has the moments of Gaussian data as steps shrink ($kind)', sde => {
    const [mean, variance] = [0.3, 0.25];
    const denoise = gaussianDenoiser(mean, variance);
    const errors = [60, 240].map(steps => {
      const { plan, levels } = planOf(made(steps), sde);
      const found = momentsOf(plan, levels.ends[steps], sde.priorStd, denoise);
      return Math.max(Math.abs(found[0] - mean), Math.abs(found[1] / variance - 1));
    });
    // What is left: data that the prior has forgotten, and what is between tEnd and 0.
    expect(errors[1]).toBeLessThan(Math.max(0.01, 0.4 * errors[0]));
    expect(errors[1]).toBeLessThan(0.1);
  });

  it.each(['logSnr', 'uniform', 'quadratic', 'karras'])(
    'is what the addon runs, number by number (grid %s)',
    async grid => {
      const [n, count, steps] = [5, 3, 12];
      const sde = vp();
      const score = mixtureScore({ weights: [1], means: [new Array(n).fill(0.3)], variances: [0.25] });
      const solver = made(steps, { grid });
      const { samples, stats } = await sample({ sde, score, shape: [n], count, seed: 5, solver });
      const { plan, levels } = planOf(solver, sde);
      const denoise = gaussianDenoiser(0.3, 0.25);
      for (let k = 0; k < count; k++) {
        const normals = (node: number) => addon.normals(5n, BigInt(k), node, new Float32Array(n));
        for (let i = 0; i < n; i++) {
          const end = follow(plan, normals(0)[i], denoise, node => normals(node)[i]);
          expect(samples[k * n + i]).toBeCloseTo(denoise(end, levels.ends[steps]), 4);
        }
        expect(stats.evaluations[k]).toBe(steps * solver.evaluationsPerStep + 1);
        expect(stats.accepted[k]).toBe(steps);
      }
    },
  );
});

describe('names of one sampler', () => {
  it.each<[string, Solver, Solver]>([
    [
      'DDIM with eta = 1 and SDE-DPM-Solver++ (1)',
      ddim({ eta: 1, steps: 9 }),
      sdeDpmSolver({ order: 1, steps: 9, grid: 'uniform' }),
    ],
    ['DDIM and DPM-Solver++ (1)', ddim({ steps: 9 }), dpmSolver({ order: 1, steps: 9, grid: 'uniform' })],
  ])('%s', (_, one, other) => {
    for (const sde of [vp(), ve()]) {
      const [ours, theirs] = [one, other].map(solver => planOf(solver, sde).plan);
      for (const [k, { state, data, noise }] of ours.entries()) {
        expect(state).toBeCloseTo(theirs[k].state, 12);
        expect(noise).toBeCloseTo(theirs[k].noise, 12);
        expect(data[0]).toBeCloseTo(theirs[k].data[0], 12);
      }
    }
  });
});

describe('grids', () => {
  const { ends: logSnr } = planOf(dpmSolver({ steps: 4 }), vp()).levels;
  const steps = (values: readonly number[]) => values.slice(1).map((value, k) => value - values[k]);
  const equal = (values: readonly number[]) => {
    const [first, ...others] = steps(values);
    for (const other of others) expect(other / first).toBeCloseTo(1, 9);
  };

  it('are equal in what they say', () => {
    const ends = (grid: 'uniform' | 'quadratic' | 'karras') => planOf(dpmSolver({ steps: 4, grid }), vp()).levels.ends;
    equal(logSnr.map(level => level.logSnr));
    equal(ends('uniform').map(level => level.t));
    equal(ends('quadratic').map(level => Math.sqrt(level.t)));
    equal(ends('karras').map(({ sigma, alpha }) => (sigma / alpha) ** (1 / 7)));
  });

  it('begin at T and end at tEnd, exactly', () => {
    expect([logSnr[0].t, logSnr[4].t]).toEqual([1, 1e-3]);
  });

  it('may be a list of times, which says how many steps there are', () => {
    const grid = [1, 0.6, 0.2, 1e-3];
    const solver = dpmSolver({ grid });
    expect(solver.steps).toBe(3);
    expect(planOf(solver, vp()).levels.ends.map(({ t }) => t)).toEqual(grid);
    expect(planOn(dpmSolver({ grid: Float64Array.from(grid) as unknown as number[] }), UNEQUAL)).toHaveLength(8);
  });

  it.each<[object, string]>([
    [{ grid: 'karas' }, 'dpmSolver.grid'],
    [{ grid: [1] }, 'dpmSolver.grid'],
    [{ grid: [0, 1] }, 'dpmSolver.grid'],
    [{ grid: [1, Number.NaN] }, 'dpmSolver.grid'],
    [{ grid: [1, 0.5, 1e-3], steps: 3 }, 'dpmSolver.steps'],
    [{ steps: 2 ** 14 + 1 }, 'dpmSolver.steps'],
    [{ order: 4 }, 'dpmSolver.order'],
  ])('refuse %j', (options, option) => {
    expect(() => dpmSolver(options as object)).toThrow(expect.objectContaining({ option }));
  });

  it('have to fit the SDE', async () => {
    const score = mixtureScore({ weights: [1], means: [[0]], variances: [1] });
    const solver = dpmSolver({ grid: [1, 0.5, 0.1] });
    const drawn = sample({ sde: vp(), score, shape: [1], count: 1, solver });
    await expect(drawn).rejects.toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option: 'dpmSolver.grid' });
  });
});
