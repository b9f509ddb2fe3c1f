// Jobs of many kinds, several at once, for a given time, with the addon that FAST_SDE_PREBUILD names: the program that
// runs under sanitizers (scripts/sanitize.mjs). Each ends in samples or in a typed error.
//
//   node test/sanitized/mixed-jobs.mjs SECONDS [--network]
//
// --network: some of them with the digits network, whose LibTorch is not sanitized.

import assert from 'node:assert/strict';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import * as sde from '../../dist/esm/index.js';
import { PATH_KINDS, pathPlans } from './path-jobs.mjs';

const { positionals, values } = parseArgs({ options: { network: { type: 'boolean' } }, allowPositionals: true });
const [seconds = '30'] = positionals;
const { network } = values;
const SEED = 1;
const WORKERS = 4;

/** Numbers of a sample: around the 4 of a group of normals, and a tile of 1024. */
const ELEMENTS = [1, 3, 4, 17, 784, 1024, 1025, 3000];

/** What decides about a job; `samples` and `steps` keep it short. */
const plans = fc.record({
  kind: fc.constantFrom(
    ...'sample sample stream stream abort abort worker wrong drop solve'.split(' '),
    ...Object.keys(PATH_KINDS),
  ),
  elements: fc.constantFrom(...ELEMENTS),
  score: fc.constantFrom(
    'mixture',
    'mixture',
    'callback',
    'later',
    'nan',
    'throws',
    'transfers',
    ...(network ? ['network'] : []),
  ),
  components: fc.integer({ min: 1, max: 4 }),
  process: fc.constantFrom('vp', 'subVp', 've', 'affine', 'discrete'),
  solver: fc.constantFrom('adaptive', 'adaptive', 'eulerMaruyama', 'sdeDpmSolver'),
  steps: fc.integer({ min: 1, max: 20 }),
  count: fc.integer({ min: 1, max: 40 }),
  pause: fc.integer({ min: 0, max: 60 }),
  taken: fc.integer({ min: 0, max: 20 }),
  options: fc.record(
    {
      batch: fc.constantFrom(1, 3, 32, 100, 'auto'),
      padBatch: fc.boolean(),
      threads: fc.integer({ min: 0, max: 5 }),
      noise: fc.constantFrom('bridge', 'bridge', 'redraw', 'retain'),
      finalDenoise: fc.boolean(),
      maxEvaluations: fc.constantFrom(0, 1, 2, 37),
      onFailure: fc.constantFrom('keep', 'throw'),
      seed: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      firstIndex: fc.integer({ min: 0, max: 2 ** 40 }),
      trajectory: fc.boolean(),
    },
    { requiredKeys: [] },
  ),
  initial: fc.boolean(),
  path: pathPlans,
  wrong: fc.constantFrom(
    ['count', -1],
    ['shape', [0]],
    ['shape', [2 ** 40]],
    ['seed', 1.5],
    ['sde', {}],
    ['score', { kind: 'mixture' }],
    ['initial', new Float32Array(1)],
    ['batch', 2 ** 40],
    ['xyz', 1],
    ['signal', {}],
  ),
});

const PROCESSES = {
  vp: () => sde.vp(),
  subVp: () => sde.subVp(),
  ve: () => sde.ve(),
  affine: () => sde.affine({ alpha: t => 1 - 0.9 * t, sigma: t => 0.01 + t }),
  discrete: () => sde.discrete({ betas: Float64Array.from({ length: 100 }, (_, k) => 1e-3 + 2e-3 * k) }),
};

const SOLVERS = {
  adaptive: () => sde.adaptive({ rtol: 0.2 }),
  eulerMaruyama: ({ steps }) => sde.eulerMaruyama({ steps }),
  sdeDpmSolver: ({ steps }) => sde.sdeDpmSolver({ steps }),
};

const negative = (x, out) => {
  for (let i = 0; i < x.length; ++i) out[i] = -x[i];
};

const CALLBACKS = {
  callback: (x, _t, out) => negative(x, out),
  later: async (x, _t, out) => {
    await setImmediate();
    negative(x, out);
  },
  nan: (x, _t, out) => void out.fill(x[0] > 1 ? Number.NaN : 0),
  throws: (x, _t, out) => {
    if (x[0] > 2) throw new Error('on purpose');
    negative(x, out);
  },
  transfers: (x, _t, out) => {
    negative(x, out);
    structuredClone(x.buffer, { transfer: [x.buffer] });
  },
};

