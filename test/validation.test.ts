/** Every option out of range is refused by name before the first evaluation. */
import { describe, expect, it } from 'vitest';
import {
  adaptive,
  affine,
  type CallbackScore,
  callbackScore,
  eulerMaruyama,
  mixtureScore,
  type SampleOptions,
  sample,
  stream,
  subVp,
  ve,
  vp,
} from '../src/index.js';
import { caught } from './support/caught.js';
import { gaussianScore } from './support/gaussian.js';

process.env.FAST_SDE_CUDA_PLUGIN = '/nowhere/libfast_sde_cuda.so';

const untouched = callbackScore(() => {
  throw new Error('evaluated in spite of a bad option');
});

function good(): SampleOptions {
  return { sde: vp(), score: untouched, shape: [2, 3], count: 4 };
}

const OPTION = 'ERR_SDE_INVALID_OPTION';
const SHAPE = 'ERR_SDE_INVALID_SHAPE';

describe('sample and stream', () => {
  const wrong: [option: string, code: string, given: Record<string, unknown>][] = [
    ['sde', OPTION, { sde: undefined }],
    ['sde', OPTION, { sde: 'vp' }],
    ['sde', OPTION, { sde: { kind: 'wp' } }],
    ['vp.betaMin', OPTION, { sde: { kind: 'vp', betaMin: -1 } }],
    [
      'sde',
      OPTION,
      { sde: { kind: 'affine', T: 1, tEnd: 0.1, edges: new Float64Array(3), cubics: new Float64Array(16) } },
    ],
    ['score', OPTION, { score: undefined }],
    ['score', OPTION, { score: () => 0 }],
    ['score', OPTION, { score: { ...untouched, predicts: 'x0' } as unknown as CallbackScore }],
    ['score', OPTION, { score: { kind: 'callback', predicts: 'score', timeInput: 't' } }],
    ['score', OPTION, { score: { kind: 'torch', predicts: 'score', timeInput: 't' } }],
    ['score', OPTION, { score: { kind: 'mixture', predicts: 'score', timeInput: 't' } }],
    ['score', OPTION, { score: { ...gaussianScore(6), weights: [1] } }],
    ['score', OPTION, { score: { ...gaussianScore(6), weights: Float64Array.of(0) } }],
    ['score', OPTION, { score: { ...gaussianScore(6), variances: Float64Array.of(-1) } }],
    ['score', OPTION, { score: { ...gaussianScore(6), means: new Float32Array(5) } }],
    ['score', OPTION, { score: { ...gaussianScore(6), means: new Float32Array(6).fill(Number.NaN) } }],
    ['score', OPTION, { score: { ...gaussianScore(6), elements: 0 } }],
    ['shape', SHAPE, { shape: undefined }],
    ['shape', SHAPE, { shape: [] }],
    ['shape', SHAPE, { shape: 6 }],
    ['shape[1]', SHAPE, { shape: [2, 0] }],
    ['shape[0]', SHAPE, { shape: [2.5, 1] }],
    ['shape[0]', SHAPE, { shape: ['2'] }],
    ['shape', SHAPE, { shape: [2 ** 30, 2 ** 30] }],
    ['count', OPTION, { count: 0 }],
    ['count', OPTION, { count: 1.5 }],
    ['seed', OPTION, { seed: -1 }],
    ['seed', OPTION, { seed: 0.5 }],
    ['seed', OPTION, { seed: 2 ** 60 }],
    ['seed', OPTION, { seed: 1n << 64n }],
    ['seed', OPTION, { seed: '1' }],
    ['firstIndex', OPTION, { firstIndex: -1 }],
    ['firstIndex', OPTION, { firstIndex: Number.MAX_SAFE_INTEGER }],
    ['solver', OPTION, { solver: 'adaptive' }],
    ['adaptive.rtol', OPTION, { solver: { ...adaptive(), rtol: -1 } }],
    ['eulerMaruyama.steps', OPTION, { solver: { kind: 'eulerMaruyama', steps: 0 } }],
    ['batch', OPTION, { batch: 0 }],
    ['batch', OPTION, { batch: 'Auto' }],
    ['batch', OPTION, { batch: 1e6 }],
    ['padBatch', OPTION, { padBatch: 1 }],
    ['device', OPTION, { device: 'gpu' }],
    ['device', OPTION, { device: [] }],
    ['device', OPTION, { device: ['cpu'] }],
    ['device', OPTION, { device: ['cuda', 'cuda:0'] }],
    // A function of JavaScript answers on the CPU.
    ['device', OPTION, { device: 'cuda' }],
    ['device', OPTION, { device: ['cuda:0', 'cuda:1'] }],
    ['device', 'ERR_SDE_CUDA_UNAVAILABLE', { device: 'cuda', score: gaussianScore(6) }],
    ['device', 'ERR_SDE_CUDA_UNAVAILABLE', { device: ['cuda:0', 'cuda:1'], score: gaussianScore(6) }],
    ['finalDenoise', OPTION, { finalDenoise: 'yes' }],
    ['noise', OPTION, { noise: 'brigde' }],
    ['maxEvaluations', OPTION, { maxEvaluations: -1 }],
    ['maxEvaluations', OPTION, { maxEvaluations: Infinity }],
    ['threads', OPTION, { threads: -1 }],
    ['threads', OPTION, { threads: 5000 }],
    ['networkThreads', OPTION, { networkThreads: -1 }],
    ['networkThreads', OPTION, { networkThreads: 5000 }],
    ['onFailure', OPTION, { onFailure: 'ignore' }],
    ['initial', OPTION, { initial: [0, 0] }],
    ['initial', SHAPE, { initial: new Float32Array(23) }],
    ['condition', OPTION, { condition: new Int32Array(4) }],
    ['guidance', OPTION, { guidance: { scale: 2, unconditional: new Int32Array(1) } }],
    ['onProgress', OPTION, { onProgress: true }],
    ['signal', OPTION, { signal: new AbortController() }],
    ['signal', OPTION, { signal: null }],
    ['signal', OPTION, { signal: { aborted: false } }],
  ];

  it.each(wrong)('refuse a wrong %s (%s) %#', async (option, code, given) => {
    const options = { ...good(), ...given } as SampleOptions;
    const refused = await caught(() => sample(options));
    expect(refused).toMatchObject({ code, option });
    expect(refused.expected).toBeTruthy();
    expect(refused.hint).toBeTruthy();
    expect(refused.message.startsWith(option)).toBe(true);
    expect(await caught(() => stream(options).next())).toMatchObject({ code, option });
  });

  it('bound the samples of one result, not those of a stream', async () => {
    for (const [code, given] of [
      [OPTION, { count: 2 ** 26 + 1 }],
      [SHAPE, { count: 2 ** 26, shape: [2 ** 30] }],
    ] as const) {
      expect(await caught(() => sample({ ...good(), ...given }))).toMatchObject({ code, option: 'count' });
    }
    const score = gaussianScore(1);
    const { value } = await stream({ ...good(), score, shape: [1], count: 2 ** 52 }).next();
    expect(value).toMatchObject({ status: 'success' });
  });

  it('suggest the nearest name of an unknown option', async () => {
    const error = await caught(() => sample({ ...good(), maxEvals: 3 } as never));
    expect(error).toMatchObject({ code: 'ERR_SDE_UNKNOWN_OPTION', option: 'maxEvals' });
    const near = await caught(() => sample({ ...good(), finaldenoise: true } as never));
    expect(near.hint).toBe('Did you mean finalDenoise?');
  });

  it('refuse a mixture of another size than the shape', async () => {
    const score = mixtureScore({ weights: [1], means: [[0, 0]], variances: [1] });
    expect(await caught(() => sample({ ...good(), score }))).toMatchObject({ code: SHAPE, option: 'shape' });
  });

  it('refuse what no array can hold', async () => {
    const error = await caught(() => sample({ ...good(), count: 2 ** 26, shape: [2 ** 20] }));
    expect(error).toMatchObject({ code: 'ERR_SDE_OUT_OF_MEMORY', option: 'count' });
    expect(error.hint).toMatch(/stream\(\)/);
  });

  it('suggest near choices', async () => {
    expect((await caught(() => sample({ ...good(), noise: 'brigde' as never }))).hint).toBe("Did you mean 'bridge'?");
  });
});

