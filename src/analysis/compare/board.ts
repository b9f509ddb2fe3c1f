/** Solvers held against one reference: how far each is from it, what perfect samples get, and what may be said of each pair. */
import { createHash } from 'node:crypto';
import { aborted } from '../../run/signal.js';
import { difference, type Estimate, interval } from '../metrics/interval.js';
import type { Points } from '../metrics/points.js';
import type { Statistic } from '../metrics/statistic.js';
import { type VerdictWord, verdict } from '../metrics/verdict.js';
import { type Measured, measured, measuresFor } from './measures.js';
import type { CheckedCompare } from './options.js';
import type { CompareTarget } from './target.js';

/** Of what the metric would be of infinitely many samples: what finite ones add to distances is taken off. */
export interface Interval extends Pick<Estimate, 'low' | 'high'> {
  value: number;
}

export interface PairVerdict {
  metric: string;
  solver: string;
  /** Another solver, or 'perfect'. */
  than: string;
  /** Of `solver`. */
  verdict: VerdictWord;
  /** How much farther from the reference; below 0 where it is nearer. */
  difference: Interval;
  /** The smallest difference that four of five such comparisons would see. */
  detectable: number;
}

export interface Board {
  /** 'data': all error; 'converged': the solver's alone, against the network's own law. */
  against: 'data' | 'converged';
  /** Samples of each solver, and of the reference. */
  samples: number;
  reference: number;
  /** By metric: differences that do not matter. */
  margins: Record<string, number>;
  /** By metric: as many samples of the reference's own law. No solver can be seen to be better. */
  perfect: Record<string, Interval>;
  /** By solver and metric, with 95 % intervals. */
  quality: Record<string, Record<string, Interval>>;
  /** Each solver against perfect samples, where there are as many, and against those after it. */
  verdicts: PairVerdict[];
}

export interface BoardInput {
  against: Board['against'];
  target: CompareTarget;
  reference: Points;
  perfect: Points;
  /** By solver. The samples of one seed follow those of another. */
  rows: ReadonlyMap<string, Points>;
}

/** Samples that have no solver. */
const PERFECT = 'perfect';

export async function boardOf(input: BoardInput, options: CheckedCompare): Promise<Board> {
  const { against, target, reference, perfect, rows } = input;
  const board: Board = {
    ...{ against, samples: [...rows.values()][0]?.shape[0] ?? 0, reference: reference.shape[0] },
    ...{ margins: {}, perfect: {}, quality: {}, verdicts: [] },
  };
  if (rows.size === 0) return board;
  for (const solver of rows.keys()) board.quality[solver] = {};
  const all = new Map([[PERFECT, perfect], ...rows]);
  for (const name of options.metrics ?? measuresFor(target, reference)) {
    /** [metric][row] */
    const found = new Map<string, Map<string, Measured>>();
    for (const [row, samples] of all) {
      if (options.signal?.aborted) throw aborted(options.signal);
      const seeds = samples.shape[0] % options.seeds.length === 0 ? options.seeds.length : 1;
      for (const one of await measured(name, { target, samples, seeds, reference, margin: options.margin })) {
        const ofMetric = found.get(one.name) ?? new Map<string, Measured>();
        found.set(one.name, ofMetric.set(row, { ...one, statistic: remembering(one.statistic) }));
      }
    }
    for (const [metric, ofRows] of found) await enter(board, metric, ofRows, options);
  }
  return board;
}

/** One metric's line of everything. */
async function enter(board: Board, metric: string, rows: ReadonlyMap<string, Measured>, options: CheckedCompare) {
  const { resamples } = options;
  board.margins[metric] = rows.get(PERFECT)!.margin;
  for (const [row, { statistic }] of rows) {
    const estimate = intervalOf(await interval(statistic, { resamples }));
    if (row === PERFECT) board.perfect[metric] = estimate;
    else board.quality[row][metric] = estimate;
  }
  const solvers = [...rows].filter(([row]) => row !== PERFECT);
  for (const [i, [solver, own]] of solvers.entries()) {
    for (const [than, other] of [[PERFECT, rows.get(PERFECT)!] as const, ...solvers.slice(i + 1)]) {
      if (options.signal?.aborted) throw aborted(options.signal);
      if (!alike(own.statistic, other.statistic)) continue;
      const estimate = await difference(own.statistic, other.statistic, { resamples });
      const { verdict: word, detectable } = verdict(estimate, { margin: own.margin });
      board.verdicts.push({ metric, solver, than, verdict: word, difference: intervalOf(estimate), detectable });
    }
  }
}

function intervalOf({ corrected, low, high }: Estimate): Interval {
  return { value: corrected, low, high };
}

function alike(a: Statistic, b: Statistic): boolean {
  return a.samples.ofRow.length === b.samples.ofRow.length && a.samples.blocks === b.samples.blocks;
}

/** With its values kept: intervals and differences ask for the same draws, and a pair costs nothing then. */
function remembering(statistic: Statistic): Statistic {
  const known = new Map<string, number>();
  const at: Statistic['at'] = (samples, reference) => {
    const hash = createHash('sha1').update(samples);
    const key = (reference ? hash.update(reference) : hash).digest('base64');
    const value = known.get(key) ?? statistic.at(samples, reference);
    known.set(key, value);
    return value;
  };
  return { ...statistic, at };
}
