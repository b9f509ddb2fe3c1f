/** Networks with a mistake in them or in their export, and such as one layout or one precision breaks. */
import { beforeAll, describe, expect, test, vi } from 'vitest';
import {
  eulerMaruyama,
  type SampleOptions,
  type SampleResult,
  sample,
  stream,
  type TorchOptions,
  torchScore,
  vp,
} from '../src/index.js';
import { caught } from './support/caught.js';
import { testModels } from './support/models.js';

const conventions: TorchOptions = { predicts: 'noise', timeInput: 'label' };
const job = { sde: vp(), shape: [1, 8, 8], count: 6, seed: 2, solver: eulerMaruyama({ steps: 12 }) } as const;

let model: (name: string) => string;
beforeAll(async () => {
  model = await testModels();
});

async function draw(name: string, torch: Partial<TorchOptions> = {}, options: Partial<SampleOptions> = {}) {
  const score = await torchScore(model(name), { ...conventions, ...torch });
  return sample({ ...job, score, ...options });
}

/** Codes of the process warnings while `body` runs. */
async function warnings(body: () => Promise<unknown>): Promise<string[]> {
  const emitted = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  try {
    await body();
    return emitted.mock.calls.map(([, options]) => (options as { code: string }).code);
  } finally {
    emitted.mockRestore();
  }
}

/** Largest difference, over the size of the numbers. */
function difference({ samples: a }: SampleResult, { samples: b }: SampleResult): number {
  const size = Math.sqrt(b.reduce((sum, value) => sum + value * value, 0) / b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0) / size;
}

describe("layout 'auto'", () => {
  test.each([
    ['heads-view', /view size is not compatible/],
    ['heads-view-traced', /view size is not compatible/],
    ['strides-matter', /other answers/],
  ])('%s: contiguous memory, which is what it is written for', async (name, reason) => {
    const auto = await draw(name);
    expect(auto.stats.layout).toEqual({ used: 'contiguous', reason: expect.stringMatching(reason) });
    const { samples, stats } = await draw(name, { layout: 'contiguous' });
    expect(auto.samples).toEqual(samples);
    expect(stats.layout).toEqual({ used: 'contiguous' });
  });

  test('a module that takes channels_last gets it, without a word', async () => {
    expect((await draw('network')).stats.layout).toEqual({ used: 'channels_last' });
    expect((await draw('network', { layout: 'contiguous' })).stats.layout).toEqual({ used: 'contiguous' });
  });

  test('a module that fails in calls of many rows only: those calls run in contiguous memory', async () => {
    const auto = await draw('many-rows-view');
    expect(auto.stats.layout).toEqual({ used: 'channels_last', reason: expect.stringMatching(/ran in contiguous/) });
    expect(difference(auto, await draw('many-rows-view', { layout: 'contiguous' }))).toBeLessThan(1e-5);
  });

  test('an explicit layout is what it says, and fails where the module does', async () => {
    const error = await caught(() => draw('heads-view', { layout: 'channels_last' }));
    expect(error).toMatchObject({ code: 'ERR_SDE_MODEL_FAILED', message: expect.stringMatching(/view size/) });
    expect(error.hint).toMatch(/layout: 'contiguous'/);
  });

  test('two shapes of one model, and several jobs at once, each in its own layout', async () => {
    const score = await torchScore(model('heads-view'), conventions);
    const all = await Promise.all([0, 6, 12].map(firstIndex => sample({ ...job, score, firstIndex })));
    for (const [i, firstIndex] of [0, 6, 12].entries()) {
      expect(all[i].samples).toEqual((await draw('heads-view', { layout: 'contiguous' }, { firstIndex })).samples);
    }
  });
});

