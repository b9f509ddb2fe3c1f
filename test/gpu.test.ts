/** A real GPU against the CPU: the CUDA plugin, and LibTorch's CUDA. Where there is none, what is said of that. */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { cudaDevices } from '../src/cuda.js';
import {
  adaptive,
  eulerMaruyama,
  itoSde,
  mixtureScore,
  type SampleOptions,
  sample,
  solve,
  sra1,
  summary,
  type TorchOptions,
  type TorchScore,
  torchScore,
  vp,
} from '../src/index.js';
import { openTorch } from '../src/score/load-module.js';
import { caught } from './support/caught.js';

const { devices, reason = 'the CUDA plugin sees no device' } = cudaDevices();
const libtorch = openTorch();
const hasGpu = devices.length > 0;
const hasNetwork = hasGpu && libtorch.cudaDevices > 0;
if (!hasGpu) console.log(`GPU tests are skipped: ${reason}`);
else if (!hasNetwork)
  console.log(`GPU tests of networks are skipped: LibTorch ${libtorch.version} sees no CUDA device`);

const digits = fileURLToPath(new URL('../examples/digits/digits.pt', import.meta.url));
const load = (options: Partial<TorchOptions>) =>
  torchScore(digits, { predicts: 'noise', timeInput: 'label', ...options });

function mixture(n: number): SampleOptions {
  const means = [0, 1, 2].map(k => Array.from({ length: n }, (_, i) => Math.sin(1 + i + 3 * k)));
  const score = mixtureScore({ weights: [0.2, 0.3, 0.5], means, variances: [0.02, 0.05, 0.1] });
  return { sde: vp(), score, shape: [n], count: 700, seed: 3 };
}

describe.skipIf(hasGpu)('without a GPU', () => {
  it('CUDA is refused, with the reason', async () => {
    const path = { t1: 1, x0: [0], device: 'cuda' } as const;
    const actions = [
      () => sample({ ...mixture(2), device: 'cuda' }),
      () => load({ device: 'cuda' }),
      () => solve(itoSde({ state: ['x'], equations: ['dx = dW'] }), path),
    ];
    for (const action of actions) {
      const error = await caught(action);
      expect(error.code).toBe('ERR_SDE_CUDA_UNAVAILABLE');
      expect(error.message).toContain(reason);
      expect(reason.length).toBeGreaterThan(10);
      expect(error.hint).toMatch(/doctor/);
    }
  });

  it("'auto' is the CPU", async () => {
    expect((await load({ device: 'auto' })).devices).toEqual(['cpu']);
    expect((await sample({ ...mixture(2), count: 2, device: 'auto' })).stats.device).toBe('cpu');
  });
});

describe.skipIf(!hasGpu)('mixtures on the GPU', () => {
  it.each([
    ['adaptive, 1 dimension', 1, {}],
    ['adaptive, 2 dimensions', 2, {}],
    ['adaptive, 64 dimensions', 64, {}],
    ['adaptive, 3072 dimensions', 3072, { count: 300 }],
    ['redrawn noise', 2, { noise: 'redraw' }],
    ['retained noise', 2, { noise: 'retain' }],
    ['fixed steps', 64, { solver: eulerMaruyama({ steps: 100 }) }],
    ['max norm, no denoising', 5, { solver: adaptive({ norm: 'max' }), finalDenoise: false }],
    ['own points', 5, { initial: Float32Array.from({ length: 3500 }, (_, i) => Math.cos(i)) }],
    ['few slots, later indices', 5, { batch: 7, firstIndex: 1000 }],
    ['full calls', 5, { padBatch: true }],
    ['samples given up', 2, { maxEvaluations: 150, onFailure: 'keep' }],
  ] as [string, number, Partial<SampleOptions>][])('%s: the bits of the CPU', async (_, n, changes) => {
    const options = { ...mixture(n), ...changes };
    const expected = await sample({ ...options, device: 'cpu' });
    const { samples, stats } = await sample({ ...options, device: 'cuda' });
    expect(samples).toEqual(expected.samples);
    for (const figure of ['evaluations', 'accepted', 'rejected', 'status'] as const) {
      expect(stats[figure]).toEqual(expected.stats[figure]);
    }
    expect(stats.device).toBe('cuda:0');
  });

  it('more devices than there are are refused', async () => {
    const device = `cuda:${devices.length}` as const;
    const error = await caught(() => sample({ ...mixture(2), device }));
    expect(error.code).toBe('ERR_SDE_CUDA_UNAVAILABLE');
    expect(error.message).toContain(`this machine has ${devices.length} CUDA device`);
  });

  it('out of memory, and the next job works', async () => {
    // 65536 slots of 2^24 numbers: four terabytes.
    const score = mixtureScore({ weights: [1], means: new Float32Array(2 ** 24), variances: [1] });
    const absurd = { sde: vp(), score, shape: [2 ** 24], batch: 65536, padBatch: true, device: 'cuda' } as const;
    expect((await caught(() => sample(absurd))).code).toBe('ERR_SDE_OUT_OF_MEMORY');
    const { samples } = await sample({ ...mixture(2), device: 'cuda' });
    expect(samples).toEqual((await sample(mixture(2))).samples);
  });
});

