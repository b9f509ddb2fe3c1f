/** What `batch: 'auto'` tries and takes, before jobs of invented speed. */
import { afterEach, expect, it, vi } from 'vitest';
import { sdeError } from '../src/errors.js';
import type { NativeJobOptions } from '../src/native.js';
import { measuredBatch } from '../src/run/auto-batch.js';

const machine = vi.hoisted(() => ({
  tried: [] as number[],
  jobs: [] as unknown[],
  msOfCall: (_slots: number): number | Error => 1,
}));

vi.mock('../src/run/job.js', () => ({
  Job: class {
    ended: Promise<unknown>;
    constructor(options: NativeJobOptions) {
      const { batch } = options;
      machine.jobs.push(options);
      machine.tried.push(batch);
      const ms = machine.msOfCall(batch);
      const result = { network: { rows: batch }, timing: { scoreMs: ms } };
      this.ended = Promise.resolve(typeof ms === 'number' ? { result } : { result, failure: ms });
    }
  },
}));

afterEach(() => {
  machine.tried = [];
  machine.jobs = [];
  machine.msOfCall = () => 1;
});

const measured = (options: Partial<NativeJobOptions>) =>
  measuredBatch({ shape: [2], ...options } as NativeJobOptions, {});

it.each([
  { where: 'a CPU', device: undefined, count: 1000, sizes: [8, 16, 32, 64, 128] },
  { where: 'a CPU', device: undefined, count: 50, sizes: [8, 16, 32, 50] },
  { where: 'CUDA', device: 0, count: 5000, sizes: [64, 128, 256, 512, 1024, 2048] },
  { where: 'CUDA', device: 1, count: 300, sizes: [64, 128, 256, 300] },
])('$count samples on $where: $sizes, each twice', async ({ device, count, sizes }) => {
  expect(await measured({ device, count })).toBe(sizes.at(-1));
  expect(machine.tried).toEqual(sizes.flatMap(size => [size, size]));
});

it('takes no more slots than pay', async () => {
  machine.msOfCall = slots => Math.max(1, slots / 256);
  expect(await measured({ device: 0, count: 5000 })).toBe(256);
});

it.each([undefined, 0])('ends where memory does, with the best so far (device %s)', async device => {
  const full = sdeError('ERR_SDE_OUT_OF_MEMORY', 'no more');
  machine.msOfCall = slots => (slots > 64 ? full : 1);
  expect(await measured({ device, count: 5000 })).toBe(64);
  machine.msOfCall = () => full;
  await expect(measured({ device, count: 5000 })).rejects.toBe(full);
});

it('fails with what else goes wrong', async () => {
  const error = sdeError('ERR_SDE_MODEL_FAILED', 'no');
  machine.msOfCall = slots => (slots > 64 ? error : 1);
  await expect(measured({ device: 0, count: 5000 })).rejects.toBe(error);
});

it('measures two whole steps of prior noise, whatever the job gives up or begins with', async () => {
  const condition = Int32Array.from({ length: 40 }, (_, i) => i);
  const initial = new Float32Array(40);
  await measured({ count: 20, maxEvaluations: 1, condition, initial, device: undefined });
  expect(machine.jobs).toHaveLength(6);
  for (const options of machine.jobs as NativeJobOptions[]) {
    expect(options).toMatchObject({ maxEvaluations: 0, initial: undefined, count: options.batch });
    expect(options.solver).toMatchObject({ kind: 'eulerMaruyama', steps: 2 });
    expect(options.condition).toEqual(condition.subarray(0, 2 * options.batch));
    expect(options.output).toHaveLength(2 * options.batch);
  }
});
