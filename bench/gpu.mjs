// Digits at rtol 0.05 on an NVIDIA GPU: `sample` with several numbers of slots, and against an own PyTorch program that
// does what the paper's code does, on the same device in the same run.
//
//   node bench/gpu.mjs [--count 4096] [--repeats 3] [--slots 64,128,256,512,1024,2048] [--all-peers] [--kernels FILE]
//
// First every number of slots has one run after an unrecorded one. Then the programs take turns, fast-sde with the slots
// that were best; each one's median run is reported. Loading, warming up and compiling is in nobody's time. A program
// that fails is named and left out. `--kernels`: what build/Release/bench_cuda printed before; else it is run here, if
// it is there. FAST_SDE_GPU_QUICK=1: few digits, one turn.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { adaptive, sample, torchScore, vp } from '../dist/esm/index.js';
import { keep, medianRun, peer, root, table, timedSample } from './report.mjs';

const quick = process.env.FAST_SDE_GPU_QUICK === '1';
const { values } = parseArgs({
  options: {
    model: { type: 'string', default: join(root, 'examples', 'digits', 'digits.pt') },
    count: { type: 'string', default: quick ? '512' : '4096' },
    repeats: { type: 'string', default: quick ? '1' : '3' },
    slots: { type: 'string', default: quick ? '128,256' : '64,128,256,512,1024,2048' },
    'all-peers': { type: 'boolean', default: false },
    kernels: { type: 'string' },
  },
});
const [count, repeats, slots] = [Number(values.count), Number(values.repeats), values.slots.split(',').map(Number)];
const tolerances = { rtol: 0.05, atol: 0.0078 };
const dtypes = ['float32', 'tf32', 'bfloat16'];
const scores = new Map();
const failures = [];

async function bench() {
  const kernels = kernelFigures();
  const sweep = await slotSweep();
  const results = await takeTurns([...peers(), ...(await fastSde(sweep))]);
  if (failures.length > 0) process.exitCode = 1;
  if (results.length === 0 && !kernels) return;
  const headline = headlines(results, kernels);
  keep(`gpu-${gpu.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}${quick ? '-quick' : ''}`, {
    title: `${count} digits at rtol ${tolerances.rtol} on ${gpu.name}`,
    ...turnsTable(results),
    notes: [
      `Median run of ${repeats} (the faster of two), taken in turns. "µs a row" is the network alone; choosing the slots is in the time of ` +
        "batch: 'auto'. float32 is exact in every row named so: PyTorch's own default would round the factors of convolutions to tf32.",
      ...reasons(results),
      ...(headline.length > 0 ? [headline.map(line => `- ${line}`).join('\n')] : []),
      ...sweepTable(sweep),
      ...kernelTable(kernels),
      ...failures.map(one => `Failed: ${one}`),
    ],
    data: {
      gpu,
      torch: results.find(one => one.torch)?.torch,
      ...{ count, repeats, ...tolerances, headline, results, sweep, kernels, failures },
    },
  });
}

/** The first device that this process may use. */
function device() {
  const [chosen] = (process.env.CUDA_VISIBLE_DEVICES ?? '').split(',');
  const query = ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader'];
  const asked = spawnSync('nvidia-smi', [...query, ...(chosen ? ['-i', chosen] : [])], { encoding: 'utf8' });
  if (asked.status !== 0 || asked.stdout.trim() === '') return undefined;
  const [name, driver, memory] = asked.stdout
    .split('\n')[0]
    .split(',')
    .map(field => field.trim());
  return { name, driver, memory };
}

/** Undefined where it fails: the others go on. */
async function attempt(name, action) {
  try {
    return await action();
  } catch (error) {
    console.error(`${name}: ${error.message}`);
    failures.push(`${name}: ${error.message.trim().split('\n').at(-1)}`);
    return undefined;
  }
}

