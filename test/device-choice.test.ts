/** Which device is taken, and what each native job is told of it: before an addon that only writes it down. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { callbackScore, type Device, type SampleOptions, sample, torchScore, vp } from '../src/index.js';
import type { NativeJobOptions, NativeModelCall, NativeModelOptions } from '../src/native.js';
import { caught } from './support/caught.js';
import { gaussianScore } from './support/gaussian.js';

const machine = vi.hoisted(() => ({
  /** Devices of the CUDA plugin, or why there are none. */
  cuda: 2 as number | string,
  /** Devices of LibTorch. */
  torch: 2,
  gpuFile: false,
  opened: 0,
  loaded: [] as NativeModelOptions[],
  started: [] as NativeJobOptions[],
}));

/** Done at the first look, with a graph on every CUDA device but the second. */
function finishedJob(options: NativeJobOptions, wake: () => void) {
  machine.started.push(options);
  setImmediate(wake);
  const { count, device } = options;
  const timing = { totalMs: 10 * (1 + (device ?? 0)), scoreMs: 8 + (device ?? 0), solverMs: 1 };
  const graph = device === 1 ? { captured: false, reason: 'a host copy' } : { captured: true };
  options.figures?.evaluations.fill(3);
  const result = {
    ended: [count, 0, 0, 0, 0],
    evaluations: 3 * count,
    accepted: count,
    rejected: 0,
    mostEvaluations: 3,
    network: { calls: 3, rows: 4 * count },
    timing,
    ...(device !== undefined && { graph }),
  };
  const progress = () => ({ finished: count, count, fraction: 1, networkCalls: 3 });
  return { progress, take: () => [], question() {}, abort() {}, outcome: () => ({ result, aborted: false }) };
}

vi.mock('../src/addon.js', () => ({
  addon: () => ({
    openCuda() {
      machine.opened++;
      if (typeof machine.cuda === 'number') return { runtime: '13.0', devices: Array(machine.cuda).fill({}) };
      throw Object.assign(new Error(machine.cuda), { code: 'ERR_SDE_CUDA_UNAVAILABLE' });
    },
    prepareTorch: async () => {},
    openTorch: () => ({ version: '2.13.0', cudaDevices: machine.torch }),
    loadModel: async (options: NativeModelOptions) => {
      machine.loaded.push(options);
      return { on: options.device };
    },
    describeModel: () => ({ layoutMatters: false, trainMode: '', foreignWeights: '' }),
    normals: (_seed: bigint, _sample: bigint, _node: number, count: number) => new Float32Array(count),
    askModel: async (_handle: unknown, { x }: NativeModelCall) => new Float32Array(x.length),
    discard: async () => {},
    addMeans: () => {},
    copyFinite(from: Float32Array, to: Float32Array) {
      to.set(from);
      return true;
    },
    createMixture: () => 'mixture',
    start: finishedJob,
    hasRoom: () => true,
  }),
}));
vi.mock('node:fs', async original => {
  const fs = await original<typeof import('node:fs')>();
  const existsSync = (path: string) => (path === '/dev/nvidia0' ? machine.gpuFile : fs.existsSync(path));
  return { ...fs, existsSync };
});

const folder = mkdtempSync(join(tmpdir(), 'fast-sde-device-'));
const model = join(folder, 'model.pt');
writeFileSync(model, 'PK\x03\x04'); // as an archive begins
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
  Object.assign(machine, { cuda: 2, torch: 2, gpuFile: false, opened: 0, loaded: [], started: [] });
});

const mixture: SampleOptions = { sde: vp(), score: gaussianScore(2), shape: [2], count: 5 };
const load = (device?: Device) => torchScore(model, { predicts: 'noise', timeInput: 'label', device });