/** Another model each time, which the collector frees. */
const digits = () => sde.torchScore('examples/digits/digits.pt', { predicts: 'noise', timeInput: 'label' });

async function scoreOf({ score, components, elements }) {
  if (score === 'network') return digits();
  if (score !== 'mixture') return sde.callbackScore(CALLBACKS[score]);
  const numbers = Array.from({ length: components }, (_, k) => k + 1);
  return sde.mixtureScore({
    weights: numbers,
    means: numbers.map(k => new Float32Array(elements).fill(k / 4 - 0.5)),
    variances: numbers.map(k => 0.01 * k),
  });
}

/** A network is slow: few samples, which are given up soon. */
const SMALL = { shape: [1, 28, 28], count: 3, batch: 2, maxEvaluations: 3 };

const numbersOf = ({ shape, count }) => shape.reduce((product, size) => product * size, count);

async function optionsOf(plan) {
  const options = {
    sde: PROCESSES[plan.process](),
    score: await scoreOf(plan),
    shape: [plan.elements],
    count: plan.count,
    solver: SOLVERS[plan.solver](plan),
    maxEvaluations: 60,
    ...plan.options,
    ...(plan.score === 'network' && SMALL),
  };
  if (plan.initial) options.initial = new Float32Array(numbersOf(options)).fill(0.5);
  return options;
}

const KINDS = {
  async sample(plan) {
    const options = await optionsOf(plan);
    const { samples, stats } = await sde.sample(options);
    assert.equal(samples.length, numbersOf(options));
    assert.equal(stats.evaluations.length, options.count);
  },
  async stream(plan) {
    const { trajectory: _, ...options } = await optionsOf(plan);
    let taken = 0;
    for await (const { data } of sde.stream(options)) {
      assert.ok(data.length > 0);
      if (++taken > plan.taken) break;
    }
  },
  async abort(plan) {
    const signal = AbortSignal.timeout(plan.pause);
    await sde.sample({ ...(await optionsOf(plan)), count: 10_000, initial: undefined, signal });
  },
  /** Begins to read a stream and lets go of it: the collector ends the job. */
  async drop(plan) {
    const { trajectory: _, ...options } = await optionsOf(plan);
    await sde.stream(options).next();
  },
  async wrong(plan) {
    const [option, value] = plan.wrong;
    await sde.sample({ ...(await optionsOf(plan)), [option]: value });
    throw new Error(`${option} was taken`);
  },
  /** Jobs in a thread of its own, which is ended in the midst of them. */
  async worker(plan) {
    const worker = new Worker(new URL('long-jobs.mjs', import.meta.url));
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await delay(plan.pause);
    await worker.terminate();
  },
};

for (const [kind, run] of Object.entries(PATH_KINDS)) KINDS[kind] = ({ path }) => run(path);

const done = Object.fromEntries(Object.keys(KINDS).map(kind => [kind, 0]));
const failed = {};

async function once(plan) {
  try {
    await KINDS[plan.kind](plan);
  } catch (error) {
    if (!(error instanceof sde.SdeError)) throw error;
    failed[error.code] = (failed[error.code] ?? 0) + 1;
  }
  done[plan.kind]++;
}

/** Endless; the same after the same seed. Begins with one of each kind, for a machine that is busy. */
function* drawn() {
  const kinds = Object.keys(KINDS);
  const first = fc.sample(plans, { numRuns: kinds.length, seed: SEED });
  yield* kinds.map((kind, i) => ({ ...first[i], kind }));
  for (let round = 0; ; ++round) yield* fc.sample(plans, { numRuns: 200, seed: 1000 * SEED + round });
}

process.on('warning', () => {}); // of samples out of range
const end = Date.now() + 1000 * Number(seconds);
const waiting = drawn();
const work = async () => {
  while (Date.now() < end) {
    const { value: plan } = waiting.next();
    try {
      await once(plan);
    } catch (error) {
      throw new Error(`with ${fc.stringify(plan)}`, { cause: error });
    }
  }
};
await Promise.all(Array.from({ length: WORKERS }, work));
assert(
  Object.values(done).every(count => count > 0),
  `no job of a kind was run: ${JSON.stringify(done)}`,
);
console.log(`jobs: ${JSON.stringify(done)}; errors: ${JSON.stringify(failed)}`);
