/** `fast-sde sample`: samples from a score network or a mixture into a file, with progress and figures. */
import type { Command } from 'commander';
import {
  type SampleResult,
  type SampleStats,
  type SampleStatus,
  SdeError,
  type SdeErrorResult,
  sample,
  summary,
} from '../index.js';
import { INTERRUPTED, interruptSignal } from './interrupt.js';
import { checkOutput, checkStats, writeSamples, writeStats } from './output.js';
import { progressView } from './progress.js';
import { addSampleOptions, runOptionsOf, type SampleFlags, scoreOf, sdeOf } from './sample-flags.js';
import { figures, grouped, percent, seconds } from './table.js';

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
  // What can be known to fail is told before a model is loaded; only a mixture may bring its own shape.
  if (flags.stats !== undefined) await checkStats(flags.stats, flags.count);
  if (flags.shape !== undefined) await checkOutput(flags.out, flags.shape, flags.count);
  const { score, shape } = await scoreOf(flags);
  if (flags.shape === undefined) await checkOutput(flags.out, shape, flags.count);

  const interrupt = interruptSignal();
  const progress = progressView(process.stderr);
  const { signal } = interrupt;
  try {
    const result = await sample({
      ...options,
      sde,
      score,
      shape,
      signal,
      onFailure: 'keep',
      onProgress: progress.update,
    });
    progress.stop();
    await writeSamples(flags.out, result, sde.dataRange);
    if (flags.stats !== undefined) await writeStats(flags.stats, result);
    console.log(`${flags.out}: ${flags.count} samples of shape ${shape.join(',')}, seed ${flags.seed}`);
    console.log(figures(figuresOf(result.stats)));
    return reportFailures(result.stats, flags.firstIndex);
  } catch (error) {
    progress.stop();
    if (!(error instanceof SdeError)) throw error;
    const interrupted = error.code === 'ERR_SDE_ABORTED';
    if (interrupted || error.result !== undefined) {
      await saveFinished(flags, interrupted ? 'interrupted' : 'failed', error.result, sde.dataRange);
    }
    if (!interrupted) throw error;
    return INTERRUPTED;
  } finally {
    interrupt.release();
  }
}

/** Keeps the samples that were finished before the end came, in index order; `--stats` tells which. */
export async function saveFinished(
  flags: Pick<SampleFlags, 'out' | 'stats'>,
  end: 'interrupted' | 'failed',
  result: SdeErrorResult | undefined,
  dataRange: readonly [number, number],
): Promise<void> {
  const finished = result === undefined ? [] : rowsOf(result.stats, status => status === 'success');
  if (finished.length === 0) {
    console.error(`${end}: no sample was finished, nothing is written`);
    return;
  }
  const { samples, shape, seed, stats } = result as SampleResult;
  if (flags.stats !== undefined) await writeStats(flags.stats, { seed, shape, stats });
  const [count, ...one] = shape;
  const size = samples.length / count;
  // Moved together where they are: there may be no memory for a second copy.
  for (const [to, from] of finished.entries()) samples.copyWithin(to * size, from * size, (from + 1) * size);
  const kept = samples.subarray(0, finished.length * size);
  await writeSamples(flags.out, { samples: kept, shape: [finished.length, ...one] }, dataRange);
  console.error(`${end}: ${finished.length} of ${count} samples were finished; they are in ${flags.out}`);
}

function figuresOf(stats: SampleStats): [string, string][] {
  const { meanEvaluations, maxEvaluations, rejectedShare, networkCalls, networkRows, ...rest } = summary(stats);
  const { device, graph } = stats;
  const several = device.includes(',') ? ' on each device' : '';
  return [
    ['device', device],
    ...(graph
      ? [['CUDA graph', graph.captured ? 'yes' : `no (${graph.reason ?? 'unknown'})`] as [string, string]]
      : []),
    ['evaluations a sample', `${meanEvaluations.toFixed(1)} mean, ${maxEvaluations} max`],
    ['steps rejected', percent(rejectedShare)],
    ['network calls', `${grouped(networkCalls)} of up to ${stats.batch} rows${several}`],
    ['rows evaluated', `${grouped(networkRows)}, ${percent(rest.utilisation)} of them useful`],
    ['seconds in network', seconds(rest.scoreMs)],
    ['seconds in solver', seconds(rest.solverMs)],
    ['seconds in all', seconds(rest.totalMs)],
  ];
}

/** One line a kind of failure on stderr; the exit code. */
function reportFailures(stats: SampleStats, firstIndex: number): number {
  const kinds = new Set(stats.status.filter(status => status !== 'success'));
  for (const kind of kinds) {
    const failed = rowsOf(stats, status => status === kind);
    const named = failed.slice(0, 10).map(row => firstIndex + row);
    const all = `${named.join(', ')}${failed.length > named.length ? ', …' : ''}`;
    console.error(`${failed.length} of ${stats.status.length} samples failed (${kind}): ${all}`);
  }
  return kinds.size === 0 ? 0 : 1;
}

function rowsOf(stats: Pick<SampleStats, 'status'>, wanted: (status: SampleStatus) => boolean): number[] {
  return stats.status.flatMap((status, row) => (wanted(status) ? [row] : []));
}
