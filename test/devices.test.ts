/** CUDA devices give the CPU's bits: the CUDA plugin's own kernels, run by an emulator that shows two devices. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openCuda } from '../src/cuda.js';
import {
  adaptive,
  affine,
  type Device,
  eulerMaruyama,
  mixtureScore,
  type Progress,
  type SampleOptions,
  type SampleResult,
  type StreamedSample,
  sample,
  stream,
  torchScore,
  vp,
} from '../src/index.js';
import { openTorch } from '../src/score/load-module.js';
import { caught } from './support/caught.js';
import { testModels } from './support/models.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.env.FAST_SDE_CUDA_PLUGIN = join(root, 'build', 'Release', 'libfast_sde_cuda_emulated.so');

/** Three components of n numbers. */
function mixture(n: number) {
  const means = [0, 1, 2].map(k => Array.from({ length: n }, (_, i) => Math.sin(1 + i + 3 * k)));
  return mixtureScore({ weights: [0.2, 0.3, 0.5], means, variances: [0.02, 0.05, 0.1] });
}

/** An emulated pass of a slot takes about a millisecond: few samples, coarse steps. */
const common = { sde: vp(), count: 5, seed: 3, solver: adaptive({ rtol: 0.2, atol: 0.05, h0: 0.05 }) };
const problem = (n: number): SampleOptions => ({ ...common, score: mixture(n), shape: [n] });

const DEVICES: Device[] = ['cuda', 'cuda:1', ['cuda:0', 'cuda:1']];
const ONE_AND_TWO: { device: Device }[] = [{ device: 'cuda' }, { device: ['cuda:0', 'cuda:1'] }];

/** Draws on the CPU and on each of DEVICES, and wants the same of all; returns the CPU's. */
async function everywhere(options: SampleOptions): Promise<SampleResult> {
  const expected = await sample({ ...options, device: 'cpu' });
  expect(expected.stats.device).toBe('cpu');
  for (const device of DEVICES) {
    const { samples, stats } = await sample({ ...options, device });
    expect(samples).toEqual(expected.samples);
    for (const figure of ['evaluations', 'accepted', 'rejected', 'status'] as const) {
      expect(stats[figure]).toEqual(expected.stats[figure]);
    }
    expect(stats.device).toBe(device === 'cuda' ? 'cuda:0' : String(device));
    expect(stats).not.toHaveProperty('graph');
    expect(stats.network.rows).toBeGreaterThanOrEqual(stats.evaluations.reduce((sum, one) => sum + one, 0));
    expect(stats.utilisation).toBeLessThanOrEqual(1);
    expect(stats.timing.totalMs).toBeGreaterThan(0);
  }
  return expected;
}

it('the emulator shows two devices', () => {
  const { runtime, devices } = openCuda();
  expect(runtime).toMatch(/^\d+\.\d+$/);
  expect(devices.map(({ name }) => name)).toEqual(['emulated', 'emulated']);
});

// What the kernels compute, test_cuda.cpp compares with the CPU for every kind of job. Here: whole jobs, and shares of them.
describe('the same bits, evaluations and decisions as on the CPU', () => {
  it('of adaptive steps with rejections, for an SDE of own functions', async () => {
    const sde = affine({ alpha: t => Math.cos(1.5 * t), sigma: t => Math.sin(1.5 * t), tEnd: 0.01 });
    const solver = adaptive({ rtol: 0.2, h0: 0.3, norm: 'max', scale: 'sum', safety: 0.8, exponent: 0.7 });
    const { stats } = await everywhere({ ...problem(2), sde, count: 3, solver, noise: 'retain', finalDenoise: false });
    expect(Math.min(...stats.rejected)).toBeGreaterThan(0);
  });

  it('of fixed steps from own points, with later indices, in full calls', async () => {
    const initial = Float32Array.from({ length: 14 }, (_, i) => Math.cos(i));
    const options = { ...problem(2), solver: eulerMaruyama({ steps: 6 }), count: 7, initial };
    const { samples } = await everywhere(options);
    const later = { ...options, initial: initial.subarray(8), firstIndex: 4, count: 3, batch: 2, padBatch: true };
    expect((await everywhere(later)).samples).toEqual(samples.slice(8));
  });

  it('where samples are given up', async () => {
    const free = await sample({ ...problem(2), count: 4 });
    const maxEvaluations = [...free.stats.evaluations].sort((a, b) => a - b)[1];
    const { stats } = await everywhere({ ...problem(2), count: 4, maxEvaluations, onFailure: 'keep' });
    expect(new Set(stats.status)).toEqual(new Set(['success', 'maxEvaluations']));
    const error = await caught(() => sample({ ...problem(2), count: 4, maxEvaluations, device: ['cuda:0', 'cuda:1'] }));
    expect(error.code).toBe('ERR_SDE_SAMPLE_FAILED');
    expect((error.result as SampleResult).stats.status).toEqual(stats.status);
  });
});

