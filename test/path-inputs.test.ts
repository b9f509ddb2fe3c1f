/** Whatever is passed to solve() and its kin: each option is read once, and what cannot be taken is a typed error. */
import { describe, expect, it } from 'vitest';
import {
  convergence,
  eulerMaruyama,
  inspect,
  itoSde,
  problems,
  type SolveOptions,
  sample,
  solve,
  step,
  streamPaths,
  vp,
} from '../src/index.js';
import { parsedDevice } from '../src/options/device.js';
import { caught } from './support/caught.js';
import { gaussianScore } from './support/gaussian.js';

const brownian = itoSde({ state: ['x'], equations: ['dx = dW1'] });
const good: SolveOptions = { t1: 1, x0: [0], solver: eulerMaruyama({ steps: 4 }) };
const solved = (changes: object) => solve(brownian, { ...good, ...changes } as SolveOptions);
const streamed = (changes: object) => streamPaths(brownian, { ...good, ...changes } as SolveOptions).next();

/** As long as a list can be: to walk over it takes minutes. */
const endless = new Array(2 ** 32 - 1);
const holes = new Array(3);

describe('a list of holes is refused, however long it is', () => {
  it.each<[string, () => unknown]>([
    ['x0', () => solved({ x0: endless })],
    ['x0 of as many paths', () => solved({ x0: holes, paths: 3 })],
    ['saveAt', () => solved({ saveAt: endless })],
    ['events', () => solved({ events: endless })],
    ['quantiles', () => solved({ reductions: { quantiles: endless } })],
    ['histograms', () => solved({ reductions: { histograms: endless } })],
    ['x0 of streamPaths', () => streamed({ x0: endless })],
    ['x of step', () => step(brownian, undefined, { h: 1, x: endless, dW: [0] })],
    ['steps of convergence', () => convergence(problems.geometricBrownianMotion(), ['heun'], { steps: endless })],
    ['solvers of convergence', () => convergence(problems.geometricBrownianMotion(), endless)],
    ['diffusion', () => itoSde({ state: ['x'], drift: ['x'], diffusion: endless })],
    ['device', () => parsedDevice('device', endless)],
    ['device of three', () => parsedDevice('device', Object.assign(new Array(3), { 0: 'cuda:0', 2: 'cuda:1' }))],
    ['device of sample', () => sample({ sde: vp(), score: gaussianScore(1), shape: [1], device: endless })],
  ])('%s', async (_, call) => {
    expect((await caught(async () => call())).code).toMatch(/^ERR_SDE_INVALID_/);
  });
});

describe('names of a million characters', () => {
  const long = 'x'.repeat(1e6);
  it.each<[string, () => unknown]>([
    ['of a parameter', () => itoSde({ state: ['x'], params: { [long]: 1 }, equations: ['dx = dt'] })],
    ['of a parameter without a number', () => itoSde({ state: ['x'], params: { [long]: '' as never }, equations: [] })],
    ['of a changed parameter', () => brownian.withParams({ [long]: 1 })],
    ['of a state', () => itoSde({ state: [long], equations: ['dx = dt'] })],
    ['of a statistic without a text', () => solved({ reductions: { of: { [long]: 1 } } })],
    ['of a statistic with a wrong one', () => solved({ reductions: { of: { [long]: '(' } } })],
    [
      'of statistics, none of them wanted',
      () => solved({ reductions: { of: { [long]: 'x' }, stop: { of: 'x', halfWidth: 1 } } }),
    ],
    ['of an option', () => solved({ [long]: 1 })],
  ])('%s are cut in messages', async (_, call) => {
    const { message, option } = await caught(async () => call());
    expect(message.length).toBeLessThan(1000);
    expect(option!.length).toBeLessThan(200);
  });
});

/** A value that throws whatever is asked of it. */
const hostile = (target: object): { x?: unknown } =>
  new Proxy(target, {
    get() {
      throw null;
    },
    ownKeys() {
      throw null;
    },
  });

/** Even to ask whether it is a list is an exception. */
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable<number[]>([], {});
  revoke();
  return proxy;
};

