/** `fast-sde sample`: samples from a score network or a mixture into a file, with progress and figures. */
import type { Command } from 'commander';
import { type SampleResult, type SampleStats, SdeError, type Solver, sample } from '../index.js';
import { checkFolder, checkOutput, writeSamples, writeStats } from './output.js';
import { progressView } from './progress.js';
import { addSampleOptions, runOptionsOf, type SampleFlags, scoreOf, sdeOf } from './sample-flags.js';
import { figures, grouped, percent, seconds } from './table.js';

/** 128 + SIGINT, what a shell expects of an interrupted program. */
const INTERRUPTED = 130;

export function addSampleCommand(program: Command): void {
  addSampleOptions(program.command('sample'))
    .summary('draw samples with a score network')
    .description('Draws samples: data from noise, by solving the reverse-time SDE of a score-based (diffusion) model.')
    .action(async (flags: SampleFlags) => {
      process.exitCode = await run(flags);
    });
}

async function run(flags: SampleFlags): Promise<number> {
  const sde = sdeOf(flags);
  const options = runOptionsOf(flags);
  // What can be known to fail is told before a model is loaded.
  if (flags.shape !== undefined) await checkOutput(flags.out, flags.shape);
  if (flags.stats !== undefined) await checkFolder('--stats', flags.stats);
  const { score, shape } = await scoreOf(flags);
  await checkOutput(flags.out, shape);

  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort();
  // Once: a second Ctrl-C ends the process as usual.
  process.once('SIGINT', onInterrupt);
  const progress = progressView(process.stderr);
  let result: SampleResult;
  try {
    const { signal } = interrupt;
    result = await sample({ ...options, sde, score, shape, signal, onFailure: 'keep', onProgress: progress.update });
  } catch (error) {
    if (!(error instanceof SdeError && error.code === 'ERR_SDE_ABORTED')) throw error;
    progress.stop();
    return await saveInterrupted(flags, error.result as SampleResult | undefined, sde.dataRange);
  } finally {
    progress.stop();
    process.off('SIGINT', onInterrupt);
  }

  await writeSamples(flags.out, { samples: result.samples, shape, dataRange: sde.dataRange });
  if (flags.stats !== undefined) await writeStats(flags.stats, result);
  console.log(`${flags.out}: ${result.stats.status.length} samples of shape ${shape.join(',')}, seed ${flags.seed}`);
  console.log(figures(figuresOf(result.stats, options.solver)));
  return reportFailures(result.stats);
}

/** Keeps the samples that were finished, in index order; `--stats` tells which. */
async function saveInterrupted(
  flags: SampleFlags,
  result: SampleResult | undefined,
  dataRange: readonly [number, number],
): Promise<number> {
  const finished = result === undefined ? [] : indicesOf(result.stats, status => status === 'success');
  if (result === undefined || finished.length === 0) {
    console.error('interrupted: no sample was finished, nothing is written');
    return INTERRUPTED;
  }
  const size = result.samples.length / result.stats.status.length;
  const samples = new Float32Array(finished.length * size);
  for (const [to, from] of finished.entries()) {
    samples.set(result.samples.subarray(from * size, (from + 1) * size), to * size);
  }
  await writeSamples(flags.out, { samples, shape: result.shape, dataRange });
  if (flags.stats !== undefined) await writeStats(flags.stats, result);
  console.error(`interrupted: ${finished.length} of ${flags.count} samples were finished; they are in ${flags.out}`);
  return INTERRUPTED;
}

function figuresOf(stats: SampleStats, solver: Solver | undefined): [string, string][] {
  const evaluations = Array.from(stats.evaluations);
  const total = sum(evaluations);
  const steps = sum(stats.accepted) + sum(stats.rejected);
  const { calls, rows } = stats.network;
  const { totalMs, scoreMs, solverMs } = stats.timing;
  return [
    ['solver', solver?.name ?? 'adaptive'],
    ['evaluations a sample', `${(total / evaluations.length).toFixed(1)} mean, ${Math.max(...evaluations)} max`],
    ['steps rejected', steps === 0 ? 'none taken' : percent(sum(stats.rejected) / steps)],
    ['network calls', `${grouped(calls)} of up to ${stats.batch} rows`],
    ['rows evaluated', `${grouped(rows)}, ${percent(stats.utilisation)} of them useful`],
    ['seconds in network', seconds(scoreMs)],
    ['seconds in solver', seconds(solverMs)],
    ['seconds in all', seconds(totalMs)],
  ];
}

/** One line a kind of failure on stderr; the exit code. */
function reportFailures(stats: SampleStats): number {
  const failed = new Set(stats.status.filter(status => status !== 'success'));
  for (const kind of failed) {
    const indices = indicesOf(stats, status => status === kind);
    const named = indices.length > 10 ? `${indices.slice(0, 10).join(', ')}, …` : indices.join(', ');
    console.error(`${indices.length} of ${stats.status.length} samples failed (${kind}): ${named}`);
  }
  return failed.size === 0 ? 0 : 1;
}

function indicesOf(stats: SampleStats, wanted: (status: string) => boolean): number[] {
  return stats.status.flatMap((status, index) => (wanted(status) ? [index] : []));
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const value of numbers) total += value;
  return total;
}
