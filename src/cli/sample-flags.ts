/** The flags of `fast-sde sample`, made from the tables of options, and what they mean to the API. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  discrete,
  type MixtureOptions,
  mixtureScore,
  type SampleOptions,
  type Score,
  type Sde,
  type Solver,
} from '../index.js';
import type { AnyOptionTable } from '../options/option.js';
import { SAMPLE_OPTIONS } from '../options/sample-table.js';
import { SDES } from '../sde/sde.js';
import { DEFAULT_SOLVER, SOLVERS } from '../solver/solver.js';
import type { Inputs } from './inputs.js';
import { loadModel, MODEL_FLAGS } from './model.js';
import { addChoiceFlags, addTableFlags, refuseForeign, tableOptions } from './option-flags.js';
import { integer, READERS } from './parse.js';
import { readSchedulerConfig, type Schedule } from './scheduler-config.js';
import { UsageError } from './usage-error.js';

/**
 * Flags as commander hands them over, absent where the user gave none. Those that are options of the API are read
 * through their tables.
 */
export interface SampleFlags {
  model?: string;
  mixture?: string;
  sde: string;
  /** Of --schedule. */
  betas?: readonly number[];
  shape?: number[];
  count: number;
  seed: number | bigint;
  firstIndex: number;
  solver?: NamedSolver;
  out: string;
  stats?: string;
  schedule?: string;
  initial?: string;
  condition?: string;
  guidance?: number;
  unconditional?: string;
  json?: boolean;
  quiet?: boolean;
  [option: string]: unknown;
}

const FIXED_STEPS = SOLVERS.map(({ definition }) => definition).find(({ options }) => positionalOf(options))!;

const EXAMPLES = `
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
    $ fast-sde sample … --solver ${FIXED_STEPS.command}:${positionalOf(FIXED_STEPS.options)!.row.default} --out digits-fixed.npy

  No network: the exact score of a Gaussian mixture, from a JSON file:
    $ echo '{"weights": [0.5, 0.5], "means": [[-1, 0], [1, 0]], "variances": [0.01, 0.01]}' > two.json
    $ fast-sde sample --mixture two.json --count 10000 --out two.npy

  A model of diffusers, with the schedule it was trained with, and labels of classes with guidance:
    $ fast-sde sample --model unet.pt --schedule scheduler/scheduler_config.json --shape 4,64,64 \\
        --condition labels.npy --guidance 3 --unconditional 1000 --out 'latent.npy'

Conventions of score_sde (yang-song): VP and sub-VP models are --predicts noise --time label,
VE models are --sde ve --predicts score --time sigma.
`;

const MODEL = 'score network, TorchScript or ONNX: forward(x, t)';

/** SDEs that the command line can name: those whose options are numbers. */
const NAMED_SDES = SDES.filter(({ definition }) => definition.command !== undefined);

/** Adds every option to `command`; the grouping is the order of the help page. */
export function addSampleOptions(command: Command): Command {
  command.addOption(new Option('--model <file>', MODEL).conflicts('mixture'));
  addTableFlags(command, MODEL_FLAGS, option => option.conflicts('mixture'));
  command.option(
    '--mixture <file>',
    'JSON {weights, means, variances}: exact Gaussian-mixture score, in place of --model',
  );
  for (const [name, row] of Object.entries(SAMPLE_OPTIONS as AnyOptionTable)) {
    if (name === 'sde') addSdeFlags(command);
    else if (name === 'solver') addSolverFlags(command);
    else addTableFlags(command, { [name]: row });
  }
  return command
    .option('--initial <file>', '.npy [count, …shape]: own starting points, at T (default: the prior)')
    .option('--condition <file>', ".npy [count] or [count, width]: a row a sample, the network's third input")
    .addOption(
      new Option('--guidance <scale>', 'classifier-free guidance: u + scale (c - u)').argParser(READERS.number!),
    )
    .option('--unconditional <row>', 'the condition that stands for none: numbers with commas, or a .npy file')
    .requiredOption(
      '--out <file>',
      'x.npy: float32 [count, …shape]; x.png: a grid of images; x-%d.png: one picture a sample; -: .npy to standard output',
    )
    .option('--stats <file>', 'figures of the run and of each sample, as JSON')
    .option('--json', 'tell the end as one JSON object on standard output')
    .option('--quiet', 'no progress and no figures')
    .addHelpText('after', EXAMPLES);
}

/** The flags that say what a network is and what it is asked about. */
export function addInspectOptions(command: Command): Command {
  return addNetworkOptions(command.requiredOption('--model <file>', MODEL));
}

/** The same of a network that may be left out. */
export function addModelOptions(command: Command): Command {
  return addNetworkOptions(command.option('--model <file>', MODEL));
}

function addNetworkOptions(command: Command): Command {
  addTableFlags(command, MODEL_FLAGS);
  addSdeFlags(command);
  const { shape, device } = SAMPLE_OPTIONS;
  addTableFlags(command, { shape, device });
  return command;
}

function addSdeFlags(command: Command): void {
  const names = NAMED_SDES.map(({ definition }) => definition.command!);
  const usual = NAMED_SDES.find(({ definition }) => definition.isDefault)!.definition.command!;
  command.addOption(new Option('--sde <name>', SAMPLE_OPTIONS.sde.help).choices(names).default(usual, usual));
  command.addOption(
    new Option(
      '--schedule <file>',
      "diffusers' scheduler_config.json in place of --sde: the table of betas the network was trained with",
    ).conflicts('sde'),
  );
  addChoiceFlags(command, NAMED_SDES);
}