describe('what getters and proxies throw is in a typed error', () => {
  it.each(['x0', 'saveAt', 'events', 'solver', 'path', 'signal', 'reductions'])('%s', async name => {
    for (const target of [[], {}]) {
      expect((await caught(() => solved({ [name]: hostile(target) }))).code).toMatch(/^ERR_SDE_INVALID_/);
      if (name === 'reductions') continue;
      expect((await caught(() => streamed({ [name]: hostile(target) }))).code).toMatch(/^ERR_SDE_INVALID_/);
    }
  });

  it.each<[string, () => unknown]>([
    ['the options', () => solve(brownian, hostile({}) as never)],
    ['those of streamPaths', () => streamPaths(brownian, hostile({}) as never).next()],
    ['of', () => solved({ reductions: { of: hostile({}) } })],
    ['a number of x0', () => solved({ x0: Object.defineProperty([0, 0], 1, { get: () => hostile({}).x }), paths: 2 })],
    ['the time of step', () => step(brownian, undefined, { t: hostile({}) as never, h: 1, x: [0], dW: [0] })],
    ['a step too short', () => step(brownian, undefined, { t: 1e16, h: 1, x: [0], dW: [0] })],
    ['a revoked list', () => solved({ x0: revoked() })],
    ['a revoked list of step', () => step(brownian, undefined, { h: 1, x: [0], dW: revoked() })],
    ['revoked steps', () => convergence(problems.heston(), ['heun'], { steps: revoked() })],
    ['the input of step', () => step(brownian, undefined, hostile({}) as never)],
    ['a problem', () => convergence(hostile({}) as never, ['heun'])],
    ['no problem', () => convergence(undefined as never, ['heun'])],
    [
      'a solver',
      () =>
        convergence(problems.heston(), [
          () => {
            throw null;
          },
        ]),
    ],
    ['no solvers', () => convergence(problems.heston(), undefined as never)],
    ['options of inspect', () => inspect(undefined as never, hostile({}) as never)],
  ])('%s', async (_, call) => {
    expect((await caught(async () => call())).code).toMatch(/^ERR_SDE_INVALID_/);
  });

  it('no option is read twice', async () => {
    const reads: Record<string, number> = {};
    const values = { ...good, paths: 40_000, onProgress: () => {}, signal: new AbortController().signal };
    const counting = new Proxy(values, {
      get(target, name: keyof typeof values) {
        reads[name] = (reads[name] ?? 0) + 1;
        return target[name];
      },
    });
    await solve(brownian, counting);
    for await (const { index } of streamPaths(brownian, counting)) if (index > 20_000) break;
    const { reductions, resume, ...others } = reads;
    expect([reductions, resume]).toEqual([1, 1]); // streamPaths has none
    expect(new Set(Object.values(others))).toEqual(new Set([2]));
  });
});

describe('streamPaths', () => {
  it('takes parameters of each path, and inherited options', async () => {
    const a = Float64Array.from({ length: 20_000 }, (_, i) => i);
    const own = itoSde({ state: ['x'], params: { a }, equations: ['dx = a*dt'] });
    let count = 0;
    for await (const { states } of streamPaths(own, Object.create({ ...good, paths: 20_000 }))) {
      if (states[0] !== count) expect(states[0]).toBeCloseTo(count, 9);
      count++;
    }
    expect(count).toBe(20_000);
  });

  it('listens to a signal of another kind, and lets go of it', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    let listening = 0;
    const foreign = {
      get aborted() {
        return signal.aborted;
      },
      get reason() {
        return signal.reason;
      },
      addEventListener(...args: Parameters<AbortSignal['addEventListener']>) {
        listening++;
        signal.addEventListener(...args);
      },
      removeEventListener(...args: Parameters<AbortSignal['removeEventListener']>) {
        listening--;
        signal.removeEventListener(...args);
      },
    } as unknown as AbortSignal;
    const options = { ...good, paths: 10_000_000, signal: foreign };
    const error = await caught(async () => {
      for await (const { index } of streamPaths(brownian, options)) if (index === 5) controller.abort('enough');
    });
    expect(error).toMatchObject({ code: 'ERR_SDE_ABORTED', cause: 'enough' });
    expect(listening).toBe(0);
  });
});