describe('refused by name, with the cure', () => {
  test.each([
    ['for-two-rows', /batch of 2/, /x\.shape\[0\]/],
    ['first-time', /one time for all rows/, /t\[:, None\]/],
    ['mean-time', /one time for all rows/, /t\[:, None\]/],
    ['item-time', /one time for all rows/, /t\[:, None\]/],
    ['flat-time', /batch of 1 and fails for others \(The size of tensor/, /t\[:, None, None, None\]/],
    ['rows-mix', /mixes the rows/, /first dimension/],
    ['batch-statistics', /batch norm has no running statistics/, /GroupNorm/],
    ['by-chance', /differently from call to call: .*randn_like/, /function of x and t/],
    ['counting', /differently from call to call: it keeps a state/, /function of x and t/],
  ])('%s', async (name, words, cure) => {
    for (const dtype of ['float32', 'bfloat16'] as const) {
      const error = await caught(() => draw(name, { dtype }));
      expect(error).toMatchObject({ code: 'ERR_SDE_MODEL_INVALID', option: 'score', value: model(name) });
      expect(error.message).toMatch(words);
      expect(error.hint).toMatch(cure);
    }
  });

  test.each(['first-time', 'mean-time', 'item-time', 'flat-time', 'rows-mix', 'batch-statistics'])(
    '%s: rightly, one sample at a time',
    async name => {
      const all = await draw(name, {}, { batch: 1 });
      const alone = await draw(name, {}, { batch: 1, firstIndex: 3, count: 1 });
      expect(alone.samples).toEqual(all.samples.slice(3 * 64, 4 * 64));
    },
  );

  test('with a condition and guidance too', async () => {
    const condition = Int32Array.from([0, 1, 2, 0, 1, 2]);
    const guidance = { scale: 2, unconditional: Int32Array.of(3) };
    for (const options of [{ condition }, { condition, guidance }]) {
      const error = await caught(() => draw('first-time-of-class', {}, options));
      expect(error).toMatchObject({ code: 'ERR_SDE_MODEL_INVALID', message: expect.stringMatching(/one time/) });
      expect((await draw('first-time-of-class', {}, { ...options, batch: 1 })).stats.status).toHaveLength(6);
    }
  });

  test('for two rows: rightly, in calls of two rows', async () => {
    const padded = await draw('for-two-rows', {}, { batch: 2, padBatch: true, count: 5 });
    expect(padded.stats.status).toEqual(Array(5).fill('success'));
    const other = await caught(() => draw('for-two-rows', {}, { batch: 4, padBatch: true }));
    expect(other.message).toMatch(/batch of 2/);
  });
});

describe('repaired', () => {
  test.each(['on-gpu', 'scripted-for-gpu'])('%s: runs on the CPU', async name => {
    expect(difference(await draw(name), await draw('on-device'))).toBeLessThan(1e-5);
  });

  test('exported in train mode: as after eval(), with a warning', async () => {
    let trained: SampleResult | undefined;
    const codes = await warnings(async () => {
      trained = await draw('trained-train');
    });
    expect(codes).toEqual(['FAST_SDE_MODEL_TRAIN_MODE']);
    expect(difference(trained!, await draw('trained-eval'))).toBeLessThan(1e-5);
  });

  test('an instance norm that was being trained, too', async () => {
    let trained: SampleResult | undefined;
    const codes = await warnings(async () => {
      trained = await draw('trained-instances-train');
    });
    expect(codes).toEqual(['FAST_SDE_MODEL_TRAIN_MODE']);
    expect(difference(trained!, await draw('trained-instances'))).toBeLessThan(1e-5);
  });

  test.each([
    ['double', 'on-device', 1e-5],
    ['double-scripted', 'heads-view', 1e-5],
    ['half', 'heads-view', 0.02],
  ])('weights of %s: as float32, with a warning', async (name, reference, tolerance) => {
    let converted: SampleResult | undefined;
    const codes = await warnings(async () => {
      converted = await draw(name);
    });
    expect(codes).toEqual(['FAST_SDE_MODEL_WEIGHTS']);
    expect(difference(converted!, await draw(reference))).toBeLessThan(tolerance);
    // Where a short precision is asked for, the weights take it anyway.
    expect(difference(await draw(name, { dtype: 'bfloat16' }), await draw(reference))).toBeLessThan(0.05);
  });

  test('of a module that runs as it was saved', async () => {
    await warnings(async () => {
      const unfrozen = { freeze: false };
      expect(difference(await draw('double-scripted', unfrozen), await draw('heads-view', unfrozen))).toBeLessThan(
        1e-5,
      );
      expect(difference(await draw('trained-train', unfrozen), await draw('trained-eval', unfrozen))).toBeLessThan(
        1e-5,
      );
    });
  });

  test('a time that the trace has made a number: a warning, for the network may see the noise by itself', async () => {
    expect(await warnings(() => draw('baked-time'))).toEqual(['FAST_SDE_MODEL_IGNORES_TIME']);
    expect(await warnings(() => draw('network'))).toEqual([]);
  });
});

describe('parts in float32 inside a network of a short precision', () => {
  test.each([
    ['upcasts', 'bfloat16', 0.03],
    ['upcasts-traced', 'bfloat16', 0.03],
    ['root-mean-square', 'bfloat16', 0.03],
    ['root-mean-square-traced', 'bfloat16', 0.03],
    ['stays-wide', 'bfloat16', 0.03],
    ['stays-wide-traced', 'bfloat16', 0.03],
    ['upcasts', 'float16', 0.005],
    ['upcasts-traced', 'float16', 0.005],
  ] as const)('%s in %s: near the samples of float32, and not the same', async (name, dtype, tolerance) => {
    const off = difference(await draw(name, { dtype }), await draw(name));
    expect(off).toBeLessThan(tolerance);
    expect(off).toBeGreaterThan(0);
  });
});

test('the probe is made once a model and shape, and counts in no figures', async () => {
  const score = await torchScore(model('network'), conventions);
  const { stats } = await sample({ ...job, score });
  expect(stats.network.calls).toBe(13);
  expect(stats.network.rows).toBe(13 * 6);
});

describe('answers that are not finite', () => {
  test('the error names them, and the time', async () => {
    const error = await caught(() => draw('answers-nan'));
    expect(error.code).toBe('ERR_SDE_SAMPLE_FAILED');
    expect(error.message).toBe('6 of 6 samples failed, first sample 0 (nonFinite): the network answers NaN at t = 1.');
  });

  test("under onFailure 'keep' the statistics do", async () => {
    const { stats } = await draw('answers-nan', {}, { onFailure: 'keep' });
    expect(stats.cause).toBe('the network answers NaN at t = 1');
    expect((await draw('network')).stats).not.toHaveProperty('cause');
  });
});

describe('samples far outside dataRange', () => {
  test('a warning after the first job, once a score, that names inspect', async () => {
    const score = await torchScore(model('network'), { predicts: 'score', timeInput: 'label' });
    expect(await warnings(() => sample({ ...job, score }))).toEqual(['FAST_SDE_OUT_OF_RANGE']);
    expect(await warnings(() => sample({ ...job, score }))).toEqual([]);
    const streamed = await torchScore(model('network'), { predicts: 'score', timeInput: 'label' });
    const read = async () => {
      for await (const { status } of stream({ ...job, score: streamed })) expect(status).toBe('success');
    };
    expect(await warnings(read)).toEqual(['FAST_SDE_OUT_OF_RANGE']);
  });

  test('none where they are inside, or where dataRange is as wide as they are', async () => {
    expect(await warnings(() => draw('network'))).toEqual([]);
    const wide = vp({ dataRange: [-1e9, 1e9] });
    expect(await warnings(() => draw('network', { predicts: 'score' }, { sde: wide }))).toEqual([]);
  });
});
