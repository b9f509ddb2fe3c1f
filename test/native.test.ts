// The addon itself, below the API: wrong types, lifetimes, threads. What the numbers mean is tested elsewhere.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { loadAddon, root } from '#binding';
import {
  type NativeAddon,
  type NativeJob,
  type NativeJobOptions,
  type NativeQuestion,
  type NativeResult,
  type NativeSample,
  type NativeScore,
  STATUSES,
} from '../src/native.js';

const addon = loadAddon() as NativeAddon;
setFlagsFromString('--expose-gc');
const gc: () => void = runInNewContext('gc');

/** N(0, v I), exactly. */
function gaussian(elements: number, variance = 0.25): NativeScore {
  return addon.createMixture(Float64Array.of(1), new Float32Array(elements), Float64Array.of(variance));
}

function job(changes: Record<string, unknown> = {}): NativeJobOptions {
  return {
    schedule: { kind: 'vp', betaMin: 0.1, betaMax: 20 },
    tStart: 1,
    tEnd: 1e-3,
    priorStd: 1,
    solver: { kind: 'eulerMaruyama', steps: 20 },
    noise: 'bridge',
    finalDenoise: true,
    maxEvaluations: 0,
    seed: 1n,
    shape: [2, 3],
    firstIndex: 10n,
    count: 5,
    batch: 4,
    padBatch: false,
    threads: 1,
    score: gaussian(6),
    predicts: 'score',
    timeInput: 't',
    ...changes,
  } as NativeJobOptions;
}

/** Runs a job to its end; `woken` is called whenever the addon calls. */
function run(options: NativeJobOptions, woken: (job: NativeJob) => void = () => {}) {
  return new Promise<NonNullable<ReturnType<NativeJob['outcome']>>>((resolve, reject) => {
    const started = addon.start(options, () => {
      try {
        woken(started);
        const outcome = started.outcome();
        if (outcome) resolve(outcome);
      } catch (error) {
        started.abort();
        reject(error);
      }
    });
  });
}

/** Never ends by itself in the time a test has. */
const endless = (changes: Record<string, unknown> = {}) =>
  job({ shape: [512], score: gaussian(512), count: 1e6, solver: { kind: 'eulerMaruyama', steps: 1000 }, ...changes });

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
    threads: [-1, 1e9],
    score: [undefined, null, 1, {}, Object.create(gaussian(6) as object), addon.createMixture, new Map()],
    predicts: ['eps'],
    timeInput: ['T'],
    initial: [new Float64Array(30), new Float32Array(29), [1]],
    condition: [new Float64Array(5), new Int32Array(0), new Int32Array(6), 'label'],
    unconditional: [new Int32Array(1)],
    guidanceScale: ['2', Number.NaN],
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
      { shape: [2 ** 30], batch: 2 ** 30 },
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
      ['setTorchThreads', [0]],
      ['loadModel', [{ path: 1 }]],
      ['normals', []],
      ['normals', [1n, 0n, -1, 4]],
      ['normals', [1n, 0n, 0, 4, 'mmx']],
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

