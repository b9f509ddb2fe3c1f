/** Jobs for the tests of the addon itself, below the API. */
import { join } from 'node:path';
import { loadAddon, root } from '#binding';
import type {
  NativeAddon,
  NativeFigures,
  NativeJob,
  NativeJobOptions,
  NativeQuestion,
  NativeSample,
  NativeScore,
} from '../../src/native.js';
import { STATUSES } from '../../src/words.js';

export const addon = loadAddon() as NativeAddon;

/** N(0, v I), exactly. */
export function gaussian(elements: number, variance = 0.25): NativeScore {
  return addon.createMixture(Float64Array.of(1), new Float32Array(elements), Float64Array.of(variance));
}

export function job(changes: Record<string, unknown> = {}): NativeJobOptions {
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

/** Where a job writes what each of its samples cost. */
export function figures(count: number): NativeFigures {
  const words = () => new Uint32Array(count);
  return { evaluations: words(), accepted: words(), rejected: words(), status: new Uint8Array(count) };
}

export const statuses = ({ status }: NativeFigures) => [...status].map(code => STATUSES[code]);

export const take = (started: NativeJob, most = 1000): NativeSample[] => started.take(Float32Array, most);

/** What a job of six numbers a sample asks now, if anything. */
export function question(started: NativeJob, elements = 6): NativeQuestion | undefined {
  const most = started.rows;
  const room = {
    x: new Float32Array(most * elements),
    time: new Float64Array(most),
    samples: new BigInt64Array(most),
    out: new Float32Array(most * elements),
  };
  const rows = started.question(room);
  if (rows === undefined) return undefined;
  const { x, time, samples, out } = room;
  return {
    x: x.subarray(0, rows * elements),
    time: time.subarray(0, rows),
    samples: samples.subarray(0, rows),
    out: out.subarray(0, rows * elements),
  };
}

/** Runs a job to its end; `woken` is called whenever the addon calls. */
export function run(options: NativeJobOptions, woken: (job: NativeJob) => void = () => {}) {
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
export const endless = (changes: Record<string, unknown> = {}) =>
  job({ shape: [512], score: gaussian(512), count: 1e6, solver: { kind: 'eulerMaruyama', steps: 1000 }, ...changes });

export type Kind = 'output' | 'queue' | 'callback' | 'torch' | 'cuda' | 'paths';

/**
 * The source of a program, for a worker or a process, that starts three jobs of a kind, leaves them running and goes
 * on with `then`, where they are `jobs`. `small`: the jobs are over soon. The network is that of the digits: oneDNN's
 * convolutions make statics as late as in their first call. The CUDA device is the emulated one. Jobs over paths are
 * those of solve: with all paths kept, with steps, and with statistics.
 */
export function program(kind: Kind, then: string, { small = false } = {}): string {
  if (kind === 'paths') return pathsProgram(then);
  return `(async () => {
    const addon = require(${JSON.stringify(join(root, 'lib/binding.cjs'))}).loadAddon();
    const kind = ${JSON.stringify(kind)}, shape = kind === 'torch' ? [1, 28, 28] : [8, 8, 8];
    const elements = shape.reduce((a, b) => a * b), count = ${small ? 2 : 2000};
    const options = {
      schedule: { kind: 'vp', betaMin: 0.1, betaMax: 20 }, tStart: 1, tEnd: 1e-3, priorStd: 1,
      solver: { kind: 'eulerMaruyama', steps: ${small ? 10 : 1000} }, noise: 'bridge', finalDenoise: true,
      maxEvaluations: 0, seed: 1n, shape, firstIndex: 0n, count, batch: 4, padBatch: false, threads: 2,
      score: addon.createMixture(Float64Array.of(1), new Float32Array(elements), Float64Array.of(0.25)),
      predicts: 'score', timeInput: 't',
    };
    if (kind === 'cuda') {
      addon.openCuda(${JSON.stringify(join(root, 'build/Release/libfast_sde_cuda_emulated.so'))});
      options.device = 0;
    }
    if (kind === 'callback') options.score = addon.createCallback();
    if (kind === 'torch') {
      addon.openTorch(${JSON.stringify(join(root, 'build/Release/libfast_sde_torch.so'))});
      const path = ${JSON.stringify(join(root, 'examples/digits/digits.pt'))};
      const { buffer: bytes } = new Uint8Array(require('node:fs').readFileSync(path));
      options.score = await addon.loadModel({ path, bytes, device: 'cpu', dtype: 'float32', layout: 'auto' });
      Object.assign(options, { predicts: 'noise', timeInput: 'label' });
    }
    const jobs = [];
    for (let i = 0; i < 3; ++i) {
      if (kind !== 'queue') options.output = new Float32Array(count * elements);
      const job = addon.start(options, () => {
        const { rows } = job, out = new Float32Array(rows * elements);
        const room = { x: new Float32Array(rows * elements), time: new Float64Array(rows), samples: new BigInt64Array(rows), out };
        if (!job.question(room)) return;
        if (i > 0) job.answer(out); // the first is left parked in its question
      });
      jobs.push(job);
    }
    ${then}
  })();`;
}

function pathsProgram(then: string): string {
  return `{
    const { eulerMaruyama, itoSde, solve } = require(${JSON.stringify(join(root, 'dist/cjs/index.js'))});
    const oscillator = itoSde({ state: ['x', 'v'], equations: ['dx = v*dt', 'dv = -x*dt + x*dW1'] });
    const started = options => {
      const controller = new AbortController();
      const job = { t1: 1, x0: [1, 0], solver: eulerMaruyama({ steps: 1000 }), signal: controller.signal };
      solve(oscillator, { ...job, ...options }).catch(() => {});
      return controller;
    };
    const jobs = [
      started({ paths: 1e6 }),
      started({ paths: 1000, saveAt: 'steps', threads: 1 }),
      started({ paths: 1e7, reductions: { quantiles: [0.5] }, threads: 2 }),
    ];
    ${then}
  }`;
}