describe('a mixture', () => {
  it.each([undefined, 'auto', 'cpu'] as const)('is on the CPU by device %s, and CUDA is left alone', async device => {
    const { stats } = await sample({ ...mixture, device });
    expect(machine.started).toMatchObject([{ device: undefined, count: 5, batch: 5 }]);
    expect(machine.opened).toBe(0);
    expect(stats.device).toBe('cpu');
    expect(stats).not.toHaveProperty('graph');
  });

  it.each([
    ['cuda', 0],
    ['cuda:0', 0],
    ['cuda:1', 1],
    [['cuda:1'], 1],
  ] as const)('goes to %s', async (device, number) => {
    const { stats } = await sample({ ...mixture, device });
    expect(machine.started).toMatchObject([{ device: number, count: 5 }]);
    expect(stats.device).toBe(`cuda:${number}`);
  });

  it('has 32 slots on a CPU and 256 on each CUDA device, for want of another number', async () => {
    const many = { ...mixture, count: 1000 };
    expect((await sample(many)).stats.batch).toBe(32);
    expect((await sample({ ...many, device: 'cuda' })).stats.batch).toBe(256);
    const { stats } = await sample({ ...many, device: ['cuda:0', 'cuda:1'] });
    expect(stats.batch).toBe(256);
    expect(machine.started.slice(2).map(({ batch }) => batch)).toEqual([256, 256]);
  });

  it('is cut in contiguous pieces for several devices, in the order they are named in', async () => {
    const initial = Float32Array.from({ length: 10 }, (_, i) => i);
    const { samples, stats } = await sample({ ...mixture, firstIndex: 7, initial, device: ['cuda:1', 'cuda'] });
    expect(machine.started).toMatchObject([
      { device: 1, firstIndex: 7n, count: 3, batch: 3, score: 'mixture', initial: initial.subarray(0, 6) },
      { device: 0, firstIndex: 10n, count: 2, batch: 2, score: 'mixture', initial: initial.subarray(6) },
    ]);
    const outputs = machine.started.map(({ output }) => output as Float32Array);
    expect(outputs.map(({ buffer, byteOffset, length }) => [buffer === samples.buffer, byteOffset, length])).toEqual([
      [true, 0, 6],
      [true, 24, 4],
    ]);
    expect(stats).toMatchObject({
      device: 'cuda:1,cuda:0',
      batch: 3,
      network: { calls: 6, rows: 20 },
      timing: { totalMs: 20, scoreMs: 9, solverMs: 1 },
      utilisation: 0.75,
      graph: { captured: false, reason: 'a host copy' },
    });
    expect([...stats.evaluations]).toEqual([3, 3, 3, 3, 3]);
  });

  it('leaves devices idle that have no sample to draw', async () => {
    const { stats } = await sample({ ...mixture, count: 1, device: ['cuda:1', 'cuda:0'] });
    expect(machine.started).toMatchObject([{ device: 1, count: 1 }]);
    expect(stats.device).toBe('cuda:1');
  });

  it('needs the devices that it names', async () => {
    for (const device of ['cuda:7', ['cuda:1', 'cuda:2', 'cuda:3']] as const) {
      const error = await caught(() => sample({ ...mixture, device }));
      expect(error).toMatchObject({ code: 'ERR_SDE_CUDA_UNAVAILABLE', option: 'device', value: device });
    }
    const { message } = await caught(() => sample({ ...mixture, device: ['cuda:1', 'cuda:2'] }));
    expect(message).toBe('device: there is no cuda:2: this machine has 2 CUDA devices (cuda:0, cuda:1).');
  });

  it('passes on why there is no CUDA', async () => {
    machine.cuda = 'libcuda.so.1: cannot open shared object file';
    const error = await caught(() => sample({ ...mixture, device: 'cuda' }));
    expect(error).toMatchObject({ code: 'ERR_SDE_CUDA_UNAVAILABLE', option: 'device' });
    expect(error.message).toBe('device: cuda:0 cannot be used: libcuda.so.1: cannot open shared object file.');
    expect(error.hint).toMatch(/build --cuda.*doctor.*'cpu'/);
  });
});

it('a callback is on the CPU only', async () => {
  for (const device of ['cuda', ['cuda:0', 'cuda:1']] as const) {
    const error = await caught(() => sample({ ...mixture, score: callbackScore(() => {}), device }));
    expect(error).toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option: 'device' });
    expect(error.hint).toMatch(/'cpu'/);
  }
  expect(machine.opened).toBe(0);
});

