/** solve() and step(): what comes back, checked against exact laws, and what is refused. */
import { describe, expect, it } from 'vitest';
import { eulerMaruyama, itoSde, SdeError, type SolveOptions, solve, step, stratonovichSde } from '../src/index.js';
import { caught } from './support/caught.js';

const gbm = itoSde({ state: ['x'], params: { a: 1.5, b: 0.3 }, drift: ['a*x'], diffusion: ['b*x'] });
const brownian = itoSde({ state: ['x'], equations: ['dx = 0.3*dt + dW1'] });
const steps = (count: number) => eulerMaruyama({ steps: count });
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, one) => sum + one, 0) / values.length;

/** Standard errors that are exceeded once in 150,000. */
const FAR = 4.5;

describe('solve', () => {
  it("has Euler-Maruyama's own moments", async () => {
    const [count, n, h] = [40_000, 32, 1 / 32];
    const { states, shape, stats } = await solve(gbm, { t1: 1, x0: [0.1], paths: count, solver: steps(n), seed: 3 });
    expect(shape).toEqual([count, 1, 1]);
    // E of one step is linear: (1 + a h)^n, ((1 + a h)^2 + b^2 h)^n.
    const first = 0.1 * (1 + 1.5 * h) ** n;
    const second = 0.01 * ((1 + 1.5 * h) ** 2 + 0.09 * h) ** n;
    const deviation = Math.sqrt(second - first ** 2);
    expect(Math.abs(mean(states) - first)).toBeLessThan((FAR * deviation) / Math.sqrt(count));
    expect(stats.totals).toEqual({ accepted: count * n, rejected: 0, drifts: count * n, diffusions: count * n });
    expect(stats.ended.success).toBe(count);
    expect(stats.solver).toEqual({ kind: 'eulerMaruyama' });
  });

  it('gives a path the same bits whatever runs beside it', async () => {
    const options = { t1: 1, x0: [0.1], solver: steps(20), seed: 8, saveAt: [0.25, 1] };
    const all = await solve(gbm, { ...options, paths: 500, threads: 2 });
    const some = await solve(gbm, { ...options, paths: 7, firstIndex: 123, threads: 1 });
    expect(some.states).toEqual(all.states.subarray(2 * 123, 2 * 130));
    const single = await solve(gbm, { ...options, paths: 500, precision: 'float32' });
    expect(single.states).toBeInstanceOf(Float32Array);
    expect(Math.max(...single.states.map((x, i) => Math.abs(x / all.states[i] - 1)))).toBeLessThan(1e-5);
  });

  it('saves W beside the states, which solves the equations exactly where they are dx = dW', async () => {
    const { states, W, times } = await solve(brownian, {
      t1: 1,
      x0: [0],
      paths: 50,
      solver: steps(16),
      saveAt: { every: 0.25 },
      saveW: true,
    });
    expect([...times]).toEqual([0.25, 0.5, 0.75, 1]);
    for (let i = 0; i < states.length; i++) expect(states[i]).toBeCloseTo(0.3 * times[i % 4] + W![i], 12);
  });

  it('shares one Brownian path between step sizes', async () => {
    const run = (count: number) =>
      solve(brownian, { t1: 1, x0: [0], paths: 20, solver: steps(count), path: { steps: 64 }, saveAt: [0.5, 1] });
    const [fine, coarse] = [await run(64), await run(4)];
    for (let i = 0; i < fine.states.length; i++) expect(coarse.states[i]).toBeCloseTo(fine.states[i], 12);
  });

  it('gives every step of each path where saveAt is steps', async () => {
    const { paths } = await solve(brownian, { t1: 1, x0: [2], paths: 3, solver: steps(4), saveAt: 'steps' });
    const { states } = await solve(brownian, { t1: 1, x0: [2], paths: 3, solver: steps(4) });
    expect(paths).toHaveLength(3);
    for (const [i, path] of paths.entries()) {
      expect([...path.times]).toEqual([0, 0.25, 0.5, 0.75, 1]);
      expect(path.states[0]).toBe(2);
      expect(path.states[4]).toBe(states[i]);
    }
  });

  it('runs backwards in time', async () => {
    const decay = itoSde({ state: ['x'], equations: ['dx = -t*x*dt'] });
    const { times, states } = await solve(decay, { t0: 1, t1: 0, x0: [1], solver: steps(2000), saveAt: [0.5, 0] });
    expect([...times]).toEqual([0.5, 0]);
    expect(states[0]).toBeCloseTo(Math.exp(0.375), 3);
    expect(states[1]).toBeCloseTo(Math.exp(0.5), 3);
  });

  it('takes starting points and parameters of each path', async () => {
    const a = Float64Array.of(0, 1, 2);
    const own = itoSde({ state: ['x'], params: { a }, equations: ['dx = a*dt'] });
    const { states } = await solve(own, { t1: 1, x0: [10, 20, 30], paths: 3, solver: steps(8) });
    expect([...states].map(x => Math.round(x * 1e9) / 1e9)).toEqual([10, 21, 32]);
  });

  it('finds first passages without the bias of a step: the probability is exact at one step', async () => {
    const count = 40_000;
    const exact = 0.4183456350734253; // reflection with drift
    for (const n of [1, 16]) {
      const events = [{ when: 'x - 1', direction: 'up' as const }];
      const { stats, states } = await solve(brownian, { t1: 1, x0: [0], paths: count, solver: steps(n), events });
      const share = stats.ended.event / count;
      expect(Math.abs(share - exact)).toBeLessThan(FAR * Math.sqrt((exact * (1 - exact)) / count));
      const { times, counts } = stats.events!;
      for (let path = 0; path < 1000; path++) {
        const crossed = stats.status[path] === 'event';
        expect(counts[path]).toBe(crossed ? 1 : 0);
        expect(times[path] > 0 && times[path] <= 1).toBe(crossed);
        expect(stats.endTimes[path]).toBe(crossed ? times[path] : 1);
        expect(Number.isFinite(states[path])).toBe(true);
      }
    }
  });

  it('counts no event after the one that ends the path, in the same step', async () => {
    const clock = itoSde({ state: ['x'], equations: ['dx = 1*dt'] });
    const events = [{ when: '(x - 0.1)*(x - 0.6)', terminal: false }, { when: 'x - 0.55' }];
    const { stats } = await solve(clock, { t1: 1, x0: [0], solver: steps(4), events });
    expect([...stats.events!.counts]).toEqual([1, 1]);
    expect(stats.endTimes[0]).toBeCloseTo(0.55, 12);
  });

  it('leaves the bits of paths as they are where events and domains are looked at', async () => {
    for (const precision of ['float64', 'float32'] as const) {
      const options: SolveOptions = { t1: 0.7, x0: [0.1], paths: 30, solver: steps(7), precision };
      const plain = await solve(gbm, { ...options, saveAt: { every: 0.1 } });
      const watched = await solve(gbm, { ...options, saveAt: { every: 0.1 }, events: [{ when: 'x + 1' }] });
      expect(watched.states).toEqual(plain.states);
    }
  });

  it('takes a time that rounds apart from the end of a step for that end', async () => {
    const events = [{ when: 'x + 1' }];
    for (const saveAt of [{ every: 0.1 }, [0.3, 0.1 * 3, 0.7000000000000001, 1]]) {
      for (const solver of [steps(10), undefined]) {
        const { stats, states } = await solve(gbm, { t1: 1, x0: [0.1], paths: 2, solver, saveAt, events });
        expect(stats.ended.success).toBe(2);
        expect(states.every(Number.isFinite)).toBe(true);
        if (solver) expect([...stats.accepted]).toEqual([10, 10]);
      }
    }
  });

  it('ends paths that leave the domain, and no others', async () => {
    const walled = itoSde({ state: ['x'], equations: ['dx = 0.3*dt + dW1'], domain: ['x < 1'] });
    const options: SolveOptions = { t1: 1, x0: [0], paths: 200, solver: steps(16), seed: 2 };
    const free = await solve(brownian, { ...options, saveAt: { every: 1 / 16 } });
    const { stats } = await solve(walled, { ...options, onFailure: 'keep' });
    for (let path = 0; path < 200; path++) {
      const all = free.states.subarray(16 * path, 16 * path + 16);
      expect(stats.status[path]).toBe(all.some(x => x >= 1) ? 'leftDomain' : 'success');
    }
    const error = await caught(() => solve(walled, options));
    expect(error.code).toBe('ERR_SDE_PATH_FAILED');
    expect(error.message).toMatch(/of 200 paths failed, first path \d+ \(leftDomain at t = /);
    expect((error.result as unknown as { states: Float64Array }).states).toHaveLength(200);
  });

  it('stops within a moment of an abort, and says what it has', async () => {
    const controller = new AbortController();
    const job = solve(gbm, {
      t1: 1,
      x0: [1],
      paths: 100_000,
      solver: steps(1_000_000),
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    setTimeout(() => controller.abort(new Error('enough')), 200);
    const error = await caught(() => job);
    expect(error.code).toBe('ERR_SDE_ABORTED');
    expect((error.cause as Error).message).toBe('enough');
    expect((error.result as { stats: { ended: { unfinished: number } } }).stats.ended.unfinished).toBeGreaterThan(0);
  });
});

describe('reductions', () => {
  it('are those of the paths that solve gives', async () => {
    const options = { t1: 1, x0: [0.1], paths: 6000, solver: steps(10), seed: 4, saveAt: [0.5, 1] };
    const { states } = await solve(gbm, options);
    const { statistics } = await solve(gbm, {
      ...options,
      reductions: {
        of: { x: 'x', square: 'x^2' },
        covariance: true,
        quantiles: [0, 0.25, 0.5, 1],
        histograms: [{ of: 'x', low: 0.2, high: 0.6, bins: 8 }],
      },
    });
    for (const [save, { time, count, mean: means, variance, covariance, min, max, ...rest }] of statistics.entries()) {
      const x = states.filter((_, i) => i % 2 === save) as Float64Array;
      expect(time).toBe(options.saveAt[save]);
      expect(count).toBe(6000);
      expect(means.x).toBeCloseTo(mean(x), 12);
      expect(means.square).toBeCloseTo(mean(x.map(one => one * one)), 12);
      expect(variance.x).toBeCloseTo(mean(x.map(one => (one - means.x) ** 2)) * (6000 / 5999), 12);
      const product = x.map(one => (one - means.x) * (one * one - means.square));
      expect(covariance!.x.square).toBeCloseTo(mean(product) * (6000 / 5999), 12);
      const sorted = x.slice().sort();
      expect([min.x, max.x]).toEqual([sorted[0], sorted[5999]]);
      for (const [i, place] of [0, 1500, 3000, 5999].entries()) {
        expect(Math.abs(rest.quantiles!.x[i] / sorted[place] - 1)).toBeLessThan(2e-3);
      }
      const [{ below, counts, above }] = rest.histograms!;
      expect(below).toBe(x.filter(one => one < 0.2).length);
      expect(above).toBe(x.filter(one => one >= 0.6).length);
      expect(counts[2]).toBe(x.filter(one => one >= 0.3 && one < 0.35).length);
    }
  });

  it('say NaN of a function that is no number somewhere, and count what is one', async () => {
    const { statistics } = await solve(brownian, {
      t1: 1,
      x0: [0],
      paths: 1000,
      solver: steps(4),
      reductions: {
        of: { x: 'x', root: 'sqrt(x)', huge: 'sign(x)*1e308' },
        quantiles: [0, 0.5],
        histograms: [
          { of: 'root', low: 0, high: 10, bins: 1 },
          { of: 'huge', low: -1.7e308, high: 1.7e308, bins: 2 },
        ],
      },
    });
    const [{ quantiles, mean: means, min, histograms }] = statistics;
    expect(means.root).toBeNaN();
    expect(quantiles!.root).toEqual([Number.NaN, Number.NaN]);
    expect(quantiles!.x[0]).toBeCloseTo(min.x, 2);
    const [roots, signs] = histograms!;
    expect(roots).toMatchObject({ below: 0, above: 0 });
    expect(roots.counts[0]).toBeGreaterThan(500);
    expect(roots.counts[0]).toBe(signs.counts[1]);
    expect(signs.counts[0] + signs.counts[1]).toBe(1000);
  });

  it('have the same bits for any number of threads', async () => {
    const options = { t1: 1, x0: [0.1], paths: 50_000, solver: steps(4), reductions: { quantiles: [0.5] } };
    const [one, two] = [await solve(gbm, { ...options, threads: 1 }), await solve(gbm, { ...options, threads: 2 })];
    expect(one.statistics).toEqual(two.statistics);
  });

  it('stop where the mean is known well enough, at the same path whatever the threads', async () => {
    const options = { t1: 1, x0: [0.1], paths: 10_000_000, solver: steps(4) };
    const reductions = { stop: { of: 'x', halfWidth: 0.002, confidence: 0.99 } };
    const one = await solve(gbm, { ...options, threads: 1, reductions });
    const two = await solve(gbm, { ...options, threads: 2, reductions });
    expect(one.stats.satisfied).toBe(true);
    expect(one.statistics).toEqual(two.statistics);
    const [{ count, standardError }] = one.statistics;
    expect(count).toBeLessThan(1_000_000);
    expect(2.5758 * standardError.x).toBeLessThan(0.002);
  });
});

describe('reductions of functions that are no number for some paths', () => {
  it('are NaN, as a mean is; the histogram counts the others', async () => {
    const { statistics } = await solve(brownian, {
      t1: 1,
      x0: [0],
      paths: 5000,
      solver: steps(2),
      reductions: {
        of: { log: 'log(x)', x: 'x' },
        quantiles: [0.5],
        histograms: [{ of: 'log', low: -100, high: 100, bins: 1 }],
      },
    });
    const [{ mean: means, min, max, quantiles, histograms }] = statistics;
    expect([means.log, min.log, max.log, quantiles!.log[0]]).toEqual(Array(4).fill(Number.NaN));
    expect([means.x, min.x, max.x, quantiles!.x[0]].every(Number.isFinite)).toBe(true);
    const [{ below, counts, above }] = histograms!;
    expect(below + counts[0] + above).toBeGreaterThan(2500);
    expect(below + counts[0] + above).toBeLessThan(4000);
  });
});

describe('step', () => {
  it('takes one step with the noise given', () => {
    const { x, error } = step(gbm, steps(1), { h: 0.1, x: [2], dW: [0.5] });
    expect(x[0]).toBeCloseTo(2 + 2 * 1.5 * 0.1 + 2 * 0.3 * 0.5, 14);
    expect([...error]).toEqual([0]);
  });
});

describe('what is refused', () => {
  const good: SolveOptions = { t1: 1, x0: [1], solver: steps(4) };
  const two = itoSde({ state: ['x', 'y'], equations: ['dx = y*dt + x*dW1', 'dy = -x*dt + y*dW2'] });
  it.each<[string, Parameters<typeof solve>, string, string]>([
    ['no SDE', [{} as never, good], 'ERR_SDE_INVALID_OPTION', 'solve.problem'],
    ['a wrong name', [gbm, { ...good, step: 3 } as never], 'ERR_SDE_UNKNOWN_OPTION', 'step'],
    ['no t1', [gbm, { x0: [1], solver: steps(4) } as never], 'ERR_SDE_INVALID_OPTION', 'solve.t1'],
    ['t1 at t0', [gbm, { ...good, t0: 1 }], 'ERR_SDE_INVALID_OPTION', 'solve.t1'],
    ['too few starting values', [two, good], 'ERR_SDE_INVALID_SHAPE', 'solve.x0'],
    ['a span that overflows', [gbm, { ...good, t0: -1e308, t1: 1e308 }], 'ERR_SDE_INVALID_OPTION', 'solve.t1'],
    [
      'times that are one',
      [gbm, { ...good, t0: 1e16, t1: 1e16 + 4, saveAt: { every: 0.5 } }],
      'ERR_SDE_INVALID_OPTION',
      'solve.saveAt.every',
    ],
    ['too many paths', [gbm, { ...good, paths: 2 ** 27 }], 'ERR_SDE_INVALID_OPTION', 'solve.paths'],
    ['a start that is no number', [gbm, { ...good, x0: [Number.NaN] }], 'ERR_SDE_INVALID_OPTION', 'solve.x0[0]'],
    ['a time outside', [gbm, { ...good, saveAt: [0.5, 2] }], 'ERR_SDE_INVALID_OPTION', 'solve.saveAt[1]'],
    ['times out of order', [gbm, { ...good, saveAt: [0.5, 0.4] }], 'ERR_SDE_INVALID_OPTION', 'solve.saveAt[1]'],
    ['too many times', [gbm, { ...good, saveAt: { every: 1e-12 } }], 'ERR_SDE_INVALID_OPTION', 'solve.saveAt.every'],
    ['a path that does not fit', [gbm, { ...good, path: { steps: 7 } }], 'ERR_SDE_INVALID_OPTION', 'solve.path.steps'],
    [
      'an event that is no text',
      [gbm, { ...good, events: [{ when: 3 }] } as never],
      'ERR_SDE_INVALID_OPTION',
      'solve.events[0].when',
    ],
    [
      'an event of unknown names',
      [gbm, { ...good, events: [{ when: 'z - 1' }] }],
      'ERR_SDE_INVALID_EQUATION',
      'solve.events[0].when',
    ],
    ['no solver', [gbm, { ...good, solver: { kind: 'magic' } } as never], 'ERR_SDE_INVALID_OPTION', 'solve.solver'],
    [
      'a statistic of nothing',
      [gbm, { ...good, reductions: { stop: { of: 'y', halfWidth: 1 } } } as never],
      'ERR_SDE_INVALID_OPTION',
      'solve.reductions.stop.of',
    ],
  ])('%s', async (_, [problem, options], code, option) => {
    const error = await caught(() => solve(problem, options));
    expect(error).toBeInstanceOf(SdeError);
    expect([error.code, error.option]).toEqual([code, option]);
  });

  it("the other calculus' solver, with what to do", async () => {
    const strat = stratonovichSde({ state: ['x'], equations: ['dx = x*dW1'] });
    const error = await caught(() => solve(strat, good));
    expect(error.message).toContain('eulerMaruyama solves Itô SDEs: give it problem.toIto()');
  });

  it('parameters of another number of paths', async () => {
    const own = itoSde({ state: ['x'], params: { a: Float64Array.of(1, 2) }, equations: ['dx = a*dt'] });
    const error = await caught(() => solve(own, { ...good, paths: 3 }));
    expect([error.code, error.option]).toEqual(['ERR_SDE_INVALID_SHAPE', 'params.a']);
  });

  it('a start where the equations have no value, with the place in the text', async () => {
    const root = itoSde({ state: ['x'], equations: ['dx = sqrt(x)*dt'] });
    const error = await caught(() => solve(root, { ...good, x0: [-1] }));
    expect(error.code).toBe('ERR_SDE_INVALID_EQUATION');
    expect(error.message).toContain('^');
  });

  it('a step of no length', async () => {
    expect((await caught(() => step(gbm, steps(1), { h: 0, x: [1], dW: [0] }))).option).toBe('step.h');
  });
});
