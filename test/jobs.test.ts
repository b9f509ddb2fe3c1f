/** Life of a job: failures of the score, abort, progress, its number of slots. */
import { describe, expect, it } from 'vitest';
import {
  callbackScore,
  eulerMaruyama,
  type Progress,
  type SampleResult,
  type StreamedSample,
  sample,
  stream,
} from '../src/index.js';
import { caught } from './support/caught.js';
import { gaussianCallback, gaussianFunction } from './support/gaussian.js';
import { long, sde, short } from './support/jobs.js';

/** Answers exactly, but for what `spoil` does to the rows of one sample. */
function spoiled(victim: number, spoil: (row: Float32Array, x: Float32Array) => void) {
  const exact = gaussianFunction(sde);
  return callbackScore((x, t, out, info) => {
    exact(x, t, out, info);
    const n = x.length / info.rows;
    for (const [row, index] of info.samples.entries()) {
      if (index !== victim) continue;
      spoil(out.subarray(row * n, (row + 1) * n), x.subarray(row * n, (row + 1) * n));
    }
  });
}

describe('arrays of the caller', () => {
  it('may change, or be given away, once the job is asked for', async () => {
    const initial = Float32Array.from({ length: 160 }, (_, i) => i / 160);
    const expected = await sample({ ...short, initial: initial.slice() });
    const running = sample({ ...short, initial });
    structuredClone(initial.buffer, { transfer: [initial.buffer] });
    expect((await running).samples).toEqual(expected.samples);
  });

  it('are refused where they are given away while a large one is still being copied', async () => {
    const elements = 2 ** 21;
    const initial = new Float32Array(elements);
    const score = callbackScore(() => {
      throw new Error('asked');
    });
    const running = sample({ sde, score, shape: [elements], initial });
    structuredClone(initial.buffer, { transfer: [initial.buffer] });
    const error = await caught(() => running);
    expect(error).toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option: 'initial' });
  });
});

describe('one sample that fails', () => {
  const options = { ...short, score: gaussianCallback(sde) };
  const nan = spoiled(13, row => row.fill(Number.NaN));

  it('lets all others finish, unchanged, and is then reported', async () => {
    const clean = await sample(options);
    const error = await caught(() => sample({ ...options, score: nan }));
    expect(error.code).toBe('ERR_SDE_SAMPLE_FAILED');
    expect(error.message).toMatch(/1 of 40 samples failed, first sample 13 \(nonFinite\)/);
    const { ended } = (error.result as SampleResult).stats;
    expect(ended).toEqual({ success: 39, nonFinite: 1, stepUnderflow: 0, maxEvaluations: 0, unfinished: 0 });
    const { samples, stats } = error.result as SampleResult;
    for (let k = 0; k < 40; k++) {
      expect(stats.status[k]).toBe(k === 13 ? 'nonFinite' : 'success');
      if (k !== 13) expect(samples.slice(4 * k, 4 * k + 4)).toEqual(clean.samples.slice(4 * k, 4 * k + 4));
    }
  });

  it('is kept where that is asked for', async () => {
    const { stats } = await sample({ ...options, score: nan, onFailure: 'keep' });
    expect(stats.status.filter(status => status !== 'success')).toEqual(['nonFinite']);
  });

  it('is yielded with its status by a stream, and the error comes last', async () => {
    const seen: StreamedSample[] = [];
    const error = await caught(async () => {
      for await (const one of stream({ ...options, score: nan })) seen.push(one);
    });
    expect(error.code).toBe('ERR_SDE_SAMPLE_FAILED');
    expect(seen.length).toBe(40);
    expect(seen.filter(one => one.status === 'nonFinite').map(one => one.index)).toEqual([13]);
  });

  it('may fail by a step size without end', async () => {
    // Huge, and of the other sign after every step: none is ever small enough.
    const score = spoiled(13, (row, x) => {
      for (const [i, value] of x.entries()) row[i] = value > 0 ? -1e15 : 1e15;
    });
    const { stats } = await sample({ ...options, score, onFailure: 'keep', maxEvaluations: 1000 });
    expect(stats.status[13]).toBe('stepUnderflow');
    expect(stats.status.filter(status => status === 'success').length).toBe(39);
  });
});

