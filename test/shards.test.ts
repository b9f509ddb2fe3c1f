/** A job cut in pieces, all of them on the CPU here: together they give what one job gives. */
import { describe, expect, it } from 'vitest';
import type { NativeJobOptions, NativeProgress, NativeResult, NativeSample } from '../src/native.js';
import type { JobHooks } from '../src/run/job.js';
import { cut, mergedResult, Shards, startJob } from '../src/run/shards.js';
import { addon, endless, figures, gaussian, job } from './support/native-jobs.js';

const ADAPTIVE = {
  kind: 'adaptive',
  rtol: 0.05,
  atol: 0.0078,
  scale: 'max',
  norm: 'rms',
  h0: 0.01,
  safety: 0.9,
  exponent: 0.9,
};

/** The pieces of a job, with a score each. */
function pieces(whole: NativeJobOptions, count: number): NativeJobOptions[] {
  const { score, batch, ...rest } = whole;
  return cut(rest, Array(count).fill({ device: undefined, score })).map(piece => ({ ...piece, batch }));
}

async function together(whole: NativeJobOptions, count: number, hooks: JobHooks = {}) {
  const end = await startJob(pieces(whole, count), hooks).ended;
  return { end, output: whole.output as Float32Array, figures: whole.figures };
}

describe('pieces', () => {
  const counts = (count: number, places: number) =>
    pieces(job({ count }), places).map(piece => [piece.firstIndex, piece.count]);

  it('are contiguous, and as even as can be', () => {
    expect(counts(7, 3)).toEqual([
      [10n, 3],
      [13n, 2],
      [15n, 2],
    ]);
    expect(counts(6, 2)).toEqual([
      [10n, 3],
      [13n, 3],
    ]);
  });

  it('are no more than there are samples', () => {
    expect(counts(2, 4)).toEqual([
      [10n, 1],
      [11n, 1],
    ]);
  });

  it('share the arrays of the whole', () => {
    const output = new Float32Array(4 * 6);
    const condition = Int32Array.from([1, 1, 2, 2, 3, 3, 4, 4]);
    const [first, second] = pieces(job({ count: 4, output, condition, initial: output }), 2);
    expect(second.output?.buffer).toBe(output.buffer);
    expect([first.output?.length, second.output?.byteOffset]).toEqual([12, 48]);
    expect([first.initial?.length, second.initial?.byteOffset]).toEqual([12, 48]);
    expect([first.condition, second.condition]).toEqual([Int32Array.of(1, 1, 2, 2), Int32Array.of(3, 3, 4, 4)]);
    expect(pieces(job({ count: 4 }), 2)[0].output).toBeUndefined();
  });
});

describe('figures of several pieces', () => {
  const piece = (totalMs: number, graph?: NativeResult['graph']): NativeResult => ({
    ended: [1, 0, 2, 0, 0],
    evaluations: totalMs,
    accepted: 2,
    rejected: 3,
    mostEvaluations: totalMs,
    network: { calls: 5, rows: 6 },
    timing: { totalMs, scoreMs: totalMs / 2, solverMs: 0 },
    steps: 4,
    ...(graph && { graph }),
  });

  it('are joined, and their time is the slowest one’s', () => {
    for (const times of [
      [10, 30, 20],
      [30, 10],
      [10, 30],
    ]) {
      const pieces = times.length;
      const { timing, ...counts } = mergedResult(times.map(ms => piece(ms)));
      expect(counts).toEqual({
        ended: [pieces, 0, 2 * pieces, 0, 0],
        evaluations: times.reduce((sum, one) => sum + one, 0),
        accepted: 2 * pieces,
        rejected: 3 * pieces,
        mostEvaluations: 30,
        network: { calls: 5 * pieces, rows: 6 * pieces },
        steps: 4 * pieces,
      });
      expect(timing).toEqual({ totalMs: 30, scoreMs: 15, solverMs: 0 });
    }
  });

  it('tell of a graph that was not captured anywhere', () => {
    const [yes, no] = [{ captured: true }, { captured: false, reason: 'no' }];
    expect(mergedResult([piece(1, yes), piece(1, no)]).graph).toEqual(no);
    expect(mergedResult([piece(1, yes), piece(1, yes)]).graph).toEqual(yes);
    expect(mergedResult([piece(1), piece(1)])).not.toHaveProperty('graph');
  });
});