describe('lifetimes', () => {
  it('many jobs at once do not disturb each other', async () => {
    const alone = new Float32Array(30);
    await run(job({ output: alone }));
    const outputs = Array.from({ length: 40 }, () => new Float32Array(30));
    await Promise.all(outputs.map(output => run(job({ output }))));
    for (const output of outputs) expect(output).toEqual(alone);
  });

  it('progress is coalesced and comes to its end', async () => {
    let wakes = 0;
    let last = 0;
    const began = performance.now();
    await run(job({ shape: [512], score: gaussian(512), count: 64, output: new Float32Array(64 * 512) }), started => {
      ++wakes;
      const { fraction } = started.progress();
      expect(fraction).toBeGreaterThanOrEqual(last);
      last = fraction;
    });
    expect(last).toBe(1);
    expect(wakes).toBeLessThanOrEqual(2 + (performance.now() - began) / 50);
  });

  it('an abort ends a job at once', async () => {
    const started = addon.start(endless(), () => {});
    await sleep(20);
    const began = performance.now();
    started.abort();
    while (!started.outcome()) await sleep(1);
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it('jobs nobody holds are collected: their threads end', async () => {
    const ended = new Promise<void>(resolve => {
      // Its wake callback does not hold the job, so that the collector may take it.
      addon.start(job({ score: addon.createCallback() }), counted(2, resolve));
    });
    const collecting = setInterval(gc, 10);
    await ended;
    clearInterval(collecting);
  });

  it('a score may be collected while a job runs on it', async () => {
    const output = new Float32Array(64 * 512);
    const running = run(job({ shape: [512], score: gaussian(512), count: 64, output }));
    for (let i = 0; i < 10; ++i) {
      gc();
      await sleep(1);
    }
    const { result } = await running;
    expect([...(result as NativeResult).status].every(status => status === 0)).toBe(true);
  });

  // In a worker or process of its own: starts three jobs of one kind, says so, and leaves them running.
  const program = (kind: string) => `
    const addon = require(${JSON.stringify(path.join(root, 'lib/binding.cjs'))}).loadAddon();
    const elements = 512, count = 2000;
    const mixture = addon.createMixture(Float64Array.of(1), new Float32Array(elements), Float64Array.of(0.25));
    const options = {
      schedule: { kind: 'vp', betaMin: 0.1, betaMax: 20 }, tStart: 1, tEnd: 1e-3, priorStd: 1,
      solver: { kind: 'eulerMaruyama', steps: 1000 }, noise: 'bridge', finalDenoise: true, maxEvaluations: 0, seed: 1n,
      shape: [elements], firstIndex: 0n, count, batch: 4, padBatch: false, threads: 2, score: mixture,
      predicts: 'score', timeInput: 't',
    };
    for (let i = 0; i < 3; ++i) {
      const kind = ${JSON.stringify(kind)};
      if (kind === 'output') options.output = new Float32Array(count * elements);
      if (kind === 'callback') options.score = addon.createCallback();
      const job = addon.start(options, () => {
        if (!job.question()) return;
        if (i > 0) job.answer(); // the first is left parked in its question
      });
    }`;

  for (const kind of ['output', 'queue', 'callback']) {
    it(`a worker is terminated in the middle of jobs (${kind})`, async () => {
      const terminate = async (delay: number) => {
        const code = `${program(kind)} require('node:worker_threads').parentPort.postMessage('started');`;
        const worker = new Worker(code, { eval: true });
        await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
        await sleep(delay);
        expect(await worker.terminate()).toBe(1);
      };
      for (let round = 0; round < 3; ++round) await Promise.all([0, 5, 20].map(terminate));
    });

    it(`a process exits in the middle of jobs (${kind})`, () => {
      const code = `${program(kind)} setTimeout(() => process.exit(7), 50);`;
      const { status, signal, stderr } = spawnSync(process.execPath, ['-e', code], { timeout: 30_000 });
      expect({ status, signal, stderr: String(stderr) }).toEqual({ status: 7, signal: null, stderr: '' });
    });
  }

  it('a running job keeps the process alive until it has ended, and no longer', () => {
    const code = `${program('queue').replace('count = 2000', 'count = 2').replace('steps: 1000', 'steps: 10')}
      process.on('exit', () => process.stdout.write('done'));`;
    const { status, stdout } = spawnSync(process.execPath, ['-e', code], { timeout: 30_000 });
    expect({ status, stdout: String(stdout) }).toEqual({ status: 0, stdout: 'done' });
  });

  it('an exception in the wake callback is an uncaught one', () => {
    const code = `${program('callback')}
      process.on('uncaughtException', (error) => { process.stdout.write(error.message); process.exit(0); });
      addon.start(options, () => { throw new Error('from wake'); });`;
    const { stdout } = spawnSync(process.execPath, ['-e', code], { timeout: 30_000 });
    expect(String(stdout)).toBe('from wake');
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

function counted(calls: number, then: () => void): () => void {
  let left = calls;
  return () => {
    if (--left === 0) then();
  };
}