describe('a callback that fails', () => {
  it.each([
    ['rejects', () => Promise.reject(new Error('no'))],
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
  ])('because it %s, ends the job with its error for a cause', async (_, fails) => {
    let calls = 0;
    const exact = gaussianFunction(sde);
    const score = callbackScore((x, t, out, info) => (++calls === 30 ? fails() : exact(x, t, out, info)));
    const error = await caught(() => sample({ ...short, score }));
    expect(error.code).toBe('ERR_SDE_CALLBACK_FAILED');
    expect(error.cause).toMatchObject({ message: 'no' });
    expect(calls).toBe(30);
    const { stats } = error.result as SampleResult;
    expect(stats.network.calls).toBeGreaterThanOrEqual(29);
    expect(stats.status).toContain('unfinished');
    const streamed = await caught(async () => {
      calls = 0;
      for await (const _ of stream({ ...short, score }));
    });
    expect(streamed.code).toBe('ERR_SDE_CALLBACK_FAILED');
  });

  it.each([
    ['too short', new Float32Array(3)],
    ['no Float32Array', [1, 2] as never],
  ])('because its answer is %s', async (_, answer) => {
    const score = callbackScore(() => answer);
    const error = await caught(() => sample({ ...short, score }));
    expect(error.code).toBe('ERR_SDE_CALLBACK_FAILED');
    expect((error.cause as Error).message).toMatch(/Float32Array of 32 numbers/);
  });

  it('because it forgets a row: that sample is not finite', async () => {
    const score = callbackScore(() => {});
    const { stats } = await sample({ ...short, score, onFailure: 'keep' });
    expect(new Set(stats.status)).toEqual(new Set(['nonFinite']));
  });
});

it('a callback may return its own array, now or later', async () => {
  const exact = gaussianFunction(sde);
  const own = callbackScore((x, t, _, info) => {
    const answer = new Float32Array(x.length);
    exact(x, t, answer, info);
    return answer;
  });
  const later = callbackScore(async (x, t, out, info) => {
    await new Promise(resolve => setImmediate(resolve));
    exact(x, t, out, info);
  });
  const expected = (await sample({ ...short, score: gaussianCallback(sde) })).samples;
  expect((await sample({ ...short, score: own })).samples).toEqual(expected);
  expect((await sample({ ...short, score: later })).samples).toEqual(expected);
});

describe('abort', () => {
  it('before the start does no work', async () => {
    let calls = 0;
    const score = callbackScore(() => {
      calls++;
    });
    const reason = new Error('changed my mind');
    const options = { ...short, score, signal: AbortSignal.abort(reason) };
    const error = await caught(() => sample(options));
    expect(error).toMatchObject({ code: 'ERR_SDE_ABORTED', cause: reason });
    expect(error.result).toBeUndefined();
    expect((await caught(() => stream(options).next())).code).toBe('ERR_SDE_ABORTED');
    expect(calls).toBe(0);
  });

  it('in the middle keeps what was finished', async () => {
    const controller = new AbortController();
    const onProgress = ({ finished }: Progress) => {
      if (finished >= 32) controller.abort('enough');
    };
    const error = await caught(() => sample({ ...long, signal: controller.signal, onProgress }));
    expect(error).toMatchObject({ code: 'ERR_SDE_ABORTED', cause: 'enough' });
    const { samples, stats, shape } = error.result as SampleResult;
    expect(shape).toEqual([4000, 3072]);
    const finished = stats.status.indexOf('success');
    expect(samples.subarray(finished * 3072, (finished + 1) * 3072).every(Number.isFinite)).toBe(true);
    expect(stats.status[3999]).toBe('unfinished');
    expect(samples[3999 * 3072]).toBeNaN();
    // What is there is what the whole job would have given.
    const alone = await sample({ ...long, firstIndex: finished, count: 1 });
    expect(alone.samples).toEqual(samples.slice(finished * 3072, (finished + 1) * 3072));
  });

  it('takes effect within the call that runs, and leaves every sample where it was', async () => {
    const controller = new AbortController();
    const exact = gaussianFunction(sde);
    let [calls, last] = [0, [] as number[]];
    const score = callbackScore((x, t, out, info) => {
      last = [...x];
      if (++calls < 7) return exact(x, t, out, info);
      controller.abort();
      return new Promise<void>(() => {});
    });
    const solver = eulerMaruyama({ steps: 50 });
    const error = await caught(() => sample({ ...short, score, solver, signal: controller.signal }));
    expect(calls).toBe(7);
    const { samples, stats } = error.result as SampleResult;
    expect(stats.status.every(status => status === 'unfinished')).toBe(true);
    expect([...stats.accepted.subarray(0, 8)]).toEqual(Array(8).fill(6));
    // Eight slots of four numbers; no other sample was begun.
    expect([...samples.subarray(0, 32)]).toEqual(last);
    expect(samples.subarray(32).every(Number.isNaN)).toBe(true);
  });

  it('does not wait for a callback that never answers', async () => {
    const controller = new AbortController();
    const score = callbackScore(() => {
      setImmediate(() => controller.abort());
      return new Promise<void>(() => {});
    });
    const error = await caught(() => sample({ ...short, score, signal: controller.signal }));
    expect(error.code).toBe('ERR_SDE_ABORTED');
  });

  it('works by any signal that behaves like one', async () => {
    const events = new EventTarget();
    const signal = Object.assign(events, { aborted: false, reason: 'enough' }) as unknown as AbortSignal;
    const onProgress = () => {
      events.dispatchEvent(new Event('abort'));
    };
    const error = await caught(() => sample({ ...long, signal, onProgress }));
    expect(error).toMatchObject({ code: 'ERR_SDE_ABORTED', cause: 'enough' });
  });

  it('after the end is of no consequence, and the signal is let go', async () => {
    const controller = new AbortController();
    const removed: string[] = [];
    const { signal } = controller;
    const remove = signal.removeEventListener.bind(signal);
    signal.removeEventListener = (type: string, listener: never) => {
      removed.push(type);
      remove(type, listener);
    };
    await sample({ ...short, signal });
    expect(removed).toEqual(['abort']);
    controller.abort();
  });
});

