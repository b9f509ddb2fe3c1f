/** The SDEs: their formulas against each other, and own schedules against the known ones. */
import { describe, expect, it } from 'vitest';
import { type AffineOptions, affine, type Sde, sample, subVp, ve, vp } from '../src/index.js';
import { caught } from './support/caught.js';
import { gaussianScore } from './support/gaussian.js';

const NAMES = ['alpha', 'sigma', 'f', 'g'] as const;

/** Times crowded towards tEnd, none of them a point the tables were made from. */
function timesOf({ tEnd, T }: Sde, count = 4001): number[] {
  return Array.from({ length: count }, (_, i) => tEnd + (T - tEnd) * ((i + 0.3) / count) ** 3);
}

/** Largest relative difference of each function. */
function differences(a: Sde, b: Sde): Record<(typeof NAMES)[number], number> {
  const worst = { alpha: 0, sigma: 0, f: 0, g: 0 };
  for (const t of timesOf(a)) {
    for (const name of NAMES) {
      const difference = Math.abs(a[name](t) - b[name](t));
      // f of VE is zero: there the difference counts as it is.
      worst[name] = Math.max(worst[name], difference / (Math.abs(b[name](t)) || 1));
    }
  }
  return worst;
}

describe.each([vp(), subVp(), ve(), vp({ betaMin: 0.5, betaMax: 3 })])('$kind', sde => {
  it('has coefficients that belong to its solution', () => {
    for (const t of timesOf(sde, 50)) {
      const h = 1e-3 * t;
      const slope = (of: (t: number) => number) =>
        (8 * (of(t + h) - of(t - h)) - (of(t + 2 * h) - of(t - 2 * h))) / (12 * h);
      expect(slope(u => Math.log(sde.alpha(u)))).toBeCloseTo(sde.f(t), 6);
      const growth = slope(u => sde.sigma(u) ** 2) - 2 * sde.f(t) * sde.sigma(t) ** 2;
      expect(growth / sde.g(t) ** 2).toBeCloseTo(1, 6);
    }
  });

  it('survives structuredClone but for its functions', async () => {
    const options = { score: gaussianScore(2), shape: [2], count: 4 };
    const clone = structuredClone(sde);
    expect(clone).not.toHaveProperty('alpha');
    const [own, cloned] = [await sample({ ...options, sde }), await sample({ ...options, sde: clone })];
    expect(cloned.samples).toEqual(own.samples);
  });

  it('is frozen', () => {
    expect(Object.isFrozen(sde)).toBe(true);
    expect(Object.isFrozen(sde.dataRange)).toBe(true);
  });
});

describe('published values', () => {
  // reference: score_sde's sde_lib.py; alpha(1e-3) and sigma(1e-3) of VP, sigma(1e-5) and g(1) of VE.
  it('of VP', () => {
    expect(vp().alpha(1e-3)).toBeCloseTo(0.999945, 6);
    expect(vp().sigma(1e-3)).toBeCloseTo(0.010485, 5);
    expect([vp().T, vp().tEnd, vp().priorStd, ...vp().dataRange]).toEqual([1, 1e-3, 1, -1, 1]);
  });

  it('of VE', () => {
    expect(ve().sigma(1e-5)).toBeCloseTo(0.0100009, 7);
    expect(ve().g(1)).toBeCloseTo(206.4, 1);
    expect([ve().T, ve().tEnd, ve().priorStd, ...ve().dataRange]).toEqual([1, 1e-5, 50, 0, 1]);
  });

  it('of sub-VP: less noise than VP, the same mean', () => {
    for (const t of [0.1, 0.5, 1]) {
      expect(subVp().alpha(t)).toBe(vp().alpha(t));
      expect(subVp().sigma(t)).toBeCloseTo(vp().sigma(t) ** 2, 12);
    }
  });
});

