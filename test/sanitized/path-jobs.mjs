// Jobs over paths, for mixed-jobs.mjs: what they are drawn from, and how each kind is run.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as sde from '../../dist/esm/index.js';

const SOLVERS = [sde.eulerMaruyama, ...Object.values(sde).filter(({ facts }) => facts !== undefined)];

export const pathPlans = fc.record({
  equations: fc.constantFrom('additive', 'diagonal', 'general', 'scalar', 'wide', 'byPath', 'smooth'),
  solver: fc.option(fc.integer({ min: 0, max: SOLVERS.length - 1 })),
  /** 0: by the tolerance. */
  steps: fc.constantFrom(0, 1, 3, 8),
  paths: fc.constantFrom(1, 7, 100, 3000),
  isOwnStart: fc.boolean(),
  pause: fc.integer({ min: 0, max: 60 }),
  taken: fc.integer({ min: 0, max: 20 }),
  options: fc.record(
    {
      t0: fc.constantFrom(0, 2),
      saveAt: fc.constantFrom('end', 'steps', { every: 0.25 }, [1]),
      precision: fc.constantFrom('float64', 'float32'),
      path: fc.constantFrom({ steps: 24 }, { steps: 7 }),
      saveW: fc.boolean(),
      events: fc.constantFrom([{ when: 'x - 1.1' }], [{ when: 'x', terminal: false }, { when: 'x + t - 2' }]),
      threads: fc.integer({ min: 0, max: 5 }),
      seed: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      firstIndex: fc.integer({ min: 0, max: 2 ** 40 }),
      onFailure: fc.constantFrom('keep', 'throw'),
    },
    { requiredKeys: [] },
  ),
  reductions: fc.constantFrom(
    { quantiles: [0, 0.5, 1], covariance: true },
    { of: { root: 'sqrt(x)' }, quantiles: [0.5], histograms: [{ of: 'root', low: 0, high: 2, bins: 5 }] },
    { stop: { of: 'x', halfWidth: 0.1 } },
  ),
});

/** More states than lie side by side in a chunk. */
const WIDE = Array.from({ length: 60 }, (_, i) => (i === 0 ? 'x' : `x${i}`));

const EQUATIONS = {
  additive: () => sde.itoSde({ state: ['x'], equations: ['dx = -x*dt + 0.5*dW1'] }),
  diagonal: () => sde.itoSde({ state: ['x', 'y'], equations: ['dx = y*dt + 0.2*x*dW1', 'dy = -x*dt + 0.2*y*dW2'] }),
  general: () =>
    sde.stratonovichSde({
      state: ['x', 'y'],
      domain: ['x < 3'],
      equations: ['dx = y*dt + 0.2*x*dW1 + y*dW2', 'dy = -x*dt + 0.1*dW1 + sin(x)*dW2'],
    }),
  scalar: () =>
    sde.itoSde({ state: ['x', 'y'], drift: ['-x', 'x - y'], diffusion: ['0.1*y', '0.2*x'], noise: 'scalar' }),
  wide: () =>
    sde.itoSde({ state: WIDE, drift: WIDE.map(name => `-${name}`), diffusion: WIDE.map(name => `0.1*${name}`) }),
  byPath: paths =>
    sde.itoSde({ state: ['x'], params: { a: new Float64Array(paths).fill(0.5) }, equations: ['dx = -a*x*dt + a*dW1'] }),
  smooth: () => sde.itoSde({ state: ['x'], equations: ['dx = (x > 2 ? 1 : -x*t)*dt'] }),
};

function jobOf({ equations: name, solver, steps, paths, isOwnStart, options }) {
  const equations = EQUATIONS[name](paths);
  const x0 = new Float64Array(equations.states.length * (isOwnStart ? paths : 1)).fill(1);
  const chosen = solver !== null && { solver: SOLVERS[solver](steps > 0 ? { steps } : { rtol: 0.1, maxSteps: 200 }) };
  return [equations, { t1: 1, x0, paths, ...options, ...chosen }];
}

export const PATH_KINDS = {
  async solve(plan) {
    const [equations, options] = jobOf(plan);
    const { paths, states, shape, checkpoint } = await sde.solve(equations, options);
    if (paths) assert.equal(paths.length, options.paths);
    else assert.equal(states.length, shape[0] * shape[1] * shape[2]);
    if (checkpoint) await sde.solve(equations, { t1: options.t0 === 2 ? 0 : 2, resume: checkpoint, onFailure: 'keep' });
  },
  async reductions(plan) {
    const [equations, { saveW: _, ...options }] = jobOf(plan);
    const { statistics } = await sde.solve(equations, { ...options, reductions: plan.reductions });
    assert.ok(statistics.length > 0);
  },
  async streamPaths(plan) {
    let taken = 0;
    for await (const { states } of sde.streamPaths(...jobOf(plan))) {
      assert.ok(states.length > 0);
      if (++taken > plan.taken) break;
    }
  },
  /** Begins to read a stream and lets go of it. */
  async dropPaths(plan) {
    await sde.streamPaths(...jobOf({ ...plan, paths: 40_000, isOwnStart: false })).next();
  },
  async abortPaths(plan) {
    const [equations, options] = jobOf(plan);
    const solver = sde.eulerMaruyama({ steps: 100_000 });
    await sde.solve(equations, { ...options, path: undefined, solver, signal: AbortSignal.timeout(plan.pause) });
  },
  async step(plan) {
    const [equations, { solver }] = jobOf(plan);
    const few = length => new Float64Array(length).fill(0.1);
    const input = { h: 0.1, x: few(equations.states.length), dW: few(equations.noises.length) };
    assert.equal(sde.step(equations, solver, input).x.length, equations.states.length);
  },
};