describe('pieces together', () => {
  it.each([
    ['adaptive', { solver: ADAPTIVE }],
    ['adaptive, from own points', { solver: ADAPTIVE, initial: Float32Array.from({ length: 54 }, (_, i) => i / 27) }],
    ['fixed steps', {}],
    ['some given up', { solver: ADAPTIVE, maxEvaluations: 165 }],
  ])('give the bits and the figures of one job: %s', async (name, changes) => {
    const options = () => job({ ...changes, count: 9, output: new Float32Array(9 * 6), figures: figures(9) });
    const one = await together(options(), 1);
    if (name === 'some given up') expect(new Set(one.figures?.status).size).toBe(2);
    for (const count of [2, 3, 9]) {
      const several = await together(options(), count);
      const { end } = several;
      expect(several.output).toEqual(one.output);
      expect(several.figures).toEqual(one.figures);
      expect(end).toMatchObject({ aborted: false, failure: undefined });
      for (const figure of [
        'ended',
        'evaluations',
        'accepted',
        'rejected',
        'mostEvaluations',
        'firstFailure',
      ] as const) {
        expect(end.result[figure]).toEqual(one.end.result[figure]);
      }
      expect(end.result.network.rows).toBe(end.result.evaluations);
      expect(end.result.network.calls).toBeGreaterThanOrEqual(one.end.result.network.calls);
      expect(end.result).not.toHaveProperty('graph');
    }
  });

  it('report the progress of all', async () => {
    const seen: NativeProgress[] = [];
    const score = gaussian(3072);
    const options = job({ shape: [3072], score, count: 150, batch: 8, solver: ADAPTIVE });
    const { end } = await together({ ...options, output: new Float32Array(150 * 3072) }, 3, {
      onProgress: progress => seen.push(progress),
    });
    expect(seen.length).toBeGreaterThan(3);
    for (const [i, { fraction, finished, networkCalls, count }] of seen.entries()) {
      const before = seen[i - 1] ?? { fraction: 0, finished: 0, networkCalls: 0 };
      expect(fraction).toBeGreaterThanOrEqual(before.fraction);
      expect(finished).toBeGreaterThanOrEqual(before.finished);
      expect(networkCalls).toBeGreaterThanOrEqual(before.networkCalls);
      expect(count).toBe(150);
    }
    const { calls } = end.result.network;
    expect(seen.at(-1)).toEqual({ finished: 150, count: 150, fraction: 1, networkCalls: calls });
  });

  it('end by one signal', async () => {
    const controller = new AbortController();
    const count = 1000;
    const whole = endless({ count, output: new Float32Array(count * 512) });
    const { end } = await together(whole, 3, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    expect(end).toMatchObject({ aborted: true, failure: undefined });
    expect(end.result.ended.reduce((sum, samples) => sum + samples)).toBe(count);
    // And at once where the signal was there before.
    expect((await together(whole, 3, { signal: controller.signal })).end.aborted).toBe(true);
  });

  it('end with the first that fails', async () => {
    const failure = new Error('the second does not answer');
    const answer: JobHooks['answer'] = ({ samples, out }) => {
      if (samples[0] >= 500n) throw failure;
      out.fill(0);
    };
    const [first, second] = pieces(endless({ count: 1000, firstIndex: 0n }), 2);
    const shards = new Shards(
      [
        { ...first, score: addon.createCallback(), output: new Float32Array(500 * 512) },
        { ...second, score: addon.createCallback(), output: new Float32Array(500 * 512) },
      ],
      { answer },
    );
    const end = await shards.ended;
    expect(end).toMatchObject({ aborted: true, failure });
    expect(end.result.ended.reduce((sum, samples) => sum + samples)).toBe(1000);
  });

  it('end with what onProgress throws, and do not call it again', async () => {
    let calls = 0;
    const error = new RangeError('enough');
    const onProgress = () => {
      calls++;
      throw error;
    };
    const { end } = await together(endless({ count: 100, output: new Float32Array(100 * 512) }), 2, { onProgress });
    expect(end.failure).toBe(error);
    expect(calls).toBe(1);
  });

  it('start all or none', async () => {
    const [first, second] = pieces(endless({ count: 100 }), 2);
    expect(() => new Shards([first, { ...second, batch: 0 }], {})).toThrow(/batch/);
  });
});

describe('pieces without output', () => {
  /** All samples, and how often was looked for them. */
  async function read(shards: Shards) {
    const samples: NativeSample[] = [];
    let over = false;
    let looks = 0;
    shards.ended.then(() => {
      over = true;
    });
    for (;;) {
      const last = over;
      const change = shards.changed();
      const ready = shards.take();
      looks++;
      samples.push(...ready);
      if (ready.length > 0) continue;
      if (last) return { samples, looks };
      await change;
    }
  }

  it('hand out the samples of one job, each once', async () => {
    const output = new Float32Array(60 * 6);
    await together(job({ count: 60, output, solver: ADAPTIVE }), 1);
    const { samples } = await read(new Shards(pieces(job({ count: 60, solver: ADAPTIVE }), 3), {}));
    samples.sort((a, b) => Number(a.index - b.index));
    expect(samples.map(({ index }) => Number(index))).toEqual(Array.from({ length: 60 }, (_, i) => 10 + i));
    for (const [i, { data }] of samples.entries()) expect(data).toEqual(output.subarray(6 * i, 6 * i + 6));
  });

  it('are waited for while another piece is long over', async () => {
    const [first, second] = pieces(job({ shape: [512], score: gaussian(512), count: 200, solver: ADAPTIVE }), 2);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const { samples, looks } = await read(new Shards([{ ...first, count: 1 }, second], {}));
    clearInterval(timer);
    expect(samples.length).toBe(101);
    // A wake each for samples, progress and end, and a look more after what a look has found.
    expect(looks).toBeLessThan(3 * 101 + 100);
    expect(ticks).toBeGreaterThan(0);
  });

  it('can be left', async () => {
    const shards = new Shards(pieces(endless({ count: 1000 }), 2), {});
    await shards.changed();
    shards.abort();
    expect((await shards.ended).aborted).toBe(true);
    await shards.changed();
  });
});