describe('affine', () => {
  it.each([
    ['vp', vp(), {}],
    ['vp from 1e-5', vp({ tEnd: 1e-5 }), {}],
    ['sub-VP', subVp(), {}],
    ['ve', ve(), { sigma0: 0.01 }],
  ])('reproduces %s to 1e-6 from either pair, and from both', (_, sde, start) => {
    const { tEnd, priorStd } = sde;
    const solution = { alpha: sde.alpha, sigma: sde.sigma };
    const coefficients = { drift: sde.f, diffusion: sde.g };
    for (const given of [solution, { ...coefficients, ...start }, { ...solution, ...coefficients }]) {
      const own = affine({ ...given, tEnd, priorStd });
      for (const difference of Object.values(differences(own, sde))) expect(difference).toBeLessThan(1e-6);
    }
  });

  it('handles a span of its own: sigma = t up to 80', () => {
    const own = affine({ alpha: () => 1, sigma: t => t, T: 80, tEnd: 0.002 });
    expect(own.priorStd).toBeCloseTo(80, 4);
    for (const t of timesOf(own)) {
      expect(Math.abs(own.sigma(t) / t - 1)).toBeLessThan(1e-6);
      expect(Math.abs(own.g(t) / Math.sqrt(2 * t) - 1)).toBeLessThan(1e-6);
      expect(Math.abs(own.f(t))).toBeLessThan(1e-6 / 80);
    }
  });

  it('draws what the formula draws', async () => {
    const sde = vp();
    const options = { score: gaussianScore(16), shape: [16], count: 20, seed: 3 };
    const formula = await sample({ ...options, sde });
    const own = await sample({ ...options, sde: affine({ alpha: sde.alpha, sigma: sde.sigma, priorStd: 1 }) });
    const clone = await sample({
      ...options,
      sde: structuredClone(affine({ drift: sde.f, diffusion: sde.g, priorStd: 1 })),
    });
    for (const [i, value] of formula.samples.entries()) {
      expect(own.samples[i]).toBeCloseTo(value, 3);
      expect(clone.samples[i]).toBeCloseTo(value, 3);
    }
  });

  it('calls no function after construction', async () => {
    const sde = vp();
    let calls = 0;
    const own = affine({
      alpha: t => {
        calls++;
        return sde.alpha(t);
      },
      sigma: sde.sigma,
    });
    const atConstruction = calls;
    expect(atConstruction).toBeGreaterThan(100);
    await sample({ sde: own, score: gaussianScore(2), shape: [2] });
    own.alpha(0.5);
    expect(calls).toBe(atConstruction);
  });

  const smooth = { alpha: vp().alpha, sigma: vp().sigma };
  it.each([
    ['a jump', { ...smooth, alpha: (t: number) => (t < 0.3 ? 1 : 0.9) }, 'affine.alpha', 0.3],
    [
      'a jump in the diffusion',
      { drift: () => -1, diffusion: (t: number) => (t < 0.7 ? 1 : 2) },
      'affine.diffusion',
      0.7,
    ],
    ['a kink in alpha', { ...smooth, alpha: (t: number) => 1 - Math.abs(t - 0.4) / 2 }, 'affine.alpha', 0.4],
    ['not a number', { ...smooth, sigma: (t: number) => (t > 0.5 ? Number.NaN : t) }, 'affine.sigma', undefined],
    ['a negative alpha', { ...smooth, alpha: (t: number) => 0.5 - t }, 'affine.alpha', undefined],
    ['a negative diffusion', { drift: () => 0, diffusion: (t: number) => 0.5 - t }, 'affine.diffusion', undefined],
    ['a sigma that falls', { alpha: () => 1, sigma: (t: number) => 2 - t }, 'affine.sigma', undefined],
    ['no noise at all', { drift: () => -1, diffusion: () => 0 }, 'affine.diffusion', 1e-3],
    [
      'too fine a structure',
      { drift: (t: number) => Math.sin(3e5 * t), diffusion: () => 1 },
      'affine.drift',
      undefined,
    ],
    ['a singular drift', { drift: (t: number) => -1 / t, diffusion: () => 1 }, 'affine.drift', 0],
    [
      'a function that throws',
      {
        ...smooth,
        alpha: () => {
          throw new Error('no');
        },
      },
      'affine.alpha',
      undefined,
    ],
  ])('refuses %s and says where', async (_, functions, option, t) => {
    const error = await caught(() => affine(functions));
    expect(error.code).toBe('ERR_SDE_SCHEDULE');
    if (option) expect(error.option).toBe(option);
    if (t !== undefined) expect(error.value as number).toBeCloseTo(t, 2);
    expect(error.message).toMatch(/at t = /);
  });

  it('refuses pairs that disagree, by 1e-5 and not by less', async () => {
    const sde = vp();
    const scaled = (by: number) => affine({ ...smooth, drift: sde.f, diffusion: t => by * sde.g(t) });
    expect((await caught(() => scaled(1 + 3e-5))).code).toBe('ERR_SDE_SCHEDULE');
    expect((await caught(() => scaled(1.5))).message).toMatch(/alpha and sigma imply/);
    expect(scaled(1 + 3e-6).kind).toBe('affine');
  });

  it.each([
    ['nothing', {}, 'affine'],
    ['half a pair', { alpha: () => 1 }, 'affine.sigma'],
    ['the other half', { diffusion: () => 1 }, 'affine.drift'],
    ['a number for a function', { alpha: 1 as never, sigma: () => 1 }, 'affine.alpha'],
    ['tEnd beyond T', { ...smooth, tEnd: 2 }, 'affine.tEnd'],
    ['T of zero', { ...smooth, T: 0 }, 'affine.T'],
    ['a prior without width', { ...smooth, priorStd: 0 }, 'affine.priorStd'],
    ['sigma0 beside sigma', { ...smooth, sigma0: 1 }, 'affine.sigma0'],
  ])('refuses %s', async (_, options, option) => {
    expect(await caught(() => affine(options))).toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option });
  });
});