function paper(...form) {
  const { rtol, atol } = tolerances;
  const fixed = ['--device', 'cuda', '--digits', values.model, '--count', count, '--rtol', rtol, '--atol', atol];
  return seed => ({ slots: count, ...peer('paper_loop.py', [...fixed, '--seed', seed, ...form].map(String)) });
}

function peers() {
  const more = [
    ["the paper's loop, network frozen in channels_last, tf32", paper('--form', 'frozen', '--tf32')],
    ["the paper's loop, torch.compile, tf32", paper('--form', 'compile', '--tf32')],
    ["the paper's loop, torch.compile max-autotune, tf32", paper('--form', 'compile-max', '--tf32')],
  ];
  return [
    ["the paper's loop, eager float32", paper('--form', 'eager')],
    ["the paper's loop, eager tf32", paper('--form', 'eager', '--tf32')],
    ["the paper's loop, torch.compile, float32", paper('--form', 'compile')],
    ...(values['all-peers'] ? more : []),
  ];
}

async function ours(dtype, batch) {
  if (!scores.has(dtype)) {
    const options = { predicts: 'noise', timeInput: 'label', device: 'cuda', dtype };
    scores.set(dtype, await torchScore(values.model, options));
  }
  const job = { sde: vp(), score: scores.get(dtype), shape: [1, 28, 28], solver: adaptive(tolerances), count, batch };
  await sample({ ...job, seed: 0 });
  return async seed => {
    const { stats, figures } = await timedSample({ ...job, seed });
    return { slots: stats.batch, ...figures, device: stats.device, graph: stats.graph };
  };
}

async function slotSweep() {
  const sweep = [];
  for (const dtype of dtypes) {
    for (const batch of slots) {
      const name = `fast-sde, ${dtype}, ${batch} slots`;
      const run = await attempt(name, async () => (await ours(dtype, batch))(1));
      if (run === undefined) break; // larger ones would fail in the same way
      sweep.push({ dtype, ...run });
      console.error(`${name}: ${run.seconds.toFixed(2)} s`);
    }
  }
  return sweep;
}

async function fastSde(sweep) {
  const programs = [];
  for (const dtype of dtypes) {
    const [best] = sweep.filter(one => one.dtype === dtype).sort((a, b) => a.seconds - b.seconds);
    for (const batch of best ? [best.slots, 'auto'] : []) {
      const name = `fast-sde, ${dtype}${batch === 'auto' ? ", batch: 'auto'" : ''}`;
      const program = await attempt(name, () => ours(dtype, batch));
      if (program) programs.push([name, program]);
    }
  }
  return programs;
}

async function takeTurns(programs) {
  const runs = programs.map(() => []);
  for (let repeat = 1; repeat <= repeats; ++repeat) {
    for (const [i, [name, program]] of programs.entries()) {
      if (runs[i] === undefined) continue;
      const run = await attempt(name, () => program(repeat));
      if (run === undefined) {
        runs[i] = undefined;
        continue;
      }
      runs[i].push(run);
      console.error(`${repeat}/${repeats} ${name}: ${run.seconds.toFixed(2)} s`);
    }
  }
  return programs.flatMap(([name], i) => (runs[i] ? [{ name, ...medianRun(runs[i]) }] : []));
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}

function outside(one) {
  return one.solver_share ?? 1 - one.network_seconds / one.seconds;
}

function eager(results) {
  return results.find(one => one.name === "the paper's loop, eager float32");
}

function turnsTable(results) {
  const base = eager(results);
  return {
    head: [
      ...['', 'slots', 'seconds', 'digits/s', 'faster', 'µs a row', 'calls', 'rows', 'mean eval.', 'max', 'rejected'],
      ...['outside network', 'CUDA graph'],
    ],
    rows: results.map(one => [
      one.name,
      one.slots,
      one.seconds.toFixed(2),
      Math.round(count / one.seconds),
      base ? `${(base.seconds / one.seconds).toFixed(2)}x` : '',
      ((1e6 * one.network_seconds) / one.rows).toFixed(2),
      one.calls,
      one.rows,
      one.mean_evaluations.toFixed(1),
      one.max_evaluations,
      percent(one.rejected_share),
      percent(outside(one)),
      one.graph ? (one.graph.captured ? 'yes' : 'no') : '',
    ]),
  };
}