describe('a model', () => {
  it('is loaded once on each device, and sampled there', async () => {
    const score = await load(['cuda:1', 'cuda']);
    expect(machine.loaded.map(({ device }) => device)).toEqual(['cuda:1', 'cuda:0']);
    expect(score.devices).toEqual(['cuda:1', 'cuda:0']);
    await sample({ ...mixture, score });
    expect(machine.started).toMatchObject([
      { device: 1, score: { on: 'cuda:1' }, count: 3 },
      { device: 0, score: { on: 'cuda:0' }, count: 2 },
    ]);
    machine.started = [];
    await sample({ ...mixture, score, device: 'cuda:0' });
    expect(machine.started).toMatchObject([{ device: 0, score: { on: 'cuda:0' }, count: 5 }]);
  });

  it('cuts conditions with their samples', async () => {
    const condition = Int32Array.from([1, 2, 3, 4, 5]);
    const guidance = { scale: 2, unconditional: Int32Array.of(9) };
    await sample({ ...mixture, score: await load(['cuda:0', 'cuda:1']), condition, guidance });
    expect(machine.started.map(({ condition, unconditional }) => [condition, unconditional])).toEqual([
      [Int32Array.of(1, 2, 3), Int32Array.of(9)],
      [Int32Array.of(4, 5), Int32Array.of(9)],
    ]);
  });

  it('is not sampled where it is not', async () => {
    const score = await load('cuda:1');
    for (const device of ['cpu', 'cuda', ['cuda:0', 'cuda:1']] as const) {
      const error = await caught(() => sample({ ...mixture, score, device }));
      expect(error).toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option: 'device', value: device });
      const where = device === 'cpu' ? 'cpu' : 'cuda:0';
      expect(error.hint).toBe(`Load it there: torchScore(path, { device: '${where}' }).`);
    }
    expect(machine.started).toEqual([]);
  });

  it.each([
    { cuda: 1, torch: 1, taken: 'cuda:0' },
    { cuda: 0, torch: 1, taken: 'cpu' },
    { cuda: 'no driver', torch: 1, taken: 'cpu' },
    { cuda: 1, torch: 0, taken: 'cpu' },
  ])("by 'auto' is on $taken where CUDA is $cuda, LibTorch $torch", async ({ cuda, torch, taken }) => {
    Object.assign(machine, { cuda, torch });
    expect((await load()).devices).toEqual([taken]);
    expect((await load('auto')).devices).toEqual([taken]);
    expect(machine.loaded.map(({ device }) => device)).toEqual([taken, taken]);
    // A LibTorch without CUDA settles it.
    if (torch === 0) expect(machine.opened).toBe(0);
  });

  it('needs a LibTorch that sees the device', async () => {
    machine.torch = 0;
    const none = await caught(() => load('cuda'));
    expect(none).toMatchObject({ code: 'ERR_SDE_CUDA_UNAVAILABLE', option: 'torchScore.device', value: 'cuda' });
    expect(none.message).toBe('torchScore.device: there is no cuda:0: LibTorch 2.13.0 sees no CUDA devices.');
    expect(none.hint).toMatch(/PyTorch with CUDA.*build --torch/);
    machine.torch = 1;
    const few = await caught(() => load(['cuda:0', 'cuda:1']));
    expect(few.message).toMatch(/no cuda:1: LibTorch 2\.13\.0 sees 1 CUDA device \(cuda:0\)/);
  });

  it('warns once where it leaves a GPU idle', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    machine.torch = 0;
    await load();
    expect(warned).not.toHaveBeenCalled();
    machine.gpuFile = true;
    await load('cpu');
    expect(warned).not.toHaveBeenCalled();
    await load();
    Object.assign(machine, { torch: 1, cuda: 'no plugin' });
    await load();
    expect(warned).toHaveBeenCalledTimes(1);
    expect(warned).toHaveBeenCalledWith(expect.stringMatching(/LibTorch 2\.13\.0 sees no CUDA device\. Install .*/), {
      code: 'FAST_SDE_IDLE_GPU',
    });
    warned.mockRestore();
  });
});

describe('a device that is none', () => {
  const score = gaussianScore(2);
  it.each([
    'gpu',
    'CUDA',
    'cuda:',
    'cuda:-1',
    'cuda:01',
    'cuda:1.5',
    1,
    null,
    [[]],
    [['cpu']],
    [['auto', 'cuda:0']],
    [['cuda:0', 'cuda:0']],
    [['cuda', 'cuda:0']],
    [[0, 1]],
  ])('is refused: %j', async device => {
    const error = await caught(() => sample({ ...mixture, score, device: device as Device }));
    expect(error).toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option: 'device', value: device });
    expect(await caught(() => load(device as Device))).toMatchObject({ option: 'torchScore.device' });
    expect(machine.opened).toBe(0);
  });
});