describe('solvers', () => {
  it.each([
    ['rtol', { rtol: -0.1 }],
    ['rtol', { rtol: Number.NaN }],
    ['rtol', { rtol: 1e39 }],
    ['atol', { atol: 0 }],
    ['atol', { atol: 1e-50 }],
    ['atol', { atol: '1' as never }],
    ['scale', { scale: 'min' as never }],
    ['norm', { norm: 'l2' as never }],
    ['h0', { h0: 0 }],
    ['safety', { safety: 1.1 }],
    ['exponent', { exponent: 0 }],
    ['exponent', { exponent: 2.5 }],
  ])('adaptive refuses a wrong %s', async (option, given) => {
    expect(await caught(() => adaptive(given))).toMatchObject({ code: OPTION, option: `adaptive.${option}` });
  });

  it.each([0, -1, 1.5, 2 ** 31, Number.NaN])('eulerMaruyama refuses %s steps', async steps => {
    expect(await caught(() => eulerMaruyama({ steps }))).toMatchObject({ code: OPTION });
  });

  it('declare what they are', () => {
    expect(adaptive()).toMatchObject({
      name: 'adaptive',
      evaluationsPerStep: 2,
      rtol: 0.05,
      scale: 'max',
      norm: 'rms',
    });
    expect(eulerMaruyama()).toMatchObject({ name: 'Euler-Maruyama', evaluationsPerStep: 1, steps: 1000 });
  });
});