/** Why passes did not run as CUDA graphs, each reason once. */
function reasons(results) {
  const given = results.filter(one => one.graph && !one.graph.captured).map(one => one.graph.reason);
  return [...new Set(given)].map(reason => `No CUDA graph: ${reason}`);
}

function sweepTable(sweep) {
  const done = dtypes.filter(dtype => sweep.some(one => one.dtype === dtype));
  if (done.length === 0) return [];
  const cells = (batch, dtype) => {
    const one = sweep.find(run => run.dtype === dtype && run.slots === batch);
    return one ? [Math.round(count / one.seconds), percent(outside(one))] : ['', ''];
  };
  const head = ['slots', ...done.flatMap(dtype => [`${dtype}, digits/s`, 'outside network'])];
  const sizes = [...new Set(sweep.map(one => one.slots))];
  const rows = sizes.map(batch => [batch, ...done.flatMap(dtype => cells(batch, dtype))]);
  return ['## Slots', table(head, rows), 'One run each, after an unrecorded one.'];
}

function kernelFigures() {
  if (values.kernels) return JSON.parse(readFileSync(values.kernels, 'utf8'));
  const program = join(root, 'build', 'Release', 'bench_cuda');
  if (!existsSync(program)) return undefined;
  const done = spawnSync(program, { encoding: 'utf8' });
  if (done.status === 0) return JSON.parse(done.stdout);
  failures.push(`bench_cuda: ${done.error?.message ?? done.stderr.trim().split('\n').at(-1)}`);
  return undefined;
}

function kernelTable(kernels) {
  if (!kernels) return [];
  const rows = kernels.passes.map(one => [
    one.slots,
    one.elements,
    one.us.toFixed(1),
    one.gb_per_s.toFixed(0),
    `${one.percent_of_copy.toFixed(1)} %`,
    one.equal_copy_us.toFixed(1),
  ]);
  return [
    '## The fused pass',
    table(['slots', 'elements', 'µs', 'GB/s', 'of copy', 'equal copy, µs'], rows),
    `A device-to-device copy of 1 GiB moves ${kernels.copy_gb_per_s.toFixed(0)} GB/s, bytes read and written counted: the percentages ` +
      'are of that. An equal copy is one of as many bytes as the pass has to move.',
  ];
}

/** What the run was made for, in a line each. */
function headlines(results, kernels) {
  const lines = [];
  const base = eager(results);
  const compiled = results.find(one => one.name.endsWith('torch.compile, float32'));
  for (const dtype of dtypes) {
    const [best] = results
      .filter(one => one.name.startsWith(`fast-sde, ${dtype}`))
      .sort((a, b) => a.seconds - b.seconds);
    if (!best) continue;
    const beside = [
      base && `${(base.seconds / best.seconds).toFixed(2)}x eager float32`,
      compiled && `${(compiled.seconds / best.seconds).toFixed(2)}x torch.compile float32`,
      `${percent(outside(best))} outside the network`,
    ];
    const figures = [`${Math.round(count / best.seconds)} digits/s`, ...beside.filter(Boolean)];
    lines.push(`${dtype}, ${best.slots} slots: ${figures.join(', ')}`);
  }
  const large = kernels?.passes.filter(one => one.slots >= 256 && one.elements >= 3072) ?? [];
  if (large.length > 0) {
    const least = Math.min(...large.map(one => one.percent_of_copy));
    lines.push(`the fused pass at 256 slots x 3072 elements and larger: at least ${least.toFixed(1)} % of a copy`);
  }
  return lines;
}

const gpu = device();
if (gpu) await bench();
else console.log('skipped: no NVIDIA GPU');
