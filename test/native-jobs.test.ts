// Jobs of the addon, below the API: what they hand out, and the questions of callback scores.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { NativeJob, NativeQuestion, NativeSample } from '../src/native.js';
import { STATUSES } from '../src/words.js';
import { addon, gaussian, job, run } from './support/native-jobs.js';

const withCode = (code: string) => expect.objectContaining({ code });

it('progress counts samples in flight by how far their time has come', async () => {
  const score = addon.createCallback();
  const wanted: number[] = [];
  const told: number[] = [];
  const options = job({ score, count: 3, batch: 3, output: new Float32Array(18) });
  await run(options, started => {
    const question = started.question();
    if (!question) return;
    told.push(started.progress().fraction);
    wanted.push(question.time.reduce((sum, t) => sum + (1 - t) / (1 - 1e-3), 0) / 3);
    question.out.fill(0);
    started.answer();
  });
  // Twenty steps and the denoising, told while none is finished.
  expect(told).toHaveLength(21);
  for (const [i, fraction] of told.entries()) expect(fraction).toBeCloseTo(wanted[i], 9);
});

describe('samples', () => {
  it('reach output and queue alike, named by their own index', async () => {
    const output = new Float32Array(30);
    const { result, aborted, error } = await run(job({ output }));
    expect({ aborted, error }).toEqual({ aborted: false, error: undefined });
    expect([...result.evaluations]).toEqual([21, 21, 21, 21, 21]); // 20 steps and the denoising
    expect([...result.status].map(status => STATUSES[status])).toEqual(Array(5).fill('success'));
    expect(result.timing.solverMs).toBeCloseTo(result.timing.totalMs - result.timing.scoreMs, 6);

    const queued: NativeSample[] = [];
    await run(job(), started => queued.push(...started.take()));
    queued.sort((a, b) => Number(a.index - b.index));
    expect(queued.map(sample => sample.index)).toEqual([10n, 11n, 12n, 13n, 14n]);
    for (const [row, sample] of queued.entries()) expect(sample.data).toEqual(output.subarray(6 * row, 6 * row + 6));
  });

  it('wait for the reader, two batches at most', async () => {
    const started = addon.start(job({ count: 100 }), () => {});
    await sleep(300);
    expect(started.outcome()).toBeUndefined();
    expect(started.take()).toHaveLength(8);
    await sleep(100);
    expect(started.take()).toHaveLength(8); // it went on, and no further
    started.abort();
    while (!started.outcome()) await sleep(5);
    expect(started.outcome()?.aborted).toBe(true);
  });

  it('do not depend on what becomes of the caller’s arrays after the start', async () => {
    const initial = Float32Array.from({ length: 30 }, (_, i) => i / 30);
    const [first, second] = [new Float32Array(30), new Float32Array(30)];
    await run(job({ initial: initial.slice(), output: first }));
    const running = run(job({ initial, output: second }));
    structuredClone(initial.buffer, { transfer: [initial.buffer] });
    await running;
    expect(second).toEqual(first);
  });
});

describe('memory that is not there', () => {
  it('for slots so large: the job fails, the process does not', async () => {
    const { error } = await run(job({ shape: [2 ** 46], count: 1, batch: 1, score: addon.createCallback() }));
    expect(error?.code).toBe('ERR_SDE_OUT_OF_MEMORY');
  });

  it('is not asked for where a batch is larger than the job', async () => {
    const options = job({ score: addon.createCallback(), batch: 65536, shape: [2 ** 20] });
    const { error } = await run(options, started => {
      if (started.question()) started.fail();
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
    const question = started.question();
    if (!question) return;
    reply(question);
    started.answer();
  };

  it('are asked for exactly the rows of a call, and answer as the native score does', async () => {
    const [native, asked] = [new Float32Array(30), new Float32Array(30)];
    await run(job({ score: gaussian(6, 1), output: native }));
    const indices = new Set<bigint>();
    let rows = 0;
    const options = job({ score: addon.createCallback(), output: asked });
    const { result } = await run(
      options,
      answering(question => {
        expect([question.x, question.out, question.time, question.samples].map(array => array.length)).toEqual(
          [6, 6, 1, 1].map(width => width * question.rows),
        );
        for (const index of question.samples) indices.add(index);
        rows += question.rows;
        answer(question);
      }),
    );
    expect([...indices].sort()).toEqual([10n, 11n, 12n, 13n, 14n]);
    expect(result.network.rows).toBe(rows);
    for (const [i, value] of native.entries()) expect(asked[i]).toBeCloseTo(value, 4);
  });

  it('ask the same question until it is answered, and take late answers for nothing', async () => {
    const output = new Float32Array(30);
    const finished = await run(job({ score: addon.createCallback(), output }), started => {
      const again = started.question()?.x;
      answering(question => {
        expect(question.x).toEqual(again);
        answer(question);
      })(started);
      started.answer();
      started.answer();
    });
    expect(finished.error).toBeUndefined();
    expect(output.every(Number.isFinite)).toBe(true);
  });

  it('fail the samples whose rows were forgotten, and only those', async () => {
    const options = job({ score: addon.createCallback(), output: new Float32Array(30) });
    const { result } = await run(
      options,
      answering(({ x, out, samples }) => {
        for (let i = 0; i < x.length; ++i) {
          if (samples[Math.floor(i / 6)] !== 12n) out[i] = -(x[i] as number);
        }
      }),
    );
    expect([...result.status].map(status => STATUSES[status])).toEqual([
      'success',
      'success',
      'nonFinite',
      'success',
      'success',
    ]);
  });

  it('end the job when they fail, with the figures up to there', async () => {
    let calls = 0;
    const { result, error, aborted } = await run(job({ score: addon.createCallback() }), started => {
      const question = started.question();
      if (!question) return;
      if (++calls === 3) return started.fail();
      answer(question);
      started.answer();
    });
    expect(error?.code).toBe('ERR_SDE_CALLBACK_FAILED');
    expect(aborted).toBe(false);
    expect(result.network).toEqual({ calls: 2, rows: 8 });
    expect([...result.evaluations]).toEqual([2, 2, 2, 2, 0]);
    expect(STATUSES[result.status[0] as number]).toBe('unfinished');
  });

  it('can be aborted while they are being asked', async () => {
    const { aborted, error } = await run(job({ score: addon.createCallback() }), started => {
      if (started.question()) started.abort();
    });
    expect({ aborted, error }).toEqual({ aborted: true, error: undefined });
  });

  it('cannot answer in an array they gave away', async () => {
    const { error } = await run(job({ score: addon.createCallback() }), started => {
      const question = started.question();
      if (!question) return;
      structuredClone(question.out.buffer, { transfer: [question.out.buffer as ArrayBuffer] });
      expect(() => started.answer()).toThrow(withCode('ERR_SDE_CALLBACK_FAILED'));
      started.fail();
    });
    expect(error?.code).toBe('ERR_SDE_CALLBACK_FAILED');
  });
});

describe('normals', () => {
  it('are the same bits from every variant', () => {
    const { variants } = addon.cpu();
    const reference = addon.normals(7n, 3n, 2, 1000, variants[0]);
    for (const variant of variants) expect(addon.normals(7n, 3n, 2, 1000, variant)).toEqual(reference);
    expect(addon.normals(7n, 3n, 2, 10)).toEqual(reference.subarray(0, 10));
    expect(addon.normals(7n, 4n, 2, 10)).not.toEqual(reference.subarray(0, 10));
  });
});