describe('SDEs', () => {
  it.each([
    ['vp.betaMin', () => vp({ betaMin: 0 })],
    ['vp.betaMax', () => vp({ betaMin: 2, betaMax: 1 })],
    ['vp.betaMax', () => vp({ betaMin: 30 })],
    ['subVp.betaMax', () => subVp({ betaMin: 30 })],
    ['vp.tEnd', () => vp({ tEnd: 0 })],
    ['vp.tEnd', () => vp({ tEnd: 1 })],
    ['vp.dataRange', () => vp({ dataRange: [1, -1] })],
    ['vp.dataRange', () => vp({ dataRange: [0] as never })],
    ['vp.dataRange', () => vp({ dataRange: [0, 1e39] })],
    ['vp.dataRange', () => vp({ dataRange: [0, 1e-45] })],
    ['subVp.betaMin', () => subVp({ betaMin: -1 })],
    ['ve.sigmaMin', () => ve({ sigmaMin: 0 })],
    ['ve.sigmaMax', () => ve({ sigmaMin: 1, sigmaMax: 1 })],
    ['ve.sigmaMax', () => ve({ sigmaMin: 100 })],
    ['ve.sigmaMax', () => ve({ sigmaMax: Infinity })],
    ['ve.sigmaMax', () => ve({ sigmaMax: 1e39 })],
    ['affine.priorStd', () => affine({ alpha: () => 1, sigma: t => 1 + t, priorStd: 1e-50 })],
  ])('refuse a wrong %s', async (option, make) => {
    expect(await caught(make)).toMatchObject({ code: OPTION, option });
  });

  it('say that the number at fault is a default', async () => {
    const error = await caught(() => ve({ sigmaMin: 100 }));
    expect(error.message).toMatch(/above 100, got 50\. That is its default/);
    expect(ve({ sigmaMin: 100, sigmaMax: 200 }).sigmaMax).toBe(200);
  });
});

describe('scores', () => {
  it.each([
    ['weights', OPTION, { weights: [] }],
    ['weights', OPTION, { weights: [1, -1] }],
    ['weights', OPTION, { weights: 'ab' as never }],
    ['means', OPTION, { means: 3 as never }],
    ['means', SHAPE, { means: [[0, 0]] }],
    ['means[1]', SHAPE, { means: [[0, 0], [1]] }],
    ['means[1]', OPTION, { means: [[0], [Number.NaN]] }],
    ['means[1]', OPTION, { means: [[0], [1e39]] }],
    ['means', SHAPE, { means: new Float32Array(5) }],
    ['means', OPTION, { means: new Float32Array([0, Number.NaN]) }],
    ['variances', SHAPE, { variances: [1] }],
    ['variances', OPTION, { variances: [1, -1] }],
  ])('mixtureScore refuses wrong %s (%s)', async (option, code, given) => {
    const options = { weights: [1, 3], means: [[0], [1]], variances: [1, 1], ...given };
    expect(await caught(() => mixtureScore(options))).toMatchObject({ code, option: `mixtureScore.${option}` });
  });

  it('mixtureScore normalises weights and takes flat means', () => {
    const score = mixtureScore({ weights: [1, 3], means: new Float32Array([0, 1, 2, 3]), variances: [1, 1] });
    expect([...score.weights]).toEqual([0.25, 0.75]);
    expect(score.elements).toBe(2);
    const large = mixtureScore({ weights: [1e308, 1e308], means: [[0], [1]], variances: [1, 1] });
    expect([...large.weights]).toEqual([0.5, 0.5]);
  });

  it('callbackScore refuses what is no function, and unknown conventions', async () => {
    expect(await caught(() => callbackScore(3 as never))).toMatchObject({ code: OPTION, option: 'callbackScore' });
    const predicts = await caught(() => callbackScore(() => {}, { predicts: 'epsilon' as never }));
    expect(predicts).toMatchObject({ code: OPTION, option: 'callbackScore.predicts' });
    const timeInput = await caught(() => callbackScore(() => {}, { timeInput: 'labels' as never }));
    expect(timeInput.hint).toBe("Did you mean 'label'?");
  });
});
