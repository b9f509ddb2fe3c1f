/** What a job that reduces its paths came to. */
import { SdeError, withResult } from '../errors.js';
import type { NativeReduced } from '../native-paths.js';
import type { CheckedReductions } from '../options/reductions.js';
import type { CheckedSolve } from '../options/solve.js';
import type { Reduced, Statistics } from '../result.js';
import type { ChosenSolver } from '../solver/paths/solver.js';
import { allocated } from './allocate.js';
import { endedBy, solverTotals } from './path-stats.js';
import type { PathsEnd } from './paths-job.js';
import { inPieces } from './pieces.js';
import { aborted } from './signal.js';

/** Numbers, quantiles counted as many, that are handed out before the event loop gets its turn: some milliseconds. */
const AT_ONCE = 2 ** 16;
/** Steps through a sketch that a quantile takes, in numbers. */
const OF_QUANTILE = 64;

/** Throws what ended the job early, with what there is in its `result`; paths that fail are counted, not thrown. */
export async function reducedPaths(
  end: PathsEnd,
  checked: CheckedSolve,
  chosen: ChosenSolver,
  reductions: CheckedReductions,
): Promise<Reduced> {
  const { times } = checked;
  const { job, failure, aborted: wasAborted } = end;
  const found = job.reduced(roomFor(0, reductions), 0);
  if (!found) throw failure;
  const { functions, products, bins, levels } = sizesOf(reductions);
  const atOnce = Math.ceil(AT_ONCE / (1 + 3 * functions + products + bins + OF_QUANTILE * functions * levels));
  const statistics: Statistics[] = [];
  const work = (from: number, to: number): void => {
    const room = roomFor(to - from, reductions);
    job.reduced(room, from);
    for (let save = from; save < to; save++) statistics.push(statisticsOf(times[save], save - from, room, reductions));
  };
  await inPieces(times.length, work, atOnce);
  const { accepted, rejected, satisfied } = found;
  const totals = solverTotals(chosen, checked.events.length, accepted, rejected, end);
  const stats = { ...totals, ended: endedBy(found.ended), satisfied };
  const result = { statistics, stats };
  if (failure instanceof SdeError) throw withResult(failure, result);
  if (failure !== undefined) throw failure;
  if (wasAborted) throw aborted(checked.signal, result);
  return result;
}

/** Of one saved time. */
function sizesOf({ names, covariance, quantiles, histograms }: CheckedReductions) {
  const functions = names.length;
  const products = covariance ? functions * functions : functions;
  const bins = histograms.reduce((sum, histogram) => sum + histogram.bins + 2, 0);
  return { functions, products, bins, levels: quantiles.length };
}

function roomFor(saves: number, reductions: CheckedReductions): NativeReduced {
  const { functions, products, bins, levels } = sizesOf(reductions);
  const numbers = saves * (1 + 3 * functions + products + bins + functions * levels);
  return allocated('the statistics', 8 * numbers, () => ({
    count: new Float64Array(saves),
    mean: new Float64Array(saves * functions),
    products: new Float64Array(saves * products),
    min: new Float64Array(saves * functions),
    max: new Float64Array(saves * functions),
    counts: new Float64Array(saves * bins),
    levels: reductions.quantiles,
    quantiles: new Float64Array(saves * functions * levels),
  }));
}

/** Of the time in row `save` of `room`. */
function statisticsOf(time: number, save: number, room: NativeReduced, reductions: CheckedReductions): Statistics {
  const { names, covariance, histograms } = reductions;
  const { functions, products, bins, levels } = sizesOf(reductions);
  const count = room.count[save];
  const named = (of: (i: number) => number) => Object.fromEntries(names.map((name, i) => [name, of(i)]));
  const product = (i: number, j: number) => {
    const place = covariance ? i * functions + j : i;
    return count > 1 ? room.products[save * products + place] / (count - 1) : Number.NaN;
  };
  const one: Statistics = {
    time,
    count,
    mean: named(i => room.mean[save * functions + i]),
    variance: named(i => product(i, i)),
    standardError: named(i => Math.sqrt(product(i, i) / count)),
    min: named(i => room.min[save * functions + i]),
    max: named(i => room.max[save * functions + i]),
  };
  if (covariance) {
    const rows = names.map((name, i) => [name, named(j => product(i, j))] as const);
    one.covariance = Object.fromEntries(rows);
  }
  if (levels > 0) {
    const lists = names.map((name, i) => {
      const from = (save * functions + i) * levels;
      return [name, [...room.quantiles.subarray(from, from + levels)]] as [string, number[]];
    });
    one.quantiles = Object.fromEntries(lists);
  }
  if (histograms.length > 0) {
    let from = save * bins;
    one.histograms = histograms.map(histogram => {
      const all = room.counts.slice(from, from + histogram.bins + 2);
      from += all.length;
      return { of: histogram.of, below: all[0], counts: all.subarray(1, -1), above: all[all.length - 1] };
    });
  }
  return one;
}
