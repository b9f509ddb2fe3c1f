/** What a job cost, per sample and in total. */
import type { NativeFigures, NativeResult } from '../native.js';
import type { JobStats, SampleStats } from '../result.js';
import { type SampleStatus, STATUSES } from '../words.js';

/** Figures of a whole job, for tables. */
export interface StatsSummary {
  count: number;
  succeeded: number;
  meanEvaluations: number;
  maxEvaluations: number;
  /** Rejected steps over steps tried. */
  rejectedShare: number;
  networkCalls: number;
  networkRows: number;
  utilisation: number;
  totalMs: number;
  scoreMs: number;
  solverMs: number;
}

/** `rowsPerEvaluation`: 2 under classifier-free guidance. */
export function jobStats(
  result: NativeResult,
  { batch, device, layout, cause }: Pick<JobStats, 'batch' | 'device' | 'layout' | 'cause'>,
  rowsPerEvaluation: number,
): JobStats {
  const { evaluations, accepted, rejected, mostEvaluations, network, timing, graph } = result;
  const counts = STATUSES.map((status, code) => [status, result.ended[code]]);
  return {
    ended: Object.fromEntries(counts) as JobStats['ended'],
    totals: { evaluations, accepted, rejected, mostEvaluations },
    network,
    timing,
    batch,
    utilisation: network.rows > 0 ? (rowsPerEvaluation * evaluations) / network.rows : 1,
    device,
    ...(layout && { layout }),
    ...(graph && { graph }),
    ...(cause !== undefined && { cause }),
  };
}

/** The same with what each sample cost. */
export function sampleStats(
  job: JobStats,
  { evaluations, accepted, rejected, status: codes }: NativeFigures,
): SampleStats {
  let words: SampleStatus[] | undefined;
  return {
    evaluations,
    accepted,
    rejected,
    get status() {
      if (words === undefined) {
        words = [];
        for (const code of codes) words.push(STATUSES[code]);
      }
      return words;
    },
    ...job,
  };
}

export function summary(stats: JobStats): StatsSummary {
  const { ended, totals } = stats;
  const { accepted, rejected } = totals;
  const count = Object.values(ended).reduce((sum, samples) => sum + samples, 0);
  return {
    count,
    succeeded: ended.success,
    meanEvaluations: totals.evaluations / count,
    maxEvaluations: totals.mostEvaluations,
    rejectedShare: rejected === 0 ? 0 : rejected / (accepted + rejected),
    networkCalls: stats.network.calls,
    networkRows: stats.network.rows,
    utilisation: stats.utilisation,
    ...stats.timing,
  };
}
