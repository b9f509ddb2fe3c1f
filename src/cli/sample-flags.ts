/** The options of `fast-sde sample`: what they are called, and what they mean to the API. */
import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  adaptive,
  type CudaDevice,
  type Device,
  eulerMaruyama,
  type MixtureOptions,
  mixtureScore,
  type SampleOptions,
  type Score,
  type Sde,
  type Solver,
  subVp,
  torchScore,
  ve,
  vp,
} from '../index.js';
import { UsageError } from './usage-error.js';

/** Flags as commander hands them over: absent where the user gave none and there is no default. */
export interface SampleFlags {
  model?: string;
  mixture?: string;
  predicts?: 'score' | 'noise' | 'denoised' | 'velocity';
  time?: 't' | 'label' | 'sigma' | 'edm';
  sha256?: string;
  dtype: 'float32' | 'tf32' | 'bfloat16' | 'float16';
  layout: 'auto' | 'contiguous' | 'channels_last';
  sde: 'vp' | 've' | 'sub-vp';
  betaMin?: number;
  betaMax?: number;
  sigmaMin?: number;
  sigmaMax?: number;
  tEnd?: number;
  dataRange?: [number, number];
  shape?: number[];
  count: number;
  seed: number | bigint;
  firstIndex: number;
  solver: { name: 'adaptive' } | { name: 'euler-maruyama'; steps: number };
  rtol?: number;
  atol?: number;
  scale?: 'max' | 'sum';
  norm?: 'rms' | 'max';
  h0?: number;
  safety?: number;
  exponent?: number;
  noise: 'bridge' | 'redraw' | 'retain';
  finalDenoise: boolean;
  maxEvaluations?: number;
  batch?: number | 'auto';
  padBatch?: boolean;
  device: Device;
  threads?: number;
  out: string;
  stats?: string;
}

export const EXAMPLES = `
Examples:
  Draw 64 digits with the network of this repository and look at them:
    $ fast-sde sample --model examples/digits/digits.pt --predicts noise --time label \\
        --sde vp --shape 1,28,28 --count 64 --seed 1 --out digits.png

  The same, coarser and faster, as numbers for Python, with the figures as JSON:
    $ fast-sde sample --model examples/digits/digits.pt --predicts noise --time label \\
        --shape 1,28,28 --count 64 --rtol 0.1 --dtype bfloat16 --out digits.npy --stats digits.json

  The same on two GPUs, which share the samples:
    $ fast-sde sample … --device cuda:0,cuda:1 --dtype tf32 --count 4096 --out digits.npy

  Fixed steps, to compare with:
    $ fast-sde sample … --solver euler-maruyama:1000 --out digits-em.npy

  No network: the exact score of a Gaussian mixture, from a JSON file:
    $ echo '{"weights": [0.5, 0.5], "means": [[-1, 0], [1, 0]], "variances": [0.01, 0.01]}' > two.json
    $ fast-sde sample --mixture two.json --count 10000 --out two.npy

Conventions of score_sde (yang-song): VP and sub-VP models are --predicts noise --time label,
VE models are --sde ve --predicts score --time sigma.
`;

