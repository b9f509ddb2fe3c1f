// How long large jobs keep the event loop from its next turn: work of JavaScript's own thread, so that other programs on
// the machine do not count.
//
//   node bench/event-loop.mjs

import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { callbackScore, eulerMaruyama, mixtureScore, sample, stream, torchScore, vp } from '../dist/esm/index.js';
import { keep } from './report.mjs';

const MILLIONS = 2 ** 24;
const numbers = new Float32Array(MILLIONS).fill(0.1);
const one = { weights: [1], variances: [1] };
const job = { sde: vp(), solver: eulerMaruyama({ steps: 1 }), finalDenoise: false, count: 1 };
const wide = { ...job, shape: [MILLIONS] };
const mixture = () => mixtureScore({ ...one, means: numbers });
const scalar = mixtureScore({ ...one, means: [[0]] });
const digits = 'examples/digits/digits.pt';

/** What is prepared, and what is measured with it. */
const WORK = [
  [
    'a model is loaded, LibTorch with it',
    () => {},
    () => torchScore(digits, { predicts: 'noise', timeInput: 'label' }),
  ],
  [
    '2^24 samples of one number',
    () => {},
    () => sample({ ...job, score: scalar, shape: [1], count: MILLIONS, batch: 4096 }),
  ],
  ['the first job of a mixture of 2^24 numbers', mixture, score => sample({ ...wide, score })],
  ['a job of one from another thread', () => structuredClone(mixture()), score => sample({ ...wide, score })],
  ['2^24 starting points', mixture, score => sample({ ...wide, score, initial: numbers })],
  ['a stream of samples of 2^24 numbers', mixture, score => streamed({ ...wide, score, count: 3, batch: 1 })],
  ['a callback asked for 2^24 numbers', () => callbackScore(() => {}), score => kept({ ...wide, score })],
  ['a job that is aborted', mixture, score => aborted({ ...wide, score, count: 64, batch: 2 })],
];

const kept = options => sample({ ...options, onFailure: 'keep' });
const aborted = options => sample({ ...options, signal: AbortSignal.timeout(100) }).catch(() => {});
async function streamed(options) {
  for await (const _ of stream(options));
}

/** Milliseconds. */
const worked = () => Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;

let [longest, last] = [0, worked()];
setInterval(() => {
  const now = worked();
  [longest, last] = [Math.max(longest, now - last), now];
}, 2).unref();

const results = [];
for (const [name, prepare, measured] of WORK) {
  const prepared = await prepare();
  await delay(50);
  longest = 0;
  await measured(prepared);
  await delay(20);
  results.push({ name, longest_ms: longest });
}
keep('event-loop', {
  title: 'The longest that a job keeps the event loop from its next turn',
  head: ['', 'ms of work'],
  rows: results.map(({ name, longest_ms }) => [name, longest_ms.toFixed(1)]),
  data: { results },
});