describe.skipIf(!hasGpu)('paths on the GPU', () => {
  const oscillator = itoSde({
    state: ['x', 'v'],
    equations: ['dx = v*dt', 'dv = (-4*sin(x) - 0.5*v + cos(t))*dt + (0.5 + 0.1*t)*dW'],
  });
  it.each([
    ['equal steps', eulerMaruyama({ steps: 64 })],
    ['equal steps with Lévy area', sra1({ steps: 64 })],
    ['steps of their own', sra1({ rtol: 1e-3, atol: 1e-4 })],
  ] as const)('%s: the bits of the CPU', async (_, solver) => {
    for (const precision of ['float64', 'float32'] as const) {
      const options = { t1: 3, x0: [1, 0], paths: 10_000, seed: 2, solver, precision, saveAt: [0.7, 3] };
      const expected = await solve(oscillator, { ...options, device: 'cpu' });
      const { states, stats } = await solve(oscillator, { ...options, device: 'cuda' });
      expect(states).toEqual(expected.states);
      expect(stats.accepted).toEqual(expected.stats.accepted);
      expect(stats.rejected).toEqual(expected.stats.rejected);
      expect(stats.device).toBe('cuda:0');
    }
  });
});

describe.skipIf(!hasNetwork)('the digits network on the GPU', () => {
  const images: Omit<SampleOptions, 'score'> = { sde: vp(), shape: [1, 28, 28], seed: 5 };
  let cpu: TorchScore;
  let gpu: TorchScore;
  beforeAll(async () => {
    [cpu, gpu] = [await load({ device: 'cpu' }), await load({ device: 'cuda' })];
  });

  it("is where 'auto' loads it, and where it is sampled", async () => {
    expect((await load({})).devices).toEqual(['cuda:0']);
    const { stats } = await sample({ ...images, score: gpu, count: 2 });
    expect(stats).toMatchObject({ device: 'cuda:0', graph: { captured: true } });
  });

  it('fixed steps: the samples of the CPU to float32 accuracy', async () => {
    const options = { ...images, count: 8, solver: eulerMaruyama({ steps: 100 }) };
    const expected = await sample({ ...options, score: cpu });
    const { samples, stats } = await sample({ ...options, score: gpu });
    const differences = samples.map((x, i) => Math.abs(x - expected.samples[i]));
    expect(Math.max(...differences)).toBeLessThan(1e-2);
    expect(stats.evaluations).toEqual(expected.stats.evaluations);
  });

  it('adaptive: the evaluations of the CPU within 1 %', async () => {
    // A decision on the edge may fall the other way: single samples go other ways, the mean does not.
    const options = { ...images, count: 32 };
    const expected = summary((await sample({ ...options, score: cpu })).stats);
    const { samples, stats } = await sample({ ...options, score: gpu });
    expect(samples.every(Number.isFinite)).toBe(true);
    expect(Math.abs(summary(stats).meanEvaluations / expected.meanEvaluations - 1)).toBeLessThan(0.01);
  });

  it.each([
    { dtype: 'tf32' },
    { dtype: 'bfloat16' },
    { dtype: 'float16' },
    { layout: 'channels_last' },
    { layout: 'contiguous' },
    { freeze: false },
  ] as const)('%j: runs, at about the same cost', async options => {
    const { samples, stats } = await sample({
      ...images,
      count: 64,
      score: await load({ device: 'cuda', ...options }),
    });
    const exact = await sample({ ...images, count: 64, score: gpu });
    expect(new Set(stats.status)).toEqual(new Set(['success']));
    expect(samples.every(Number.isFinite)).toBe(true);
    const [mean, wanted] = [stats, exact.stats].map(one => summary(one).meanEvaluations);
    expect(Math.abs(mean / wanted - 1)).toBeLessThan(0.1);
  });

  it("batch: 'auto' takes one of its numbers", async () => {
    const { stats } = await sample({ ...images, count: 256, score: gpu, batch: 'auto' });
    expect([64, 128, 256]).toContain(stats.batch);
  });

  it('out of memory, and the next job works', async () => {
    // The solver's own arrays fit; the first convolution's answer would take 105 GB, the next ones as much.
    const absurd = { ...images, score: gpu, shape: [1, 448, 448], batch: 4096, padBatch: true };
    expect((await caught(() => sample(absurd))).code).toBe('ERR_SDE_OUT_OF_MEMORY');
    const { stats } = await sample({ ...images, score: gpu, count: 4 });
    expect(new Set(stats.status)).toEqual(new Set(['success']));
  });
});

describe.skipIf(!hasNetwork || devices.length < 2)('several GPUs', () => {
  it('share the samples of a network', async () => {
    const score = await load({ device: ['cuda:0', 'cuda:1'] });
    const options: SampleOptions = { sde: vp(), score, shape: [1, 28, 28], count: 64, padBatch: true, batch: 32 };
    const { samples, stats } = await sample(options);
    expect(stats.device).toBe('cuda:0,cuda:1');
    expect(samples).toEqual((await sample({ ...options, device: 'cuda:0' })).samples);
  });
});