/** Adds every option to `command`; the grouping is the order of the help page. */
export function addSampleOptions(command: Command): Command {
  const choice = (flags: string, text: string, choices: string[]) => new Option(flags, text).choices(choices);
  return command
    .addOption(new Option('--model <file>', 'TorchScript score network: forward(x, t)').conflicts('mixture'))
    .addOption(
      choice('--predicts <what>', 'what the network predicts', ['score', 'noise', 'denoised', 'velocity']).conflicts(
        'mixture',
      ),
    )
    .addOption(
      choice('--time <input>', 'its second input: t, label = 999 t, sigma(t), edm = ln(sigma)/4', [
        't',
        'label',
        'sigma',
        'edm',
      ]).conflicts('mixture'),
    )
    .addOption(new Option('--sha256 <hash>', 'refuse a model file with another hash').conflicts('mixture'))
    .addOption(
      choice('--dtype <type>', 'precision inside the network', ['float32', 'tf32', 'bfloat16', 'float16'])
        .default('float32')
        .conflicts('mixture'),
    )
    .addOption(
      choice('--layout <layout>', 'memory layout inside the network', ['auto', 'contiguous', 'channels_last'])
        .default('auto')
        .conflicts('mixture'),
    )
    .option('--mixture <file>', 'JSON {weights, means, variances}: exact Gaussian-mixture score, in place of --model')
    .addOption(choice('--sde <name>', 'the process the network was trained for', ['vp', 've', 'sub-vp']).default('vp'))
    .option('--beta-min <number>', 'vp, sub-vp: beta(0) (default: 0.1)', number)
    .option('--beta-max <number>', 'vp, sub-vp: beta(1) (default: 20)', number)
    .option('--sigma-min <number>', 've: sigma(0) (default: 0.01)', number)
    .option('--sigma-max <number>', 've: sigma(1) (default: 50)', number)
    .option('--t-end <number>', 'where integration stops (default: 1e-3, ve 1e-5)', number)
    .option(
      '--data-range <low,high>',
      'where the data lies: black and white, and 256 atol (default: -1,1; ve 0,1)',
      range,
    )
    .option('--shape <n,…>', 'shape of one sample, such as 1,28,28 (a mixture knows its own)', shape)
    .option('--count <number>', 'how many samples', integer, 16)
    .option('--seed <number>', 'same seed, same samples (0 … 2^64 - 1)', seed, 0)
    .option('--first-index <number>', 'index of the first sample, to cut a large job into pieces', integer, 0)
    .option('--solver <name>', 'adaptive, or euler-maruyama:STEPS', solver, { name: 'adaptive' })
    .option('--rtol <number>', 'adaptive: relative tolerance (default: 0.05)', number)
    .option('--atol <number>', 'adaptive: absolute tolerance (default: 1/256 of the data range)', number)
    .addOption(choice('--scale <how>', 'adaptive: how rtol and atol combine (default: max)', ['max', 'sum']))
    .addOption(choice('--norm <name>', 'adaptive: error norm over one sample (default: rms)', ['rms', 'max']))
    .option('--h0 <number>', 'adaptive: first step (default: 0.01)', number)
    .option('--safety <number>', 'adaptive: safety factor (default: 0.9)', number)
    .option('--exponent <number>', 'adaptive: exponent of the step controller (default: 0.9)', number)
    .addOption(
      choice('--noise <policy>', 'Brownian path after a rejected step', ['bridge', 'redraw', 'retain']).default(
        'bridge',
      ),
    )
    .option('--no-final-denoise', 'leave out the denoising step at the end')
    .option('--max-evaluations <number>', 'give a sample up after so many score evaluations', integer)
    .option('--batch <slots>', 'samples in flight: a number, or auto to measure (default: 32, CUDA 256)', batch)
    .option('--pad-batch', 'every network call with all slots: the same bits in any company')
    .option('--device <name>', 'auto, cpu, cuda, cuda:1, or several: cuda:0,cuda:1', device, 'auto')
    .option('--threads <number>', 'solver threads (default: one a core)', integer)
    .requiredOption('--out <file>', 'x.npy: float32 [count, …shape]; x.png: a grid of images')
    .option('--stats <file>', 'figures of the run and of each sample, as JSON')
    .addHelpText('after', EXAMPLES);
}

/** The process; parameters of another one are refused rather than ignored. */
export function sdeOf(flags: SampleFlags): Sde {
  const { betaMin, betaMax, sigmaMin, sigmaMax, tEnd, dataRange } = flags;
  if (flags.sde === 've') {
    refuse({ '--beta-min': betaMin, '--beta-max': betaMax }, 'belong to --sde vp and sub-vp, not to ve');
    return ve(defined({ sigmaMin, sigmaMax, tEnd, dataRange }));
  }
  refuse({ '--sigma-min': sigmaMin, '--sigma-max': sigmaMax }, `belong to --sde ve, not to ${flags.sde}`);
  return (flags.sde === 'vp' ? vp : subVp)(defined({ betaMin, betaMax, tEnd, dataRange }));
}

