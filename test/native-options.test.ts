// The addon refuses what has the wrong type or length instead of believing it. What the numbers mean is the API's business.
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '#binding';
import { addon, figures, gaussian, job } from './support/native-jobs.js';

const withCode = (code: string) => expect.objectContaining({ code });

describe('options of the wrong kind are refused, not believed', () => {
  const wrong: Record<string, unknown[]> = {
    schedule: [undefined, null, 'vp', { kind: 'none' }, { kind: 'vp', betaMin: '0', betaMax: 20 }, { kind: 've' }],
    tStart: [undefined, '1', Number.NaN, 1n],
    tEnd: [Number.POSITIVE_INFINITY, {}],
    priorStd: [null],
    solver: [
      undefined,
      {},
      { kind: 'eulerMaruyama', steps: 0 },
      { kind: 'eulerMaruyama', steps: 1.5 },
      { kind: 'adaptive' },
      { kind: 'linear', plan: new Float64Array(0) },
      { kind: 'linear', plan: new Float64Array(11) },
      { kind: 'linear', plan: new Float64Array(10).fill(Number.NaN) },
      { kind: 'linear', plan: new Float32Array(10) },
    ],
    noise: ['none', 1],
    finalDenoise: [1, undefined],
    maxEvaluations: [-1, 0.5],
    seed: [1, -1n, 1n << 64n],
    shape: [6, '6', [0], [-1], [1.5], ['2'], [Number.NaN], new Int32Array(2)],
    firstIndex: [0, -1n, 1n << 60n],
    count: [0, -1, 2 ** 53, '5'],
    batch: [0, 2 ** 31, null],
    padBatch: ['yes'],
    trajectory: ['yes', true],
    threads: [-1, 1e9],
    score: [undefined, null, 1, {}, Object.create(gaussian(6) as object), addon.createMixture, new Map()],
    predicts: ['eps'],
    timeInput: ['T'],
    initial: [new Float64Array(30), new Float32Array(29), [1]],
    condition: [new Float64Array(5), new Int32Array(0), new Int32Array(6), 'label'],
    unconditional: [new Int32Array(1)],
    guidanceScale: ['2', Number.NaN],
    figures: [null, {}, { ...figures(5), status: new Uint8Array(4) }, { ...figures(5), rejected: new Int32Array(5) }],
    output: [new Float32Array(29), new Float64Array(30), new ArrayBuffer(120), null],
  };
  for (const [name, values] of Object.entries(wrong)) {
    it(name, () => {
      for (const value of values) {
        expect(() => addon.start(job({ [name]: value }), () => {}), String(value)).toThrow(
          withCode('ERR_SDE_INVALID_OPTION'),
        );
      }
    });
  }

  it('schedule tables whose lengths do not fit', () => {
    const table = (edges: number[], numbers: number) =>
      job({ schedule: { kind: 'table', edges: Float64Array.from(edges), cubics: new Float64Array(numbers) } });
    for (const options of [
      table([0], 0),
      table([0, 1], 15),
      table([0, 1, 2], 16),
      table([0, 0], 16),
      table([0, Number.NaN], 16),
    ]) {
      expect(() => addon.start(options, () => {})).toThrow(withCode('ERR_SDE_INVALID_OPTION'));
    }
  });

  it('an unconditional row of another type or width', () => {
    for (const unconditional of [new Float32Array(2), new Int32Array(3)]) {
      const options = job({ condition: new Int32Array(10), unconditional });
      expect(() => addon.start(options, () => {})).toThrow(withCode('ERR_SDE_INVALID_OPTION'));
    }
  });

  it('shapes that overflow, and a mixture over another number of elements', () => {
    for (const changes of [
      { shape: [2 ** 31, 2 ** 31] },
      { shape: [2 ** 40], batch: 65536 },
      { shape: [7] },
      { shape: [] },
    ]) {
      expect(() => addon.start(job(changes), () => {})).toThrow(withCode('ERR_SDE_INVALID_SHAPE'));
    }
  });

  it('calls without their arguments', () => {
    const loose = addon as unknown as Record<string, (...values: unknown[]) => unknown>;
    const calls: [string, unknown[]][] = [
      ['start', []],
      ['start', [null, () => {}]],
      ['start', [job()]],
      ['start', [job(), {}]],
      ['createMixture', []],
      ['createMixture', [new Float64Array(0), new Float32Array(0), new Float64Array(0)]],
      ['createMixture', [new Float64Array(2), new Float32Array(3), new Float64Array(2)]],
      ['createMixture', [new Float64Array(2), new Float32Array(4), new Float64Array(1)]],
      ['createMixture', [new Float32Array(1), new Float32Array(1), new Float64Array(1)]],
      ['openTorch', [1]],
      ['disposeScore', [{}]],
      ['loadModel', [{ path: 1 }]],
      ['normals', []],
      ['normals', [1n, 0n, 0, 4]],
      ['normals', [1n, 0n, -1, new Float32Array(4)]],
      ['normals', [1n, 0n, 0, new Float32Array(4), 'mmx']],
    ];
    for (const [name, values] of calls) {
      expect(() => loose[name]?.(...values), name).toThrow(withCode('ERR_SDE_INVALID_OPTION'));
    }
  });

  it('a plugin that is not there', () => {
    const nowhere = path.join(root, 'nowhere.so');
    expect(() => addon.openTorch(nowhere)).toThrow(withCode('ERR_SDE_TORCH_UNAVAILABLE'));
    expect(() => addon.openTorch(nowhere)).toThrow(/nowhere\.so/); // the loader's own words
  });

  it('a getter that takes the output away while options are read', () => {
    const output = new Float32Array(30);
    const options = job({ output });
    Object.defineProperty(options, 'initial', {
      get: () => {
        structuredClone(output.buffer, { transfer: [output.buffer] });
      },
    });
    expect(() => addon.start(options, () => {})).toThrow(withCode('ERR_SDE_INVALID_OPTION'));
  });
});
