#!/usr/bin/env node
/** The program `fast-sde`. Exit codes: 0 done, 1 failed, 2 wrong usage, 128 + n ended by signal n. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { root } from '#binding';
import { cut } from '../errors.js';
import { addBuildCommand } from './build.js';
import { addCompareCommand } from './compare.js';
import { addConvergeCommand } from './converge.js';
import { addDoctorCommand } from './doctor.js';
import { addExampleCommand } from './example.js';
import { addInspectCommand } from './inspect.js';
import { leaveLostTerminal, outliveReaders } from './pipes.js';
import { FAILED } from './report.js';
import { addSampleCommand } from './sample.js';
import { addSolveCommand } from './solve.js';
import { UsageError } from './usage-error.js';

const WRONG_USAGE = 2;

/** Options that the API refused are wrong usage here as well. */
const USAGE_CODES = new Set([
  'ERR_SDE_UNKNOWN_OPTION',
  'ERR_SDE_INVALID_OPTION',
  'ERR_SDE_INVALID_SHAPE',
  'ERR_SDE_INVALID_EQUATION',
]);

function createProgram(): Command {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const program = new Command('fast-sde')
    .description('Samples from score-based (diffusion) models, and paths of any SDE, natively.')
    .version(version)
    .showSuggestionAfterError()
    .exitOverride();
  addSampleCommand(program);
  addSolveCommand(program);
  addCompareCommand(program);
  addConvergeCommand(program);
  addInspectCommand(program);
  addDoctorCommand(program);
  addBuildCommand(program);
  addExampleCommand(program);
  program.addHelpText(
    'after',
    `
Examples:
  $ fast-sde doctor                           what is there, and why a part is off
  $ fast-sde build --torch                    compile the LibTorch plugin against your own PyTorch
  $ fast-sde build --cuda                     compile the CUDA plugin, to sample on NVIDIA GPUs
  $ fast-sde build --addon                    compile the addon where the shipped one does not load
  $ fast-sde example digits                   64 handwritten digits, by the network that comes with the package
  $ fast-sde inspect --model digits.pt --predicts noise --time label --shape 1,28,28      whether these two fit
  $ fast-sde solve heston.json                statistics of paths of an SDE given by equations
  $ fast-sde compare --quick --out first      which solver gives which quality for how many evaluations
  $ fast-sde sample --help                    every option, with more examples

DEBUG=1 adds stack traces to errors.
`,
  );
  return program;
}

/** Characters of an error: what a file or an argument says may be part of it. */
const LONGEST = 2000;

/** One line on stderr: code, what is wrong, what to do. */
function report(error: unknown): number {
  // Commander has written its own line already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
  const { message, code, hint, stack } = error as Error & { code?: string; hint?: string };
  const usage = error instanceof UsageError || USAGE_CODES.has(code ?? '');
  // A refused option says itself what was expected.
  const advice = usage || hint === undefined || message.includes(hint) ? '' : ` ${hint}`;
  const said = `${code === undefined ? '' : `${code}: `}${cut(message, LONGEST)}${advice}`;
  console.error(`error: ${said}`.replace(/\s*\n\s*/g, ' '));
  if (process.env.DEBUG) console.error(stack);
  return usage ? WRONG_USAGE : FAILED;
}

outliveReaders();
try {
  await createProgram().parseAsync();
} catch (error) {
  const code = report(error);
  process.exitCode ??= code; // that of a signal stays
}
leaveLostTerminal();
