// What every benchmark needs: the peer's Python, the machine in words, median runs, tables, files of results.

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sample, summary } from '../dist/esm/index.js';
import { findLibTorch } from '../lib/libtorch.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs a peer program with the Python whose LibTorch ours uses, and returns the JSON it prints. */
export function peer(program, args) {
  const python = process.env.FAST_SDE_PYTHON || findLibTorch({ root }).found?.python || 'python3';
  const done = spawnSync(python, ['-W', 'ignore', join(root, 'bench', 'peers', program), ...args], {
    encoding: 'utf8',
    cwd: root,
  });
  if (done.status !== 0) throw new Error(`${python} ${program} ${args.join(' ')}: ${done.error ?? done.stderr}`);
  return JSON.parse(done.stdout);
}

export function machine() {
  return { cpu: cpus()[0].model.trim(), cores: availableParallelism(), node: process.version };
}

/** Of runs of one program (objects of numbers): the run with the median time, so that its figures belong together. */
export function medianRun(runs) {
  const sorted = [...runs].sort((a, b) => a.seconds - b.seconds);
  return { ...sorted[(sorted.length - 1) >> 1], spread: [sorted[0].seconds, sorted.at(-1).seconds] };
}

/** Runs a job of `sample`: its samples, stats, and its figures under the names that the peer's have. */
export async function timedSample(job) {
  const start = performance.now();
  const { stats, samples } = await sample(job);
  const seconds = (performance.now() - start) / 1000;
  const { meanEvaluations, maxEvaluations, rejectedShare, networkCalls, networkRows, ...rest } = summary(stats);
  const figures = {
    seconds,
    network_seconds: rest.scoreMs / 1000,
    calls: networkCalls,
    rows: networkRows,
    mean_evaluations: meanEvaluations,
    max_evaluations: maxEvaluations,
    rejected_share: rejectedShare,
    variance: variance(samples),
    solver_share: rest.solverMs / rest.totalMs,
    utilisation: rest.utilisation,
  };
  return { samples, stats, figures };
}

export function variance(samples) {
  const mean = samples.reduce((sum, x) => sum + x, 0) / samples.length;
  return samples.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (samples.length - 1);
}

/** A Markdown table; columns of numbers to the right. */
export function table(head, rows) {
  const text = rows.map(row => row.map(String));
  const widths = head.map((name, i) => Math.max(name.length, 3, ...text.map(row => row[i].length)));
  const line = cells =>
    `| ${cells.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (i ? `${'-'.repeat(width + 1)}:` : '-'.repeat(width + 2))).join('|')}|`;
  return [line(head), rule, ...text.map(line)].join('\n');
}

/** Prints the table and keeps it with its numbers: bench/results/<name>.json and .md. */
export function keep(name, { title, head, rows, notes = [], data }) {
  const { cpu, cores, node } = machine();
  const { gpu } = data;
  const parts = [
    ...(gpu ? [`${gpu.name}, ${gpu.memory}, driver ${gpu.driver}`] : []),
    ...[cpu, `${cores} cores`, `Node ${node}`],
    ...(data.torch ? [`LibTorch ${data.torch}`] : []),
  ];
  const page = [
    `# ${title}`,
    '',
    `${parts.join(', ')}.`,
    '',
    table(head, rows),
    ...notes.flatMap(note => ['', note]),
    '',
  ].join('\n');
  console.log(page);
  const folder = join(root, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.md`), page);
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify({ machine: machine(), ...data }, null, 2)}\n`);
}
