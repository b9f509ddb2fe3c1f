/** `solve` on CUDA devices gives the CPU's bits: the CUDA plugin's own kernels, run by an emulator that shows two. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { eulerMaruyama, heun, itoSde, type SolveOptions, type SolveResult, solve, streamPaths } from '../src/index.js';
import { caught } from './support/caught.js';
import { programIn } from './support/cli.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const plugin = join(root, 'build', 'Release', 'libfast_sde_cuda_emulated.so');
process.env.FAST_SDE_CUDA_PLUGIN = plugin;
const { at, run } = programIn('fast-sde-solve-devices-');

const pendulum = itoSde({
  state: ['x', 'v'],
  params: { k: Float64Array.from({ length: 30 }, (_, i) => 1 + i / 10) },
  equations: ['dx = v*dt', 'dv = (-k*sin(x) - 0.2*v + cos(t))*dt + (0.3 + 0.1*x)*dW'],
  domain: ['v < 1.4'],
}).toStratonovich();
const options = {
  t1: 2,
  x0: Array.from({ length: 60 }, (_, i) => Math.sin(i)),
  paths: 30,
  seed: 4,
  onFailure: 'keep',
} satisfies SolveOptions;

/** What the CPU gives; both devices give the same. */
async function everywhere(more: Partial<SolveOptions>): Promise<SolveResult> {
  const on = (device: SolveOptions['device']) => solve(pendulum, { ...options, ...more, device });
  const expected = await on('cpu');
  expect(expected.stats.device).toBe('cpu');
  for (const device of ['cuda', 'cuda:1'] as const) {
    const { states, W, stats } = await on(device);
    expect(states).toEqual(expected.states);
    expect(W).toEqual(expected.W);
    expect(stats.device).toBe(device === 'cuda' ? 'cuda:0' : device);
    for (const figure of ['status', 'accepted', 'rejected', 'endTimes', 'events', 'ended', 'totals'] as const) {
      expect(stats[figure]).toEqual(expected.stats[figure]);
    }
  }
  return expected;
}

describe('the same bits as on the CPU', () => {
  it('of equal steps, saved in between, with W, in both precisions', async () => {
    const solver = heun({ steps: 16 });
    for (const precision of ['float64', 'float32'] as const) {
      await everywhere({ solver, precision, saveAt: [0.3, 1, 2], saveW: true, path: { steps: 32 } });
    }
  });

  it('of steps of their own, to events and out of the domain, forwards and backwards', async () => {
    const events = [
      { when: 'x - 1', direction: 'up', terminal: true },
      { when: 'v', terminal: false },
    ] as const;
    const { stats } = await everywhere({ solver: heun({ rtol: 1e-2, atol: 1e-3 }), events, saveAt: { every: 0.5 } });
    expect(stats.ended.event).toBeGreaterThan(0);
    await everywhere({ solver: heun({ rtol: 1e-2, atol: 1e-3 }), t0: 2, t1: 0.5 });
  });

  it('of a run that goes on from a checkpoint', async () => {
    const { checkpoint } = await everywhere({ solver: heun({ rtol: 1e-2, atol: 1e-3 }) });
    const later = (device: SolveOptions['device']) =>
      solve(pendulum, { resume: checkpoint, t1: 3, onFailure: 'keep', device });
    expect((await later('cuda')).states).toEqual((await later('cpu')).states);
  });

  it('of sums over paths, and of paths one by one', async () => {
    const gbm = itoSde({ state: ['x'], equations: ['dx = 0.1*x*dt + 0.3*x*dW'] });
    const job = { t1: 1, x0: [1], paths: 2500, seed: 2, solver: eulerMaruyama({ steps: 2 }) };
    const reduced = (device: SolveOptions['device']) =>
      solve(gbm, { ...job, device, reductions: { of: { y: 'log(x)' }, quantiles: [0.1, 0.9] } });
    const [expected, got] = [await reduced('cpu'), await reduced('cuda')];
    expect(got.statistics).toEqual(expected.statistics);
    expect(got.stats.device).toBe('cuda:0');
    const { states } = await solve(gbm, { ...job, paths: 5 });
    const streamed: number[] = [];
    for await (const path of streamPaths(gbm, { ...job, paths: 5, device: 'cuda' })) streamed.push(path.states[0]);
    expect(streamed).toEqual([...states]);
  });
});

it("leaves few paths and kept steps to the CPU where device is 'auto', and takes a device for many", async () => {
  const sde = itoSde({ state: ['x'], equations: ['dx = dW'] });
  const job = { t1: 1, x0: [0], solver: eulerMaruyama({ steps: 1 }) };
  expect((await solve(sde, { ...job, paths: 10 })).stats.device).toBe('cpu');
  expect((await solve(sde, { ...job, paths: 4096 })).stats.device).toBe('cuda:0');
  expect((await solve(sde, { ...job, paths: 4096, saveAt: 'steps' })).stats.device).toBe('cpu');
});

it('stops when it is told to, with what it has', async () => {
  const sde = itoSde({ state: ['x'], equations: ['dx = dW'] });
  const controller = new AbortController();
  const running = solve(sde, {
    t1: 1,
    x0: [0],
    paths: 3,
    solver: eulerMaruyama({ steps: 2 ** 31 - 1 }),
    device: 'cuda',
    signal: controller.signal,
  });
  setTimeout(() => controller.abort(), 30);
  const error = await caught(() => running);
  expect(error.code).toBe('ERR_SDE_ABORTED');
  expect((error.result as unknown as SolveResult).stats.ended.unfinished).toBe(3);
});

it.each<[string, Partial<SolveOptions>, string, RegExp]>([
  ['a device that is not there', { device: 'cuda:7' }, 'ERR_SDE_CUDA_UNAVAILABLE', /solve\.device: there is no cuda:7/],
  ['no device', { device: 'gpu' as never }, 'ERR_SDE_INVALID_OPTION', /'auto', 'cpu', 'cuda'/],
  ['several', { device: ['cuda:0', 'cuda:1'] as never }, 'ERR_SDE_INVALID_OPTION', /firstIndex/],
  ['steps that are kept', { device: 'cuda', saveAt: 'steps' }, 'ERR_SDE_INVALID_OPTION', /device 'auto' or 'cpu'/],
])('refuses %s', async (_, more, code, message) => {
  const error = await caught(() => solve(pendulum, { ...options, ...more } as SolveOptions));
  expect(error.code).toBe(code);
  expect(`${error.message} ${error.hint}`).toMatch(message);
});

it('is a flag of fast-sde solve', async () => {
  const file = { state: ['x'], equations: ['dx = dW'], t1: 1, x0: [0], paths: 20, solver: 'eulerMaruyama' };
  writeFileSync(at('w.json'), JSON.stringify(file));
  const flags = ['--steps', '2', '--quiet', '--device', 'cuda:1'];
  const { code, stdout } = await run(['solve', 'w.json', ...flags]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/device +cuda:1/);
});
