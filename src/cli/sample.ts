/** `fast-sde sample`: samples from a score network or a mixture into a file, with progress and figures. */
import type { Command } from 'commander';
import { type SampleOptions, type SampleResult, SdeError, sample } from '../index.js';
import { checkInitialShape, readArrays } from './arrays.js';
import { Inputs } from './inputs.js';
import { interruptSignal } from './interrupt.js';
import { checkedOutputs, type Outputs, writeSamples, writeStats } from './output.js';
import { progressView } from './progress.js';
import { FAILED, type Report, reportAsJson, reportInWords } from './report.js';
import { movedTogether } from './rows.js';
import {
  addSampleOptions,
  inputFilesOf,
  runOptionsBeside,
  runOptionsOf,
  type SampleFlags,
  scoreOf,
  sdeOf,
  withSchedule,
} from './sample-flags.js';
import { type Made, settingsOf } from './settings.js';
import { UsageError } from './usage-error.js';

export function addSampleCommand(program: Command): void {
  addSampleOptions(program.command('sample'))
    .summary('draw samples with a score network')
    .description('Draws samples: data from noise, by solving the reverse-time SDE of a score-based (diffusion) model.')
    .action(async (flags: SampleFlags, command: Command) => {
      const countGiven = command.getOptionValueSource('count') !== 'default';
      const report = await run(flags, countGiven).catch(
        (error): Report => ({ end: 'failed', exitCode: FAILED, error }),
      );
      reportInWords(report, { figures: !flags.quiet && !flags.json });
      if (flags.json) reportAsJson(report);
      if (report.end === 'failed') throw report.error;
      process.exitCode = report.exitCode;
    });
}

async function run(given: SampleFlags, countGiven: boolean): Promise<Report> {
  const inputs = new Inputs();
  const { arrays, rows, initialShape } = await readArrays(given, inputs);
  const flags = await withSchedule({ ...given, count: countGiven ? given.count : (rows ?? given.count) }, inputs);
  const sde = sdeOf(flags);
  const wanted = { ...runOptionsOf(flags), ...arrays };
  const checkedFor = (shape: readonly number[]) => {
    if (initialShape !== undefined) checkInitialShape(flags.initial!, initialShape, shape);
    return outputsOf(flags, shape);
  };
  // What can be known to fail is told before a model is loaded; only a mixture may bring its own shape.
  const early = flags.shape && (await checkedFor(flags.shape));
  const { score, shape } = await scoreOf(flags, inputs);
  const options = runOptionsBeside(score, wanted);
  const outputs = early ?? (await checkedFor(shape));
  const interrupt = interruptSignal();
  try {
    const { signal } = interrupt;
    const drawn = await draw({ ...options, sde, score, shape, signal }, flags.quiet ? undefined : process.stderr);
    const report = await write(drawn, outputs, { flags, inputs: inputs.read, sde, score, options });
    return drawn.end === 'interrupted' ? { ...report, exitCode: interrupt.exitCode() ?? FAILED } : report;
  } finally {
    interrupt.release();
  }
}

async function outputsOf(flags: SampleFlags, shape: readonly number[]): Promise<Outputs> {
  const outputs = await checkedOutputs({ ...flags, shape, inputs: inputFilesOf(flags) });
  if (flags.json && outputs.onStdout) throw new UsageError('--json: standard output is taken by --out or --stats');
  return outputs;
}

/** How a job ended, and what was finished until then. */
export interface Drawn {
  readonly end: Report['end'];
  readonly result?: SampleResult;
  readonly error?: SdeError;
}

/** Throws what left no samples. */
async function draw(options: SampleOptions, terminal: NodeJS.WriteStream | undefined): Promise<Drawn> {
  const progress = terminal && progressView(terminal);
  try {
    return { end: 'finished', result: await sample({ ...options, onFailure: 'keep', onProgress: progress?.update }) };
  } catch (error) {
    if (!(error instanceof SdeError)) throw error;
    const end = error.code === 'ERR_SDE_ABORTED' ? 'interrupted' : 'failed';
    if (end === 'failed' && error.result === undefined) throw error;
    return { end, error, result: error.result as SampleResult | undefined };
  } finally {
    progress?.stop();
  }
}

/** All samples of a job that came to its end; of another one those that were finished, in index order. */
export async function write(
  { end, result, error }: Drawn,
  outputs: Outputs,
  made: Omit<Made, 'result' | 'positions'>,
): Promise<Report> {
  const { out } = made.flags;
  const positions = result === undefined ? [] : positionsIn(end, result);
  if (result === undefined || positions.length === 0) return { end, exitCode: FAILED, error, out };
  const settings = settingsOf({ ...made, result, positions });
  const { dataRange } = made.sde;
  // The statistics are of all samples: they are written first, since the others are moved away now.
  const ofStats = outputs.stats ? await writeStats(outputs.stats, result) : [];
  const { numbers: samples, shape } = movedTogether(result.samples, result.shape, positions);
  const ofSamples = await writeSamples(outputs, { samples, shape, dataRange, settings, positions });
  const misplaced = [...ofSamples, ...ofStats];
  const good = misplaced.length === 0 && result.stats.status.every(status => status === 'success');
  const exitCode = end === 'finished' && good ? 0 : FAILED;
  return { end, exitCode, error, out, onStdout: outputs.onStdout, written: { result, positions, settings, misplaced } };
}

function positionsIn(end: Report['end'], { stats: { status } }: SampleResult): number[] {
  return status.flatMap((one, position) => (end === 'finished' || one === 'success' ? [position] : []));
}
