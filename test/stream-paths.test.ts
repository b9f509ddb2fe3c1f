/** streamPaths: the paths of solve, one by one. */
import { expect, it } from 'vitest';
import { eulerMaruyama, itoSde, solve, streamPaths } from '../src/index.js';
import { caught } from './support/caught.js';
import { child } from './support/children.js';

const gbm = itoSde({ state: ['x'], equations: ['dx = x*dt + 0.2*x*dW1'] });
const options = { t1: 1, x0: [1], paths: 40_000, solver: eulerMaruyama({ steps: 4 }), seed: 6, firstIndex: 10 };

it('yields the paths of solve in the order of their indices', async () => {
  const { states } = await solve(gbm, options);
  let count = 0;
  for await (const path of streamPaths(gbm, options)) {
    if (path.index !== 10 + count || path.states[0] !== states[count] || path.status !== 'success') {
      expect(path).toEqual({ index: 10 + count, states: states.subarray(count, count + 1) });
    }
    count++;
  }
  expect(count).toBe(40_000);
});

it('takes starting points of each path', async () => {
  const x0 = Float64Array.from({ length: 20_000 }, (_, i) => i);
  const still = itoSde({ state: ['x'], equations: ['dx = 0*dt'] });
  let count = 0;
  for await (const { states } of streamPaths(still, { ...options, paths: 20_000, x0 })) {
    if (states[0] !== count) expect(states[0]).toBe(count);
    count++;
  }
  expect(count).toBe(20_000);
});

it('stops when its reader leaves, and when its signal says so', async () => {
  const long = { ...options, paths: 10_000_000, solver: eulerMaruyama({ steps: 1000 }) };
  for await (const path of streamPaths(gbm, { ...long, x0: [2] })) {
    expect(path.index).toBe(10);
    break;
  }
  const controller = new AbortController();
  const error = await caught(async () => {
    for await (const { index } of streamPaths(gbm, { ...long, signal: controller.signal })) {
      if (index === 20) controller.abort();
    }
  });
  expect(error.code).toBe('ERR_SDE_ABORTED');
});

it('that is dropped gives back its thread, and does not keep the process', async () => {
  const { status, stdout, stderr } = await child(
    `
    import { readdirSync } from 'node:fs';
    // The paths of the first block end in their first step, those of the second take minutes.
    const a = Float64Array.from({ length: 2 ** 15 }, (_, i) => (i < 2 ** 14 ? 1e9 : 0));
    const sums = sde.itoSde({ state: ['x'], params: { a }, equations: ['dx = a*dt'] });
    const solver = sde.eulerMaruyama({ steps: 10_000_000 });
    const options = { t1: 1, x0: [0], paths: 2 ** 15, solver, threads: 1, events: [{ when: 'x - 0.5' }] };
    const threads = () => readdirSync('/proc/self/task').length;
    const { signal } = new AbortController();
    const drop = async more => {
      sde.streamPaths(sums, options); // one that was never read
      await sde.streamPaths(sums, { ...options, ...more }).next();
    };
    await drop({ signal });
    const before = threads();
    for (let i = 0; i < 5; i++) await drop();
    for (let i = 0; i < 200 && threads() >= before; i++) {
      globalThis.gc();
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    console.log(threads() < before);
    const kept = sde.streamPaths(sums, options);
    await kept.next();
    globalThis.kept = kept;
  `,
    ['--expose-gc'],
  );
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'true\n', stderr: '' });
});

it('refuses saveAt steps', async () => {
  const error = await caught(() => streamPaths(gbm, { ...options, saveAt: 'steps' }).next());
  expect(error.option).toBe('streamPaths.saveAt');
});
