/** How samples were made: what a picture or a file of numbers says about itself. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '#binding';
import type { SampleResult, Score, Sde } from '../index.js';
import { SAMPLE_OPTIONS } from '../options/sample-table.js';
import { openTorch } from '../score/load-module.js';
import { onnxRuntimeVersion } from '../score/onnx-thread.js';
import { nativeSolver } from '../solver/solver.js';
import type { Input } from './inputs.js';
import type { RunOptions, SampleFlags } from './sample-flags.js';

export interface Settings {
  versions: { 'fast-sde': string; node: string; libtorch?: string; onnxruntime?: string };
  /** As it could be typed into a shell. */
  command: string;
  /** Every file that was read, by its option. */
  inputs: Readonly<Record<string, Input>>;
  /** Its kind and numbers; of a table those it was made from are in `inputs`. */
  sde: object;
  score: object;
  solver: object;
  seed: number | bigint;
  /** Of the first sample asked for. */
  firstIndex: number;
  /** Samples asked for. */
  count: number;
  /** First and last index of each run of samples that are there, in their order. */
  indices: [first: number, last: number][];
  /** Of a picture of one sample. */
  index?: number;
  /** Of one sample. */
  shape: readonly number[];
  batch: number;
  device: string;
  /** The other options of `sample`. */
  [option: string]: unknown;
}

export interface Made {
  flags: SampleFlags;
  inputs: Readonly<Record<string, Input>>;
  sde: Sde;
  score: Score;
  options: RunOptions;
  result: Pick<SampleResult, 'seed' | 'shape' | 'stats'>;
  /** Position, from 0, among the samples asked for, of each that is there. */
  positions: readonly number[];
}

/** Options whose value says all. */
const PLAIN = ['noise', 'finalDenoise', 'maxEvaluations', 'padBatch'] as const;

export function settingsOf({ flags, inputs, sde, score, options, result, positions }: Made): Settings {
  const { firstIndex, count } = flags;
  const { batch, device } = result.stats;
  const plain = PLAIN.map(name => [name, options[name] ?? SAMPLE_OPTIONS[name].value]);
  return {
    versions: versions(score),
    command: commandLine(),
    inputs,
    sde: withoutArrays(sde),
    score: scoreFacts(score),
    // With the tolerance that follows from the data range.
    solver: nativeSolver(options.solver, sde),
    seed: result.seed,
    firstIndex,
    count,
    indices: runsOf(positions).map(([first, last]) => [firstIndex + first, firstIndex + last]),
    shape: result.shape.slice(1),
    batch,
    device,
    ...Object.fromEntries(plain),
    ...(options.guidance && { guidance: options.guidance }),
  };
}

function versions(score: Score): Settings['versions'] {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const libtorch = score.kind === 'torch' ? { libtorch: openTorch().version } : {};
  const onnxruntime = score.kind === 'onnx' ? { onnxruntime: onnxRuntimeVersion() } : {};
  return { 'fast-sde': version, node: process.versions.node, ...libtorch, ...onnxruntime };
}

/** A model's path says where it was, not what it was: `inputs` has its hash. */
function scoreFacts(score: Score): object {
  const { kind, predicts, timeInput } = score;
  if (score.kind !== 'torch') return { kind, predicts, timeInput };
  return { kind, predicts, timeInput, dtype: score.dtype, layout: score.layout };
}

/** Tables have thousands of numbers. */
function withoutArrays(facts: object): object {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => !ArrayBuffer.isView(value)));
}

/** [0, 1, 2, 5] → [[0, 2], [5, 5]] */
function runsOf(positions: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const position of positions) {
    const run = runs.at(-1);
    if (run !== undefined && run[1] + 1 === position) run[1] = position;
    else runs.push([position, position]);
  }
  return runs;
}

/** As it could be typed into a shell. */
export function commandLine(): string {
  return ['fast-sde', ...process.argv.slice(2)].map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
