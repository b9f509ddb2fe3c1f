// Jobs of the addon, below the API: what they hand out, and the questions of callback scores.
import { setTimeout as sleep } from 'node:timers/promises';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { NativeJob, NativeQuestion, NativeSample } from '../src/native.js';
import { addon, figures, gaussian, job, question, run, statuses, take } from './support/native-jobs.js';

const withCode = (code: string) => expect.objectContaining({ code });

it('progress counts samples in flight by how far their time has come', async () => {
  const score = addon.createCallback();
  const wanted: number[] = [];
  const told: number[] = [];
  const options = job({ score, count: 3, batch: 3, output: new Float32Array(18) });
  await run(options, started => {
    const asked = question(started);
    if (!asked) return;
    told.push(started.progress().fraction);
    wanted.push(asked.time.reduce((sum, t) => sum + (1 - t) / (1 - 1e-3), 0) / 3);
    asked.out.fill(0);
    started.answer(asked.out);
  });
  // Twenty steps and the denoising, told while none is finished.
  expect(told).toHaveLength(21);
  for (const [i, fraction] of told.entries()) expect(fraction).toBeCloseTo(wanted[i], 9);
});

describe('samples', () => {
  it('reach output and queue alike, named by their own index', async () => {
    const output = new Float32Array(30);
    const each = figures(5);
    const { result, aborted, error } = await run(job({ output, figures: each }));
    expect({ aborted, error }).toEqual({ aborted: false, error: undefined });
    expect([...each.evaluations]).toEqual([21, 21, 21, 21, 21]); // 20 steps and the denoising
    expect([...each.accepted, ...each.rejected]).toEqual([...Array(5).fill(20), ...Array(5).fill(0)]);
    expect(statuses(each)).toEqual(Array(5).fill('success'));
    expect(result).toMatchObject({ evaluations: 105, accepted: 100, rejected: 0, mostEvaluations: 21 });
    expect(result.ended).toEqual([5, 0, 0, 0, 0]);
    expect(result.timing.solverMs).toBeCloseTo(result.timing.totalMs - result.timing.scoreMs, 6);

    const queued: NativeSample[] = [];
    await run(job(), started => queued.push(...take(started)));
    queued.sort((a, b) => Number(a.index - b.index));
    expect(queued.map(sample => sample.index)).toEqual([10n, 11n, 12n, 13n, 14n]);
    for (const [row, sample] of queued.entries()) expect(sample.data).toEqual(output.subarray(6 * row, 6 * row + 6));
  });

  it('wait for the reader, two batches at most', async () => {
    const started = addon.start(job({ count: 100 }), () => {});
    await sleep(300);
    expect(started.outcome()).toBeUndefined();
    expect(started.progress().finished).toBeLessThanOrEqual(12); // two batches wait, and one is in flight
    expect(take(started, 8)).toHaveLength(8);
    await sleep(100);
    expect(started.progress().finished).toBeLessThanOrEqual(20);
    expect(take(started, 8)).toHaveLength(8); // it went on
    started.abort();
    while (!started.outcome()) await sleep(5);
    expect(started.outcome()?.aborted).toBe(true);
  });

  it('are taken in arrays of the reader’s realm, no more at once than asked for', async () => {
    const started = addon.start(job({ count: 100 }), () => {});
    await sleep(300);
    const realm = createContext({});
    const theirs = runInContext('Float32Array', realm) as typeof Float32Array;
    const [one, ...more] = started.take(theirs, 1);
    expect(more).toEqual([]);
    expect(Object.getPrototypeOf(one.data)).toBe(theirs.prototype);
    // What the constructor throws comes back, and the process goes on.
    const none = class extends Float32Array {
      constructor() {
        throw new RangeError('no memory');
        // biome-ignore lint/correctness/noUnreachable: a derived class calls it
        super(0);
      }
    };
    expect(() => started.take(none, 1)).toThrow(RangeError);
    started.abort();
  });

  it('of many numbers lend their memory instead of being copied', async () => {
    const elements = 2 ** 18;
    const options = job({ shape: [elements], score: gaussian(elements), count: 2 });
    const output = new Float32Array(2 * elements);
    await run({ ...options, output });
    const queued: NativeSample[] = [];
    await run(options, started => queued.push(...take(started)));
    expect(queued.map(({ data }) => data.length)).toEqual([elements, elements]);
    for (const { index, data } of queued) {
      const row = Number(index) - 10;
      expect(
        Buffer.compare(
          Buffer.from(data.buffer),
          Buffer.from(output.slice(row * elements, (row + 1) * elements).buffer),
        ),
      ).toBe(0);
    }
  });

  it('have their steps told in pieces of any size, once the job is over', async () => {
    const room = (rows: number) => ({
      sample: new Uint32Array(rows),
      t: new Float64Array(rows),
      h: new Float64Array(rows),
      error: new Float64Array(rows),
      accepted: new Uint8Array(rows),
    });
    const [output, each] = [new Float32Array(30), figures(5)];
    const pieces: number[] = [];
    const rows: number[] = [];
    await run(job({ output, figures: each, trajectory: true }), started => {
      if (!started.outcome()) {
        expect(started.steps(room(3))).toBe(0);
        return;
      }
      expect(started.outcome()!.result.steps).toBe(100);
      // The shortest array says how many fit.
      for (let into = room(30), filled = 1; filled > 0; into = { ...room(50), accepted: new Uint8Array(19) }) {
        filled = started.steps(into);
        pieces.push(filled);
        rows.push(...into.sample.subarray(0, filled));
      }
    });
    expect(pieces).toEqual([30, 19, 19, 19, 13, 0]);
    expect(rows).toEqual([0, 1, 2, 3, 4].flatMap(row => Array<number>(20).fill(row)));
  });

  it('that were never begun are marked in the output', async () => {
    const [output, each] = [new Float32Array(30), figures(5)];
    const { result, aborted } = await run(
      job({ score: addon.createCallback(), batch: 2, output, figures: each }),
      started => {
        if (question(started)) started.abort();
      },
    );
    expect(aborted).toBe(true);
    expect(result.ended).toEqual([0, 0, 0, 0, 5]);
    expect(statuses(each)).toEqual(Array(5).fill('unfinished'));
    expect(output.every(Number.isNaN)).toBe(true);
  });
});

