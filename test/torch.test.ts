/** TorchScript networks against truth: the same mixture, computed by a module and natively. */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addon } from '../src/addon.js';
import {
  adaptive,
  eulerMaruyama,
  mixtureScore,
  type SampleOptions,
  sample,
  type TorchOptions,
  torchScore,
  ve,
  vp,
} from '../src/index.js';
import { largestDifference } from './support/differences.js';
import { testModels } from './support/models.js';

// As in fixtures/make_models.py.
const means = [0, 1, 2, 3, 4, 5, 6, 7].map(i => [0.1 * i - 0.3, 0.5 - 0.1 * i, 0.4 * (-1) ** i]);
const mixture = mixtureScore({
  weights: [0.5, 0.3, 0.2],
  means: [0, 1, 2].map(k => means.map(row => row[k])),
  variances: [0.02, 0.05, 0.1],
});
const CLASSES = [-0.5, 0.25, 0.75, 0];
const gaussian = (mean: number, variance: number, n = 8) =>
  mixtureScore({ weights: [1], means: [Array<number>(n).fill(mean)], variances: [variance] });

const common = { sde: vp(), shape: [1, 2, 4], count: 24, seed: 3, solver: eulerMaruyama({ steps: 200 }) } as const;
const score: TorchOptions = { predicts: 'score', timeInput: 't' };

let model: (name: string) => string;
beforeAll(async () => {
  model = await testModels();
});

const draw = async (options: SampleOptions) => (await sample(options)).samples;

describe('the exact mixture as a module', () => {
  const processes = [
    { name: 'vp', sde: vp(), timeInputs: ['t', 'label'], tolerance: 2e-5 },
    { name: 've', sde: ve(), timeInputs: ['t', 'sigma', 'edm'], tolerance: 2e-4 },
  ] as const;
  for (const { name, sde, timeInputs, tolerance } of processes) {
    for (const predicts of ['score', 'noise', 'denoised', 'velocity'] as const) {
      for (const timeInput of timeInputs) {
        test(`${name}, predicts ${predicts}, time as ${timeInput}: the samples of mixtureScore`, async () => {
          const torch = await torchScore(model(`${name}-${predicts}-${timeInput}`), { predicts, timeInput });
          const expected = await draw({ ...common, sde, score: mixture });
          const samples = await draw({ ...common, sde, score: torch });
          // The spread of the data is about 0.4; VE starts at 50, so float32 leaves it fewer digits.
          expect(largestDifference(samples, expected)).toBeLessThan(tolerance);
        });
      }
    }
  }

  test('adaptive: the same samples at almost the same cost', async () => {
    const options = { ...common, count: 64, solver: adaptive({ rtol: 0.02 }) };
    const torch = await torchScore(model('vp-noise-label'), { predicts: 'noise', timeInput: 'label' });
    const [ours, truth] = [await sample({ ...options, score: torch }), await sample({ ...options, score: mixture })];
    // A decision on the very edge may fall the other way and send that sample another way. Elsewhere step sizes carry
    // float32's last digits on, through hundreds of steps.
    const rows = (a: Float32Array, i: number) => a.subarray(8 * i, 8 * i + 8);
    const differences = [...Array(64).keys()]
      .filter(i => ours.stats.evaluations[i] === truth.stats.evaluations[i])
      .map(i => largestDifference(rows(ours.samples, i), rows(truth.samples, i)))
      .sort((a, b) => a - b);
    expect(differences.length).toBeGreaterThanOrEqual(54);
    expect(differences[32]).toBeLessThan(1e-4);
    expect(differences.at(-1)).toBeLessThan(0.01);
    const total = (counts: Uint32Array) => counts.reduce((sum, count) => sum + count, 0);
    expect(total(ours.stats.evaluations) / total(truth.stats.evaluations)).toBeCloseTo(1, 2);
  });

  test('several jobs on one model at once draw what each draws alone', async () => {
    const torch = await torchScore(model('vp-score-t'), score);
    const jobs = [1, 2, 3].map(seed => ({ ...common, seed, score: torch }));
    const alone: Float32Array[] = [];
    for (const job of jobs) alone.push(await draw(job));
    const together = await Promise.all(jobs.map(draw));
    expect(together).toEqual(alone);
  });
});