describe('functions that cannot be integrated', () => {
  /** Noise, the same every time. */
  const noise = () => {
    let state = 1;
    return () => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647;
    };
  };
  const slow = () => {
    const until = performance.now() + 5;
    while (performance.now() < until);
    return 1;
  };
  it.each<[string, AffineOptions]>([
    ['a noisy diffusion', { drift: () => 0, diffusion: noise() }],
    ['a noisy drift', { drift: noise(), diffusion: () => 1 }],
    ['a noisy alpha', { alpha: noise(), sigma: () => 1 }],
    ['noise in all four', { alpha: noise(), sigma: noise(), drift: noise(), diffusion: noise() }],
    ['a fast drift', { drift: t => 1e3 * Math.sin(1e10 * t), diffusion: () => 1 }],
    ['a fast sigma', { alpha: () => 1, sigma: t => 2 + Math.sin(1e7 * t) }],
    ['a jump of the diffusion', { drift: () => 0, diffusion: t => (t < 0.5 ? 1 : 2) }],
    ['a jump of sigma', { alpha: () => 1, sigma: t => (t < 0.5 ? 1 : 2) }],
    ['a huge drift', { drift: () => 1e300, diffusion: () => 1 }],
    ['a huge diffusion', { drift: () => 0, diffusion: () => 1e300 }],
    ['a pole', { drift: t => 1 / (t - 5e-4), diffusion: () => 1 }],
    ['slow functions', { drift: slow, diffusion: slow }],
  ])('are refused after a bounded number of calls: %s', async (_, functions) => {
    let calls = 0;
    const counted = Object.entries(functions as Record<string, (t: number) => number>).map(([name, fn]) => [
      name,
      (t: number) => {
        calls++;
        return fn(t);
      },
    ]);
    const error = await caught(() => affine(Object.fromEntries(counted)));
    expect(error.code).toBe('ERR_SDE_SCHEDULE');
    expect(error.option).toMatch(/^affine\.(drift|diffusion|alpha|sigma)$/);
    expect(calls).toBeLessThan(2 ** 21);
  });

  it.each([undefined, null, Symbol('s'), Object.create(null), '1', 1n, Number.NaN])(
    'are refused where they return or throw no number, but %#',
    async value => {
      const returning = await caught(() => affine({ drift: () => value as never, diffusion: () => 1 }));
      expect(returning).toMatchObject({ code: 'ERR_SDE_SCHEDULE', option: 'affine.drift' });
      const raising = () => {
        throw value;
      };
      const throwing = await caught(() => affine({ drift: raising, diffusion: () => 1 }));
      expect(throwing).toMatchObject({ code: 'ERR_SDE_SCHEDULE', option: 'affine.drift' });
    },
  );

  it('are not those that are hard: a root at zero, a jump before the table begins, a steep exponential', () => {
    expect(affine({ drift: t => (t < 3e-4 ? 1 : 0), diffusion: () => 1 }).alpha(1)).toBeCloseTo(Math.exp(3e-4), 8);
    expect(affine({ drift: () => 0, diffusion: t => t ** 0.1 }).sigma(1)).toBeCloseTo(Math.sqrt(1 / 1.2), 5);
    expect(affine({ drift: t => -20 * t, diffusion: () => 1 }).alpha(1)).toBeCloseTo(Math.exp(-10), 9);
  });
});