describe('progress', () => {
  it('only ever grows, and ends complete', async () => {
    const seen: Progress[] = [];
    const options = { ...long, count: 200, onProgress: (progress: Progress) => seen.push(progress) };
    const { stats } = await sample(options);
    expect(seen.length).toBeGreaterThan(1);
    for (const [i, { fraction, finished, networkCalls, count }] of seen.entries()) {
      const before = seen[i - 1] ?? { fraction: 0, finished: 0, networkCalls: 0 };
      expect(fraction).toBeGreaterThanOrEqual(before.fraction);
      expect(finished).toBeGreaterThanOrEqual(before.finished);
      expect(networkCalls).toBeGreaterThanOrEqual(before.networkCalls);
      expect(count).toBe(200);
    }
    expect(seen.at(-1)).toEqual({ finished: 200, count: 200, fraction: 1, networkCalls: stats.network.calls });
  });

  it('leaves the event loop free', async () => {
    let [turns, over] = [0, false];
    const turn = () => {
      turns++;
      if (!over) setImmediate(turn);
    };
    setImmediate(turn);
    await sample({ ...long, count: 200 });
    over = true;
    // Blocked, it would have turned once or twice.
    expect(turns).toBeGreaterThan(20);
  });

  const error = new RangeError('from onProgress');
  const raise = () => {
    throw error;
  };
  it.each([
    ['throws', raise],
    ['rejects', async () => raise()],
    // biome-ignore lint/suspicious/noThenProperty: as promises of other libraries have it
    ['is to be awaited, and rejects', () => ({ then: (_: unknown, reject: (cause: Error) => void) => reject(error) })],
  ])('that %s stops the job with that very error', async (_, onProgress) => {
    await expect(sample({ ...long, onProgress })).rejects.toBe(error);
    const streaming = async () => {
      for await (const _ of stream({ ...long, onProgress }));
    };
    await expect(streaming()).rejects.toBe(error);
    // Of a job so short that its one report is the last.
    await expect(sample({ ...short, count: 1, onProgress })).rejects.toBe(error);
  });

  it.each([undefined, null, Symbol('s'), Object.create(null), 'text', 1n])(
    'that throws no error, but %#, is a typed one',
    async thrown => {
      const onProgress = () => {
        throw thrown;
      };
      const failed = await caught(() => sample({ ...long, onProgress }));
      expect(failed).toMatchObject({ code: 'ERR_SDE_CALLBACK_FAILED', option: 'onProgress' });
      expect(failed.cause).toBe(thrown);
    },
  );
});

describe("batch: 'auto'", () => {
  it.each([
    { count: 64, tried: [8, 16, 32, 64] },
    { count: 24, tried: [8, 16, 24] },
  ])('of $count samples takes a number it has measured, and says which', async ({ count, tried }) => {
    const rows = new Set<number>();
    const exact = gaussianFunction(sde);
    // The more rows, the faster a call: four times the rate for twice the slots, whatever else the machine does.
    const score = callbackScore(async (x, t, out, info) => {
      rows.add(info.rows);
      await new Promise(resolve => setTimeout(resolve, 320 / info.rows));
      exact(x, t, out, info);
    });
    const solver = eulerMaruyama({ steps: 3 });
    const options = { ...short, score, count, solver } as const;
    const { stats, samples } = await sample({ ...options, batch: 'auto' });
    expect(stats.batch).toBe(count);
    expect([...rows].sort((a, b) => a - b)).toEqual(tried);
    expect(stats.network.calls).toBe(4);
    expect(samples).toEqual((await sample({ ...options, batch: 8 })).samples);
  });

  it('never takes more slots than samples', async () => {
    expect((await sample({ ...short, count: 5, batch: 'auto' })).stats.batch).toBe(5);
  });

  it('can be aborted while it measures', async () => {
    const controller = new AbortController();
    const score = callbackScore(() => {
      controller.abort();
    });
    const error = await caught(() => sample({ ...short, score, batch: 'auto', signal: controller.signal }));
    expect(error.code).toBe('ERR_SDE_ABORTED');
  });
});