export function solverOf(flags: SampleFlags): Solver {
  const { rtol, atol, scale, norm, h0, safety, exponent } = flags;
  const options = { rtol, atol, scale, norm, h0, safety, exponent };
  if (flags.solver.name === 'adaptive') return adaptive(defined(options));
  const named = Object.fromEntries(Object.entries(options).map(([name, value]) => [`--${name}`, value]));
  refuse(named, 'belong to --solver adaptive; euler-maruyama has fixed steps');
  return eulerMaruyama({ steps: flags.solver.steps });
}

/** Loads the model or the mixture. `shape` is the mixture's own where the user gave none. */
export async function scoreOf(flags: SampleFlags): Promise<{ score: Score; shape: number[] }> {
  if (flags.mixture !== undefined) {
    const mixture = await readMixture(flags.mixture);
    const score = mixtureScore(mixture);
    return { score, shape: flags.shape ?? [score.elements] };
  }
  if (flags.model === undefined) throw new UsageError('give a score: --model FILE or --mixture FILE');
  if (flags.predicts === undefined || flags.time === undefined) {
    throw new UsageError(
      '--model needs --predicts (score, noise, denoised, velocity) and --time (t, label, sigma, edm): ' +
        'the file does not say; score_sde VP models are --predicts noise --time label',
    );
  }
  if (flags.shape === undefined) throw new UsageError('--model needs --shape, such as --shape 1,28,28');
  const { dtype, device, layout, sha256 } = flags;
  const conventions = { predicts: flags.predicts, timeInput: flags.time };
  const score = await torchScore(flags.model, defined({ ...conventions, dtype, device, layout, sha256 }));
  return { score, shape: flags.shape };
}

/** Everything of `sample` that the flags say, without score, sde and shape. */
export function runOptionsOf(flags: SampleFlags): Omit<SampleOptions, 'score' | 'sde' | 'shape'> {
  const { count, seed, firstIndex, noise, finalDenoise, maxEvaluations, batch, padBatch, device, threads } = flags;
  const options = { count, seed, firstIndex, noise, finalDenoise, maxEvaluations, batch, padBatch, device, threads };
  return { ...defined(options), solver: solverOf(flags) };
}

/** What the file holds; mixtureScore checks it. */
async function readMixture(file: string): Promise<MixtureOptions> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`--mixture ${file}: ${error.code === 'ENOENT' ? 'no such file' : error.message}`);
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--mixture ${file} is no JSON: ${(error as Error).message}`);
  }
}

/** Drops what the user did not give, so that the API's own defaults hold. */
function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

function refuse(flags: Record<string, unknown>, why: string): void {
  const given = Object.keys(flags).filter(name => flags[name] !== undefined);
  if (given.length > 0) throw new UsageError(`${given.join(', ')} ${why}`);
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Expected a number.');
  return value;
}

function integer(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}

function seed(text: string): number | bigint {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 0 to 2^64 - 1.');
  return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
}

function shape(text: string): number[] {
  if (!/^\d+(,\d+)*$/.test(text)) throw new InvalidArgumentError('Expected numbers with commas, such as 1,28,28.');
  return text.split(',').map(Number);
}

function range(text: string): [number, number] {
  const ends = text.split(',').map(Number);
  if (ends.length !== 2 || !ends.every(Number.isFinite)) throw new InvalidArgumentError('Expected LOW,HIGH.');
  return [ends[0], ends[1]];
}

function device(text: string): Device {
  if (!/^(auto|cpu|cuda(:\d+)?(,cuda(:\d+)?)*)$/.test(text)) {
    throw new InvalidArgumentError('Expected auto, cpu, cuda, cuda:1, or several such as cuda:0,cuda:1.');
  }
  return text.includes(',') ? (text.split(',') as CudaDevice[]) : (text as Device);
}

function batch(text: string): number | 'auto' {
  return text === 'auto' ? 'auto' : integer(text);
}

function solver(text: string): SampleFlags['solver'] {
  if (text === 'adaptive') return { name: 'adaptive' };
  const steps = /^euler-maruyama:(\d+)$/.exec(text)?.[1];
  if (steps === undefined) throw new InvalidArgumentError('Expected adaptive or euler-maruyama:STEPS.');
  return { name: 'euler-maruyama', steps: Number(steps) };
}