describe('conditions', () => {
  test('a class for each sample arrives as int64 and stays with its sample', async () => {
    const torch = await torchScore(model('by-class'), score);
    const condition = Int32Array.from({ length: common.count }, (_, i) => i % 3);
    const samples = await draw({ ...common, batch: 5, score: torch, condition });
    for (const kind of [0, 1, 2]) {
      const expected = await draw({ ...common, score: gaussian(CLASSES[kind], 0.04) });
      for (let i = kind; i < common.count; i += 3) {
        const row = [8 * i, 8 * i + 8] as const;
        expect(largestDifference(samples.slice(...row), expected.slice(...row))).toBeLessThan(2e-5);
      }
    }
  });

  test('rows of floats arrive as [rows, width]', async () => {
    const torch = await torchScore(model('by-mean'), score);
    const condition = Float32Array.from({ length: common.count * 8 }, (_, i) => (i >> 3) / common.count);
    const samples = await draw({ ...common, score: torch, condition });
    for (const i of [0, 7, 23]) {
      const expected = await draw({ ...common, firstIndex: i, count: 1, score: gaussian(i / common.count, 0.04) });
      expect(largestDifference(samples.slice(8 * i, 8 * i + 8), expected)).toBeLessThan(2e-5);
    }
  });

  test.each([0, 1, 2.5])('guidance %f: for Gaussians of one variance it moves the mean', async scale => {
    const torch = await torchScore(model('by-class'), score);
    const result = await sample({
      ...common,
      score: torch,
      condition: new Int32Array(common.count).fill(2),
      guidance: { scale, unconditional: Int32Array.of(0) },
    });
    const mean = CLASSES[0] + scale * (CLASSES[2] - CLASSES[0]);
    const expected = await sample({ ...common, score: gaussian(mean, 0.04) });
    expect(largestDifference(result.samples, expected.samples)).toBeLessThan(5e-5);
    expect(result.stats.network.rows).toBe(2 * expected.stats.network.rows);
  });

  test('a condition may fail one sample, and the others finish', async () => {
    const torch = await torchScore(model('nan-where-asked'), score);
    const condition = new Float32Array(common.count);
    condition[5] = 1;
    const { stats, samples } = await sample({ ...common, score: torch, condition, onFailure: 'keep' });
    expect(stats.status.map((status, i) => [i, status]).filter(([, status]) => status !== 'success')).toEqual([
      [5, 'nonFinite'],
    ]);
    expect(samples.subarray(48).every(Number.isFinite)).toBe(true);
  });

  test.each([
    ['a condition is missing', 'by-class', {}],
    ['one is too many', 'vp-score-t', { condition: new Int32Array(24) }],
    ['its type is wrong', 'by-class', { condition: new Float32Array(24) }],
  ])('%s: ERR_SDE_MODEL_FAILED', async (_, name, options) => {
    const torch = await torchScore(model(name), score);
    await expect(sample({ ...common, score: torch, ...options })).rejects.toMatchObject({
      code: 'ERR_SDE_MODEL_FAILED',
      message: expect.stringContaining('condition'),
    });
  });
});

describe('what a module may do', () => {
  test.each(['in-place', 'in-tuple'])('%s: the samples of N(0, 1)', async name => {
    const torch = await torchScore(model(name), score);
    const expected = await draw({ ...common, score: gaussian(0, 1) });
    expect(largestDifference(await draw({ ...common, score: torch }), expected)).toBeLessThan(2e-5);
  });

  test.each([
    ['wrong-shape', 'ERR_SDE_MODEL_OUTPUT', /\[3, 1, 1, 4\].*\[3, 1, 2, 4\]/s],
    ['wrong-type', 'ERR_SDE_MODEL_OUTPUT', /long/],
    ['throws', 'ERR_SDE_MODEL_FAILED', /does not feel like it/],
  ])('%s: %s', async (name, code, words) => {
    const torch = await torchScore(model(name), score);
    await expect(sample({ ...common, score: torch })).rejects.toMatchObject({
      name: 'SdeError',
      code,
      message: expect.stringMatching(words),
    });
  });
});

describe('files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fast-sde-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const broken = (change: (path: string) => void): string => {
    const path = join(folder, 'broken.pt');
    writeFileSync(path, readFileSync(model('network')));
    change(path);
    return path;
  };

  test.each([
    ['missing', () => join(folder, 'nothing.pt'), 'ERR_SDE_MODEL_NOT_FOUND'],
    ['a folder', () => folder, 'ERR_SDE_MODEL_NOT_FOUND'],
    ['empty', () => broken(path => truncateSync(path, 0)), 'ERR_SDE_MODEL_INVALID'],
    ['cut short', () => broken(path => truncateSync(path, 20_000)), 'ERR_SDE_MODEL_INVALID'],
    ['text', () => broken(path => writeFileSync(path, 'not a model')), 'ERR_SDE_MODEL_INVALID'],
    ['a state_dict', () => model('state-dict'), 'ERR_SDE_MODEL_INVALID'],
    ['forward(x)', () => model('one-input'), 'ERR_SDE_MODEL_INVALID'],
  ])('%s: %#', async (_, path, code) => {
    await expect(torchScore(path(), score)).rejects.toMatchObject({ name: 'SdeError', code });
  });

  test('sha256: the right one passes, another is refused', async () => {
    const path = model('vp-score-t');
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
    await expect(torchScore(path, { ...score, sha256 })).resolves.toMatchObject({ path });
    const other = sha256.replace(/./, digit => (digit === '0' ? '1' : '0'));
    await expect(torchScore(path, { ...score, sha256: other })).rejects.toMatchObject({ code: 'ERR_SDE_MODEL_HASH' });
  });
});