describe('a job on CUDA devices', () => {
  it('has 256 slots on each, and measures where it is asked to', async () => {
    const many: SampleOptions = { ...problem(1), count: 300, solver: eulerMaruyama({ steps: 1 }), finalDenoise: false };
    expect((await sample({ ...many, device: 'cuda' })).stats.batch).toBe(256);
    const { stats } = await sample({ ...many, count: 70, batch: 'auto', device: 'cuda' });
    expect([64, 70]).toContain(stats.batch);
  });

  it('uses no more devices than it has samples', async () => {
    const { stats } = await sample({ ...problem(2), count: 1, device: ['cuda:1', 'cuda:0'] });
    expect(stats.device).toBe('cuda:1');
  });

  it.each(ONE_AND_TWO)('streams its samples, on $device', async ({ device }) => {
    const expected = await sample({ ...problem(2), count: 9, firstIndex: 2 });
    const seen: StreamedSample[] = [];
    for await (const one of stream({ ...problem(2), count: 9, firstIndex: 2, batch: 3, device })) seen.push(one);
    seen.sort((a, b) => a.index - b.index);
    expect(seen.map(({ index }) => index)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(seen.flatMap(({ data }) => [...data])).toEqual([...expected.samples]);
    expect(seen.map(({ evaluations }) => evaluations)).toEqual([...expected.stats.evaluations]);
  });

  it.each(ONE_AND_TWO)('tells its progress, samples in flight included, on $device', async ({ device }) => {
    const seen: Progress[] = [];
    const onProgress = (progress: Progress) => seen.push(progress);
    // No sample is finished before all are: progress between none and all is that of samples in flight.
    const options = { ...problem(2), count: 4, solver: eulerMaruyama({ steps: 500 }) };
    const { stats } = await sample({ ...options, device, onProgress });
    for (const [i, { fraction, finished }] of seen.entries()) {
      expect(fraction).toBeGreaterThanOrEqual(seen[i - 1]?.fraction ?? 0);
      expect(finished).toBeGreaterThanOrEqual(seen[i - 1]?.finished ?? 0);
    }
    expect(seen.some(({ finished, fraction }) => finished === 0 && fraction > 0)).toBe(true);
    expect(seen.at(-1)).toEqual({ finished: 4, count: 4, fraction: 1, networkCalls: stats.network.calls });
  });

  it.each(ONE_AND_TWO)('is stopped by its signal, and the next one works: $device', async ({ device }) => {
    const solver = eulerMaruyama({ steps: 1000 });
    const endless: SampleOptions = { ...problem(5), count: 1000, batch: 2, solver, device };
    const controller = new AbortController();
    const stop = { signal: controller.signal, onProgress: () => controller.abort() };
    const error = await caught(() => sample({ ...endless, ...stop }));
    expect(error.code).toBe('ERR_SDE_ABORTED');
    const { samples, stats } = error.result as SampleResult;
    expect(stats.status.length).toBe(1000);
    expect(stats.status.at(-1)).toBe('unfinished');
    expect(samples.at(-1)).toBeNaN();
    // The last state of those in flight.
    const begun = stats.status.flatMap((status, row) =>
      status === 'unfinished' && stats.evaluations[row] > 0 ? [row] : [],
    );
    expect(begun.length).toBeGreaterThan(0);
    for (const row of begun) expect(samples.subarray(5 * row, 5 * row + 5).every(Number.isFinite)).toBe(true);
    const { samples: next } = await sample({ ...problem(2), count: 2, device });
    expect(next).toEqual((await sample({ ...problem(2), count: 2 })).samples);
  });

  it('ends with its stream', async () => {
    const options: SampleOptions = { ...problem(2), count: 1000, batch: 4, device: ['cuda:0', 'cuda:1'] };
    for await (const one of stream(options)) {
      expect(one.status).toBe('success');
      break;
    }
    const next = { ...problem(2), count: 2 };
    expect((await sample({ ...next, device: 'cuda' })).samples).toEqual((await sample(next)).samples);
  });

  it('runs beside others', async () => {
    const expected = await sample(problem(5));
    const devices: Device[] = ['cuda', 'cpu', 'cuda:1', 'cuda'];
    for (const { samples } of await Promise.all(devices.map(device => sample({ ...problem(5), device })))) {
      expect(samples).toEqual(expected.samples);
    }
  });
});

describe('what cannot be had', () => {
  it('a device beyond those there are', async () => {
    const error = await caught(() => sample({ ...problem(2), device: 'cuda:7' }));
    expect(error).toMatchObject({ code: 'ERR_SDE_CUDA_UNAVAILABLE', option: 'device', value: 'cuda:7' });
    expect(error.message).toMatch(/no cuda:7: this machine has 2 CUDA devices \(cuda:0, cuda:1\)/);
  });

  it.skipIf(openTorch().cudaDevices > 1)('a network on a device that LibTorch does not see', async () => {
    const model = await testModels();
    const conventions = { predicts: 'score', timeInput: 't' } as const;
    const error = await caught(() => torchScore(model('vp-score-t'), { ...conventions, device: 'cuda:1' }));
    expect(error).toMatchObject({ code: 'ERR_SDE_CUDA_UNAVAILABLE', option: 'torchScore.device' });
    expect(error.message).toMatch(/LibTorch .* sees/);
    const score = await torchScore(model('vp-score-t'), { ...conventions, device: 'cpu' });
    const refused = await caught(() => sample({ ...common, score, shape: [1, 2, 4], device: 'cuda' }));
    expect(refused).toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option: 'device' });
  });
});
