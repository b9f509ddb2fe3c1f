// The digits network by each runtime, 32 rows a call: milliseconds a row, of the clock and of the processor.
//
//   node bench/runtimes.mjs [--rounds 12] [--steps 10]
//
// Programs take turns, and each one's median round is reported. Beside other work on the machine the clock says little;
// the processor's time (all threads of the process) says what the work is. Needs the build, LibTorch, onnxruntime-node.

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { eulerMaruyama, onnxScore, sample, torchScore, vp } from '../dist/esm/index.js';
import { keep, root } from './report.mjs';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '12' }, steps: { type: 'string', default: '10' } },
});
const [rounds, steps] = [Number(values.rounds), Number(values.steps)];
const ROWS = 32;
const cores = availableParallelism();
const conventions = { predicts: 'noise', timeInput: 'label' };
const digits = ending => join(root, 'examples', 'digits', `digits.${ending}`);
const onnx = networkThreads => onnxScore(digits('onnx'), { ...conventions, networkThreads });

/** Jobs at once that share the rows: name, scores, and options of the jobs. */
const programs = [
  ['TorchScript, channels_last', [await torchScore(digits('pt'), { ...conventions, layout: 'channels_last' })], {}],
  [
    'the same, 1 thread',
    [await torchScore(digits('pt'), { ...conventions, layout: 'channels_last' })],
    { networkThreads: 1 },
  ],
  [`ONNX, ${cores} threads`, [await onnx(cores)], {}],
  ['ONNX, 1 thread', [await onnx(1)], {}],
  ['ONNX, 2 scores of 1 thread, half the rows each', [await onnx(1), await onnx(1)], {}],
];

const runs = programs.map(() => []);
for (let round = 0; round <= rounds; ++round) {
  for (const [i, [, scores, options]] of programs.entries()) {
    const one = await timed(scores, options);
    // The first is the warm-up.
    if (round > 0) runs[i].push(one);
  }
}

async function timed(scores, options) {
  const count = ROWS / scores.length;
  const job = {
    sde: vp(),
    shape: [1, 28, 28],
    count,
    solver: eulerMaruyama({ steps }),
    finalDenoise: false,
    ...options,
  };
  const [start, before] = [performance.now(), process.cpuUsage()];
  const results = await Promise.all(scores.map((score, seed) => sample({ ...job, score, seed })));
  const clock = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  const rows = results.reduce((sum, { stats }) => sum + stats.network.rows, 0);
  return { clock: clock / rows, processor: (user + system) / 1000 / rows };
}

const median = numbers => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
const results = programs.map(([name], i) => ({
  name,
  clock: median(runs[i].map(({ clock }) => clock)),
  best: Math.min(...runs[i].map(({ clock }) => clock)),
  processor: median(runs[i].map(({ processor }) => processor)),
  // Paired: of each round the ratio to the first program.
  ratio: median(runs[i].map(({ clock }, round) => clock / runs[0][round].clock)),
}));
keep('runtimes', {
  title: `The digits network by each runtime, ${ROWS} rows a call`,
  head: ['', 'ms a row', 'best', 'of TorchScript', 'processor ms a row'],
  rows: results.map(({ name, clock, best, ratio, processor }) => [
    name,
    clock.toFixed(3),
    best.toFixed(3),
    `${ratio.toFixed(2)}x`,
    processor.toFixed(3),
  ]),
  notes: [`Medians of ${rounds} rounds of ${steps} calls in turn; the ratio is the median of the rounds' ratios.`],
  data: { results },
});