/** The flags with what the file of --schedule says of the process and the network. */
export async function withSchedule(flags: SampleFlags, inputs: Inputs): Promise<SampleFlags> {
  if (flags.schedule === undefined) return flags;
  const what = `--schedule ${flags.schedule}`;
  const config = await inputs.json('--schedule', flags.schedule);
  let read: Schedule;
  try {
    read = readSchedulerConfig(config);
  } catch (error) {
    throw new UsageError(`${what}: ${(error as Error).message}`);
  }
  const { betas, predicts } = read;
  if (flags.predicts !== undefined && flags.predicts !== predicts) {
    throw new UsageError(`--predicts ${flags.predicts}: the network predicts ${predicts}, by ${what}`);
  }
  return { ...flags, betas, predicts, time: flags.time ?? 'label' };
}

function addSolverFlags(command: Command): void {
  const help = `${SOLVER_SPELLINGS.join(', or ')} (default: ${DEFAULT_SOLVER.definition.command})`;
  command.option('--solver <name>', help, readSolver);
  addChoiceFlags(command, SOLVERS);
}

/** 'adaptive', 'euler-maruyama:STEPS'. */
const SOLVER_SPELLINGS = SOLVERS.map(({ definition: { command, options } }) => {
  const positional = positionalOf(options);
  return positional === undefined ? command : `${command}:${positional.spelling}`;
});

/** The option that follows the solver's name after a colon, if it has one. */
function positionalOf(options: AnyOptionTable) {
  for (const [name, row] of Object.entries(options)) {
    if ('positional' in row.flag) return { name, row, spelling: row.flag.positional };
  }
  return undefined;
}

/** A solver's name, and the option after the colon. */
interface NamedSolver {
  make: (typeof SOLVERS)[number];
  positional: Record<string, number>;
}

function readSolver(text: string): NamedSolver {
  const [command, argument] = text.split(/:(.*)/s);
  const make = SOLVERS.find(({ definition }) => definition.command === command);
  const positional = make && positionalOf(make.definition.options);
  const fits = positional === undefined ? argument === undefined : argument !== undefined && /^\d+$/.test(argument);
  if (make === undefined || !fits) throw new InvalidArgumentError(`Expected ${SOLVER_SPELLINGS.join(' or ')}.`);
  return { make, positional: positional ? { [positional.name]: integer(argument) } : {} };
}

/** The process; parameters of another one are refused rather than ignored. */
export function sdeOf(flags: SampleFlags): Sde {
  if (flags.betas !== undefined) {
    const { options } = discrete.definition;
    refuseForeign('--sde', { definition: { command: '--schedule', options } }, NAMED_SDES, flags);
    return discrete({ ...tableOptions(options, flags), betas: flags.betas });
  }
  const make = NAMED_SDES.find(({ definition }) => definition.command === flags.sde)!;
  refuseForeign('--sde', make, NAMED_SDES, flags);
  return make(tableOptions(make.definition.options, flags)) as Sde;
}

/** The solver; options of another one are refused rather than ignored. */
function solverOf(flags: SampleFlags): Solver {
  const { make, positional } = flags.solver ?? { make: DEFAULT_SOLVER, positional: {} };
  refuseForeign('--solver', make, SOLVERS, flags);
  return make({ ...tableOptions(make.definition.options, flags), ...positional }) as Solver;
}

/** Loads the model or the mixture. `shape` is the mixture's own where the user gave none. */
export async function scoreOf(flags: SampleFlags, inputs: Inputs): Promise<{ score: Score; shape: number[] }> {
  if (flags.mixture !== undefined) {
    // mixtureScore checks what the file holds.
    const score = mixtureScore((await inputs.json('--mixture', flags.mixture)) as MixtureOptions);
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
  const score = await loadModel(flags.model, flags);
  inputs.note('--model', flags.model, score.sha256);
  return { score, shape: flags.shape };
}

export type RunOptions = Omit<SampleOptions, 'score' | 'sde' | 'shape'> & { solver: Solver };

/** Everything of `sample` that the flags say, without score, sde and shape. */
export function runOptionsOf(flags: SampleFlags): RunOptions {
  const { sde: _sde, score: _score, shape: _shape, solver: _solver, ...rows } = SAMPLE_OPTIONS;
  return { ...tableOptions(rows, flags), solver: solverOf(flags) };
}

/** The same beside a score: an ONNX model was loaded with its threads. */
export function runOptionsBeside(score: Score, options: RunOptions): RunOptions {
  return score.kind === 'onnx' ? { ...options, networkThreads: undefined } : options;
}

/** The files that the flags name, to be read. */
export function inputFilesOf(flags: SampleFlags): { flag: string; name: string }[] {
  const { model, mixture, schedule, initial, condition, unconditional } = flags;
  const named = Object.entries({
    '--model': model,
    '--mixture': mixture,
    '--schedule': schedule,
    '--initial': initial,
    '--condition': condition,
    '--unconditional': unconditional,
  });
  return named.flatMap(([flag, name]) => (name === undefined ? [] : [{ flag, name }]));
}
