/** Steps of each path's own: the law of what is solved, and how paths end. */
import { describe, expect, it } from 'vitest';
import {
  eulerMaruyama,
  heun,
  itoSde,
  milstein,
  milsteinDerivativeFree,
  problems,
  shark,
  solve,
  spark,
  sriw1,
  stratonovichSde,
} from '../src/index.js';
import { caught } from './support/caught.js';

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, one) => sum + one, 0) / values.length;
/** Standard errors that are exceeded once in 150,000. */
const FAR = 4.5;

describe('the law of adaptive paths', () => {
  const martingale = itoSde({ state: ['x'], equations: ['dx = x*dW1'] });
  // A decision that looks at the increment changes the law of schemes without Milstein's term: E x would be 1.14.
  it.each([
    ['milstein', milstein({ rtol: 1e-2, atol: 1e-3 }), martingale],
    ['milsteinDerivativeFree', milsteinDerivativeFree({ rtol: 1e-2, atol: 1e-3 }), martingale],
    ['sriw1', sriw1({ rtol: 1e-3, atol: 1e-4, h0: 1 }), martingale],
    ['heun', heun({ rtol: 3e-2, atol: 3e-3 }), martingale.toStratonovich()],
    ['spark', spark({ rtol: 1e-3, atol: 1e-4, h0: 1 }), martingale.toStratonovich()],
  ])('is that of dx = x dW, path by path: %s', async (_, solver, sde) => {
    const paths = 20_000;
    const { states, W, stats } = await solve(sde, { t1: 1, x0: [1], paths, solver, saveW: true, seed: 11 });
    const [x, w] = [states as Float64Array, W as Float64Array];
    const se = 1 / Math.sqrt(paths);
    expect(stats.totals.rejected).toBeGreaterThan(paths);
    expect(Math.abs(mean(w))).toBeLessThan(FAR * se);
    expect(Math.abs(mean(w.map(one => one * one)) - 1)).toBeLessThan(FAR * Math.SQRT2 * se);
    const strong = Math.sqrt(mean(x.map((one, i) => (one - Math.exp(w[i] - 0.5)) ** 2)));
    expect(strong).toBeLessThan(0.05);
    expect(Math.abs(mean(x) - 1)).toBeLessThan(FAR * 1.31 * se + 0.01);
    expect(Math.abs(mean(x.map(one => Math.log(Math.abs(one)))) + 0.5)).toBeLessThan(FAR * se + 0.01);
  });

  it('is bridged, whatever the sharing of paths: adaptive steps over a given path end where equal steps do', async () => {
    const wiener = itoSde({ state: ['x'], equations: ['dx = -2*x*dt + 0.5*dW1'] });
    const options = { t1: 1, x0: [1], paths: 50, path: { steps: 1024 }, seed: 2 };
    const fine = await solve(wiener, { ...options, solver: heun({ steps: 1024 }) });
    const free = await solve(wiener, { ...options, solver: shark({ rtol: 1e-4, atol: 1e-4 }), saveW: true });
    const far = Math.max(...free.states.map((x, i) => Math.abs(x - fine.states[i])));
    expect(far).toBeLessThan(2e-3);
    expect(free.stats.totals.accepted).toBeLessThan(50 * 1024);
  });

  it('gives a path the same bits whatever runs beside it', async () => {
    const options = { t1: 1, x0: [1], solver: sriw1({ rtol: 1e-3 }), saveAt: [0.3, 1] };
    const all = await solve(martingale, { ...options, paths: 300, threads: 2 });
    const one = await solve(martingale, { ...options, paths: 1, firstIndex: 217, threads: 1 });
    expect([...one.states]).toEqual([...all.states.subarray(434, 436)]);
    expect(one.stats.accepted[0]).toBe(all.stats.accepted[217]);
  });
});