describe('a file that changes while it is loaded', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fast-sde-'));
  const path = join(folder, 'swapped.pt');
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    ['overwritten', () => writeFileSync(path, readFileSync(model('in-place')))],
    ['replaced', () => copyFileSync(model('in-place'), `${path}.new`, 0) ?? renameSync(`${path}.new`, path)],
    ['emptied', () => truncateSync(path)],
    ['removed', () => rmSync(path)],
  ])('%s: what is loaded is what was hashed', async (_, change) => {
    const expected = await draw({ ...common, score: await torchScore(model('vp-score-t'), score) });
    writeFileSync(path, readFileSync(model('vp-score-t')));
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
    const native = addon();
    const { loadModel } = native;
    native.loadModel = options => {
      change();
      return loadModel(options);
    };
    try {
      const torch = await torchScore(path, { ...score, sha256 });
      expect(torch.sha256).toBe(sha256);
      expect(await draw({ ...common, score: torch })).toEqual(expected);
    } finally {
      native.loadModel = loadModel;
    }
  });
});

describe('a convolutional network', () => {
  const network: TorchOptions = { predicts: 'noise', timeInput: 'label' };
  const images = { sde: vp(), shape: [1, 8, 8], count: 20, seed: 1, solver: eulerMaruyama({ steps: 50 }) } as const;

  test('padBatch: a sample has the same bits in whatever company', async () => {
    const torch = await torchScore(model('network'), network);
    const options = { ...images, solver: adaptive({ rtol: 0.05 }), score: torch, batch: 8, padBatch: true };
    const all = await draw(options);
    for (const firstIndex of [0, 7, 19]) {
      const alone = await draw({ ...options, firstIndex, count: 1 });
      expect(alone).toEqual(all.slice(64 * firstIndex, 64 * firstIndex + 64));
    }
  });

  test.each([
    ['contiguous', 'network', { layout: 'contiguous' }],
    ['run as saved', 'network', { freeze: false }],
    ['saved frozen', 'network-frozen', {}],
    ['traced', 'network-traced', {}],
  ] as const)('%s: the same samples to float32 accuracy', async (_, name, options) => {
    const reference = await draw({ ...images, score: await torchScore(model('network'), network) });
    const samples = await draw({ ...images, score: await torchScore(model(name), { ...network, ...options }) });
    expect(largestDifference(samples, reference)).toBeLessThan(1e-4);
  });

  test.each([
    ['bfloat16', 'network', 0.05],
    ['bfloat16', 'network-frozen', 0.05],
    ['bfloat16', 'network-traced', 0.05],
    ['float16', 'network', 0.01],
  ] as const)('%s of %s: near the samples of float32, and not the same', async (dtype, name, tolerance) => {
    const exact = await draw({ ...images, score: await torchScore(model('network'), network) });
    const samples = await draw({ ...images, score: await torchScore(model(name), { ...network, dtype }) });
    const difference = Math.sqrt(samples.reduce((sum, x, i) => sum + (x - exact[i]) ** 2, 0) / samples.length);
    const size = Math.sqrt(exact.reduce((sum, x) => sum + x * x, 0) / exact.length);
    expect(difference / size).toBeLessThan(tolerance);
    expect(difference).toBeGreaterThan(0);
  });

  test('bfloat16 spares the time: the sine of label 999 is not that of 1000', async () => {
    const one = { ...common, solver: eulerMaruyama({ steps: 1 }), finalDenoise: false };
    const exact = await draw({ ...one, score: await torchScore(model('sine-of-label'), network) });
    const torch = await torchScore(model('sine-of-label'), { ...network, dtype: 'bfloat16' });
    const samples = await draw({ ...one, score: torch });
    // One step multiplies the answer by g(1)² = 20: 0.3 % of a sine of 1, against 17 where the label is rounded.
    expect(largestDifference(samples, exact)).toBeLessThan(0.1);
  });
});
