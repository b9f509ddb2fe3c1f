/** `trajectory: true`: every step that was tried, compared with what the samples themselves say of it. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  adaptive,
  type Device,
  eulerMaruyama,
  mixtureScore,
  type SampleOptions,
  type SampleResult,
  sample,
  stream,
  type Trajectory,
  vp,
} from '../src/index.js';
import { caught } from './support/caught.js';

process.env.FAST_SDE_CUDA_PLUGIN = join(import.meta.dirname, '../build/Release/libfast_sde_cuda_emulated.so');

const sde = vp();
/** Two far modes in two dimensions: about a third of the steps are rejected. */
const score = mixtureScore({
  weights: [1, 3],
  means: [
    [-0.5, 0.4],
    [0.5, 0],
  ],
  variances: [0.01, 0.02],
});
const problem: SampleOptions = { sde, score, shape: [2], count: 23, seed: 5, firstIndex: 7, trajectory: true };
/** An emulated pass takes about a millisecond. */
const coarse: SampleOptions = { ...problem, count: 5, solver: adaptive({ rtol: 0.2, atol: 0.05, h0: 0.05 }) };

interface Step {
  t: number;
  h: number;
  error: number;
  accepted: number;
}

/** The steps of each sample. */
function stepsOf({ trajectory, stats }: Pick<SampleResult, 'trajectory' | 'stats'>): Step[][] {
  const { sample: rows, t, h, error, accepted } = trajectory!;
  const each: Step[][] = Array.from(stats.evaluations, () => []);
  for (const [i, row] of rows.entries()) {
    each[row].push({ t: t[i], h: h[i], error: error[i], accepted: accepted[i] });
  }
  return each;
}

function expectCounts(result: Pick<SampleResult, 'trajectory' | 'stats'>): void {
  for (const [row, steps] of stepsOf(result).entries()) {
    expect(steps.filter(({ accepted }) => accepted === 1).length).toBe(result.stats.accepted[row]);
    expect(steps.filter(({ accepted }) => accepted === 0).length).toBe(result.stats.rejected[row]);
  }
}

describe('the trajectory', () => {
  it('of adaptive steps leads from T to tEnd, over every step that was tried', async () => {
    const result = await sample(problem);
    expectCounts(result);
    expect(Math.min(...result.stats.rejected)).toBeGreaterThan(0);
    const rows = [...result.trajectory!.sample];
    expect(rows).toEqual([...rows].sort((a, b) => a - b));
    for (const steps of stepsOf(result)) {
      let t: number = sde.T;
      for (const step of steps) {
        expect(step.t).toBe(t);
        expect(step.accepted).toBe(step.error <= 1 ? 1 : 0);
        if (step.accepted === 1) t -= step.h;
      }
      expect(Math.abs(t - sde.tEnd)).toBeLessThan(1e-12);
    }
  });

  it('of fixed steps is their grid', async () => {
    const result = await sample({ ...problem, solver: eulerMaruyama({ steps: 10 }) });
    expectCounts(result);
    const at = (k: number) => (k === 10 ? sde.tEnd : sde.T + (sde.tEnd - sde.T) * (k / 10));
    const grid = Array.from({ length: 10 }, (_, k) => ({ t: at(k), h: at(k) - at(k + 1), error: 0, accepted: 1 }));
    for (const steps of stepsOf(result)) expect(steps).toEqual(grid);
  });

  it('is there only where it is asked for, and does not change what is drawn', async () => {
    const without = await sample({ ...problem, trajectory: false });
    expect(without).not.toHaveProperty('trajectory');
    expect(without.samples).toEqual((await sample(problem)).samples);
  });

  it('is the same for any batch and number of threads, and for samples drawn alone', async () => {
    const { trajectory } = await sample(problem);
    for (const changes of [{ batch: 1 }, { batch: 7, threads: 1 }, { batch: 23, threads: 2, padBatch: true }]) {
      expect((await sample({ ...problem, ...changes })).trajectory).toEqual(trajectory);
    }
    const last = await sample({ ...problem, firstIndex: 29, count: 1 });
    const from = trajectory!.sample.indexOf(22);
    for (const column of ['t', 'h', 'error', 'accepted'] as const) {
      expect(last.trajectory![column]).toEqual(trajectory![column].subarray(from));
    }
  });

  it.each<{ device: Device }>([{ device: 'cuda' }, { device: ['cuda:0', 'cuda:1'] }])(
    'is the same on $device',
    async ({ device }) => {
      const expected = await sample(coarse);
      const result = await sample({ ...coarse, device });
      expectCounts(result);
      expect(result.trajectory).toEqual(expected.trajectory);
    },
  );

  it('comes with the error where samples fail', async () => {
    const { stats } = await sample(problem);
    const maxEvaluations = [...stats.evaluations].sort((a, b) => a - b)[11];
    const error = await caught(() => sample({ ...problem, maxEvaluations }));
    expect(error.code).toBe('ERR_SDE_SAMPLE_FAILED');
    const result = error.result as SampleResult;
    expect(result.stats.ended.maxEvaluations).toBeGreaterThan(0);
    expectCounts(result);
  });

  it.each<Device>(['cpu', 'cuda'])('comes with the error where the job is aborted, on %s', async device => {
    const controller = new AbortController();
    const { signal } = controller;
    const onProgress = () => controller.abort();
    const solver = eulerMaruyama({ steps: 2 ** 20 });
    const error = await caught(() => sample({ ...coarse, solver, device, signal, onProgress }));
    expect(error.code).toBe('ERR_SDE_ABORTED');
    const result = error.result as { trajectory: Trajectory; stats: SampleResult['stats'] };
    expect(result.trajectory.sample.length).toBeGreaterThan(0);
    expectCounts(result);
  });

  it('is refused to a stream', async () => {
    const error = await caught(() => stream(problem).next());
    expect(error).toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option: 'trajectory', value: true });
    expect(error.message).toMatch(/sample\(\)/);
  });
});