describe('memory that is not there', () => {
  it('is not asked for by the number of samples: only by who wants figures of each', async () => {
    const options = job({ shape: [1], score: gaussian(1), count: 2 ** 46 });
    const { result } = await run(options, started => {
      if (take(started).length > 0) started.abort();
    });
    expect(result.ended.reduce((sum, samples) => sum + samples)).toBe(2 ** 46);
  });

  it('for slots so large: the job fails, the process does not', async () => {
    const { error } = await run(job({ shape: [2 ** 46], count: 1, batch: 1, score: addon.createCallback() }));
    expect(error?.code).toBe('ERR_SDE_OUT_OF_MEMORY');
  });

  it('is not asked for where a batch is larger than the job', async () => {
    const options = job({ shape: [2 ** 22], count: 1, score: addon.createCallback(), batch: 65536 });
    const { error } = await run(options, started => {
      if (question(started, 2 ** 22)) started.fail();
    });
    expect(error?.code).toBe('ERR_SDE_CALLBACK_FAILED');
  });
});

describe('callback scores', () => {
  /** The score of N(0, I) under any VP schedule. */
  const answer = ({ x, out }: NativeQuestion) => {
    for (const [i, value] of x.entries()) out[i] = -value;
  };
  const answering = (reply: (question: NativeQuestion) => void) => (started: NativeJob) => {
    const asked = question(started);
    if (!asked) return;
    reply(asked);
    started.answer(asked.out);
  };

  it('are asked for exactly the rows of a call, and answer as the native score does', async () => {
    const [native, asked] = [new Float32Array(30), new Float32Array(30)];
    await run(job({ score: gaussian(6, 1), output: native }));
    const indices = new Set<bigint>();
    let rows = 0;
    const options = job({ score: addon.createCallback(), output: asked });
    const { result } = await run(
      options,
      answering(asked => {
        for (const index of asked.samples) indices.add(index);
        rows += asked.time.length;
        answer(asked);
      }),
    );
    expect([...indices].sort()).toEqual([10n, 11n, 12n, 13n, 14n]);
    expect(result.network.rows).toBe(rows);
    for (const [i, value] of native.entries()) expect(asked[i]).toBeCloseTo(value, 4);
  });

  it('ask the same question until it is answered, and take late answers for nothing', async () => {
    const output = new Float32Array(30);
    const finished = await run(job({ score: addon.createCallback(), output }), started => {
      const first = question(started)?.x;
      if (!first) return; // it may be asked from now on: the next wake tells
      answering(asked => {
        expect(asked.x).toEqual(first);
        answer(asked);
      })(started);
      started.answer(new Float32Array(24));
      started.answer(new Float32Array(24));
    });
    expect(finished.error).toBeUndefined();
    expect(output.every(Number.isFinite)).toBe(true);
  });

  it('fail the samples whose rows were forgotten, and only those', async () => {
    const each = figures(5);
    const options = job({ score: addon.createCallback(), output: new Float32Array(30), figures: each });
    const { result } = await run(
      options,
      answering(({ x, out, samples }) => {
        for (let i = 0; i < x.length; ++i) {
          if (samples[Math.floor(i / 6)] !== 12n) out[i] = -(x[i] as number);
        }
      }),
    );
    expect(statuses(each)).toEqual(['success', 'success', 'nonFinite', 'success', 'success']);
    expect(result.ended).toEqual([4, 1, 0, 0, 0]);
    expect(result.firstFailure).toEqual({ index: 12, status: 'nonFinite' });
  });

  it('end the job when they fail, with the figures up to there', async () => {
    let calls = 0;
    const each = figures(5);
    const options = job({ score: addon.createCallback(), figures: each });
    const { result, error, aborted } = await run(options, started => {
      const asked = question(started);
      if (!asked) return;
      if (++calls === 3) return started.fail();
      answer(asked);
      started.answer(asked.out);
    });
    expect(error?.code).toBe('ERR_SDE_CALLBACK_FAILED');
    expect(aborted).toBe(false);
    expect(result.network).toEqual({ calls: 2, rows: 8 });
    expect([...each.evaluations]).toEqual([2, 2, 2, 2, 0]);
    expect(statuses(each)[0]).toBe('unfinished');
    expect(result.ended).toEqual([0, 0, 0, 0, 5]);
  });

  it('can be aborted while they are being asked', async () => {
    const { aborted, error } = await run(job({ score: addon.createCallback() }), started => {
      if (question(started)) started.abort();
    });
    expect({ aborted, error }).toEqual({ aborted: true, error: undefined });
  });

  it('cannot answer in an array they gave away', async () => {
    const { error } = await run(job({ score: addon.createCallback() }), started => {
      const asked = question(started);
      if (!asked) return;
      structuredClone(asked.out.buffer, { transfer: [asked.out.buffer as ArrayBuffer] });
      expect(() => started.answer(asked.out)).toThrow(withCode('ERR_SDE_CALLBACK_FAILED'));
      started.fail();
    });
    expect(error?.code).toBe('ERR_SDE_CALLBACK_FAILED');
  });
});

describe('normals', () => {
  it('are the same bits from every variant', () => {
    const { variants } = addon.cpu();
    const normals = (sample: bigint, count: number, variant?: string) =>
      addon.normals(7n, sample, 2, new Float32Array(count), variant);
    const reference = normals(3n, 1000, variants[0]);
    for (const variant of variants) expect(normals(3n, 1000, variant)).toEqual(reference);
    expect(normals(3n, 10)).toEqual(reference.subarray(0, 10));
    expect(normals(4n, 10)).not.toEqual(reference.subarray(0, 10));
  });
});