describe('problems with exact answers, by the solver that is chosen', () => {
  it.each(Object.entries(problems).map(([name, make]) => [name, make] as const))('%s', async (_, make) => {
    const { sde, t0, t1, x0, expectations } = make();
    if (expectations.length === 0) return;
    const of = Object.fromEntries(expectations.map((one, i) => [`f${i}`, one.of]));
    const { statistics } = await solve(sde, { t0, t1, x0, paths: 10_000, seed: 5, reductions: { of } });
    for (const [i, { at }] of expectations.entries()) {
      const { mean: means, standardError } = statistics[0];
      const exact = at(t1 - t0);
      const bias = 0.01 * Math.max(1, Math.abs(exact));
      expect(Math.abs(means[`f${i}`] - exact)).toBeLessThan(FAR * standardError[`f${i}`] + bias);
    }
  });
});

describe('the solver that is chosen', () => {
  it.each([
    ['shark', itoSde({ state: ['x'], equations: ['dx = -x*dt + dW1'] })],
    ['sriw1', itoSde({ state: ['x', 'y'], equations: ['dx = x*dW1', 'dy = y*dW2'] })],
    ['heun', stratonovichSde({ state: ['x'], equations: ['dx = x*dW1'] })],
    ['heun', itoSde({ state: ['x', 'y'], equations: ['dx = y*dW1', 'dy = x*dW1 + x*dW2'] })],
  ])('is %s, and the result says why', async (kind, sde) => {
    const { stats } = await solve(sde, { t1: 0.1, x0: sde.states.map(() => 1) });
    expect(stats.solver.kind).toBe(kind);
    expect(stats.solver.why).toMatch(new RegExp(`^${kind}: `));
  });
});

describe('how paths end', () => {
  it('with a status of their own where they explode, and the others go on', async () => {
    // X = tan W: 23.2 % of the paths leave the numbers before 1.
    const tangent = itoSde({ state: ['x'], equations: ['dx = x*(1 + x^2)*dt + (1 + x^2)*dW1'] });
    const paths = 4000;
    const { stats, states } = await solve(tangent, {
      t1: 1,
      x0: [0],
      paths,
      solver: sriw1({ rtol: 1e-3, atol: 1e-3, maxSteps: 20_000 }),
      onFailure: 'keep',
    });
    const alive = stats.ended.success / paths;
    expect(Math.abs(alive - 0.7675449654557654)).toBeLessThan((FAR * 0.4223) / Math.sqrt(paths) + 0.015);
    expect(stats.ended.success + stats.ended.nonFinite + stats.ended.stepUnderflow + stats.ended.maxSteps).toBe(paths);
    for (const [i, status] of stats.status.entries()) expect(Number.isFinite(states[i])).toBe(status === 'success');
  });

  it("by 'maxSteps' where they need more than they may", async () => {
    const sde = itoSde({ state: ['x'], equations: ['dx = x*dW1'] });
    const solver = sriw1({ rtol: 1e-8, atol: 1e-10, maxSteps: 10 });
    const error = await caught(() => solve(sde, { t1: 1, x0: [1], solver }));
    expect(error.code).toBe('ERR_SDE_PATH_FAILED');
    expect(error.message).toContain('maxSteps');
  });

  it('refuses to adapt where that would solve another process', async () => {
    const error = await caught(() => eulerMaruyama({ rtol: 1e-3 } as never));
    expect(error.code).toBe('ERR_SDE_UNKNOWN_OPTION');
  });

  it('keeps a domain by shorter steps', async () => {
    const root = itoSde({
      state: ['v'],
      equations: ['dv = 2*(0.04 - v)*dt + 0.3*sqrt(max(v, 0))*dW1'],
      domain: ['v >= 0'],
    });
    const { states, stats } = await solve(root, {
      t1: 1,
      x0: [0.04],
      paths: 500,
      solver: sriw1({ rtol: 1e-2, atol: 1e-4 }),
      onFailure: 'keep',
    });
    for (const [i, status] of stats.status.entries())
      if (status === 'success') expect(states[i]).toBeGreaterThanOrEqual(0);
    expect(stats.ended.success).toBeGreaterThan(250);
  });
});
