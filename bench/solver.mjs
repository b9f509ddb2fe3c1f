// The solver alone: an exact Gaussian score in 3072 dimensions, 64 samples, rtol 0.05; time outside the score.
//
//   node bench/solver.mjs [--repeats 5]
//
// The peer is the paper's loop in PyTorch, on the same machine in the same run. The kernels' own figures (normals a
// second, bytes a second beside a plain copy) come from native/bench, which is brought up to date here.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { adaptive, mixtureScore, sample, summary, vp } from '../dist/esm/index.js';
import { findLibTorch } from '../lib/libtorch.mjs';
import { buildNative } from '../scripts/build-native.mjs';
import { keep, medianRun, peer, root, table, variance } from './report.mjs';

const { values } = parseArgs({ options: { repeats: { type: 'string', default: '5' } } });
const repeats = Number(values.repeats);
const [count, elements] = [64, 3072];

const score = mixtureScore({ weights: [1], means: [new Float32Array(elements)], variances: [0.25] });

function ours(options) {
  return async seed => {
    const job = { sde: vp(), score, shape: [elements], count, batch: count, seed, ...options };
    const solver = adaptive({ rtol: 0.05, atol: 0.0078 });
    await sample({ ...job, solver }); // wakes the cores after the other program, as the peer's own warm-up does
    const { samples, stats } = await sample({ ...job, solver });
    const figures = summary(stats);
    return {
      seconds: figures.solverMs / 1000,
      score_seconds: figures.scoreMs / 1000,
      calls: figures.networkCalls,
      mean_evaluations: figures.meanEvaluations,
      rejected_share: figures.rejectedShare,
      variance: variance(samples),
    };
  };
}

function paper(seed) {
  const args = ['--gaussian', '--count', count, '--rtol', '0.05', '--seed', seed];
  const { seconds, network_seconds, ...figures } = peer('paper_loop.py', args.map(String));
  return { ...figures, seconds: seconds - network_seconds, score_seconds: network_seconds };
}

const programs = [
  ["the paper's loop, PyTorch", paper],
  ["fast-sde, noise: 'redraw'", ours({ noise: 'redraw' })],
  ['fast-sde', ours({})],
  ['fast-sde, one thread', ours({ threads: 1 })],
];
const runs = programs.map(() => []);
for (let repeat = 1; repeat <= repeats; ++repeat) {
  for (const [i, [, program]] of programs.entries()) runs[i].push(await program(repeat));
}

const results = programs.map(([name], i) => ({ name, ...medianRun(runs[i]) }));
const [base] = results;
const kernels = kernelFigures();
keep('solver', {
  title: `The solver alone: ${count} samples in ${elements} dimensions, exact score, rtol 0.05`,
  head: ['', 'ms outside score', 'less', 'µs a call', 'calls', 'mean eval.', 'rejected', 'variance / truth'],
  rows: results.map(one => [
    one.name,
    (1000 * one.seconds).toFixed(1),
    `${(base.seconds / one.seconds).toFixed(1)}x`,
    ((1e6 * one.seconds) / one.calls).toFixed(0),
    one.calls,
    one.mean_evaluations.toFixed(1),
    `${(100 * one.rejected_share).toFixed(1)} %`,
    (one.variance / 0.25).toFixed(4),
  ]),
  notes: [`Median of ${repeats} runs, taken in turns.`, ...kernelTable(kernels)],
  data: { torch: base.torch, repeats, results, kernels },
});

function kernelFigures() {
  const program = join(root, 'build', 'Release', 'bench_cpu');
  buildNative({ torchDir: findLibTorch({ root }).found?.cmakeDir, bench: true });
  const done = spawnSync(program, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${program}: ${done.error ?? done.stderr}`);
  return JSON.parse(done.stdout);
}

function kernelTable({ variants, chosen, copy_gb_per_s_one_core: copy }) {
  const rows = Object.entries(variants).map(([name, one]) => [
    name === chosen ? `${name} (chosen here)` : name,
    one.normals_per_s_one_core.toExponential(2),
    one.pass_gb_per_s_one_core.toFixed(1),
    one.pass_ns_per_element.toFixed(2),
  ]);
  const head = ['kernels, one core', 'normals a second', 'GB/s', 'ns an element'];
  return ['## Kernels', table(head, rows), `A plain copy (memcpy) moves ${copy.toFixed(1)} GB/s on one core.`];
}
