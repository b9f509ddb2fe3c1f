/** What a run tells at its end: in words with a table of figures, or as JSON. */
import { type SampleResult, type SampleStats, type SdeError, summary } from '../index.js';
import type { Misplaced } from './file-set.js';
import { plainJson } from './output.js';
import type { Settings } from './settings.js';
import { figures, grouped, percent, seconds } from './table.js';

export const FAILED = 1;

/** Indices named of each kind of failure. */
const MOST_NAMED = 10;

export interface Report {
  readonly end: 'finished' | 'interrupted' | 'failed';
  readonly exitCode: number;
  /** What ended the job before its time. */
  readonly error?: unknown;
  /** As given. */
  readonly out?: string;
  /** Standard output is one of the outputs, so words go to stderr. */
  readonly onStdout?: boolean;
  /** Undefined where no sample was finished. */
  readonly written?: {
    readonly result: SampleResult;
    readonly positions: readonly number[];
    readonly settings: Settings;
    readonly misplaced: readonly Misplaced[];
  };
}

/** What went wrong goes to stderr, and what is asked for by `figures` to stdout. */
export function reportInWords({ end, out, onStdout, written }: Report, options: { figures: boolean }): void {
  if (written === undefined) {
    if (out !== undefined) console.error(`${end}: no sample was finished, nothing is written`);
    return;
  }
  const { result, positions, misplaced, settings } = written;
  const { firstIndex, count, shape, seed } = settings;
  for (const { flag, name, reason, keptAs } of misplaced) {
    const kept = keptAs === undefined ? 'there is no place for it elsewhere' : `what it was to hold is in ${keptAs}`;
    console.error(`error: ${flag} ${name} cannot be written (${reason}); ${kept}`);
  }
  if (end !== 'finished') {
    const where = misplaced.length === 0 ? `; they are in ${out}` : '';
    console.error(`${end}: ${positions.length} of ${count} samples were finished${where}`);
    return;
  }
  if (options.figures) {
    const say = onStdout ? console.error : console.log;
    say(`${out}: ${count} samples of shape ${shape.join(',')}, seed ${seed}`);
    say(figures(figuresOf(result.stats)));
  }
  for (const line of failuresOf(result.stats, firstIndex)) console.error(line);
}

/** One object, on standard output. */
export function reportAsJson({ end, exitCode, error, out, written }: Report): void {
  const stats = written?.result.stats;
  const status: Record<string, number> = {};
  for (const one of stats?.status ?? []) status[one] = (status[one] ?? 0) + 1;
  const { name, code, message, hint } = (error ?? {}) as Partial<SdeError>;
  console.log(
    plainJson({
      end,
      exitCode,
      ...(error instanceof Error && { error: { name, code, message, hint } }),
      ...(stats && { out, written: written.positions.length, status, figures: summary(stats), graph: stats.graph }),
      misplaced: written?.misplaced ?? [],
      settings: written?.settings,
    }),
  );
}

function figuresOf(stats: SampleStats): [string, string][] {
  const { meanEvaluations, maxEvaluations, rejectedShare, networkCalls, networkRows, ...rest } = summary(stats);
  const { device, layout, graph } = stats;
  const several = device.includes(',') ? ' on each device' : '';
  return [
    ['device', device],
    ...(layout?.reason ? [['memory layout', `${layout.used} (${layout.reason})`] as [string, string]] : []),
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

/** A line for each kind of failure. */
function failuresOf({ status, cause }: SampleStats, firstIndex: number): string[] {
  const kinds = new Set(status.filter(one => one !== 'success'));
  return [...kinds].map(kind => {
    const failed = status.flatMap((one, row) => (one === kind ? [firstIndex + row] : []));
    const more = failed.length > MOST_NAMED ? ', …' : '';
    const named = failed.slice(0, MOST_NAMED).join(', ');
    const why = kind === 'nonFinite' && cause !== undefined ? `; ${cause}` : '';
    return `${failed.length} of ${status.length} samples failed (${kind}): ${named}${more}${why}`;
  });
}
