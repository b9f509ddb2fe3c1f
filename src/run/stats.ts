/** What a job cost, per sample and in total. */
import type { NativeResult } from '../native.js';
import type { SampleStats } from '../result.js';
import { STATUSES } from '../words.js';

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
export function sampleStats(
  result: NativeResult,
  { batch, device, layout }: Pick<SampleStats, 'batch' | 'device' | 'layout'>,
  rowsPerEvaluation: number,
): SampleStats {
  const { evaluations, accepted, rejected, network, timing, graph } = result;
  const useful = rowsPerEvaluation * sum(evaluations);
  return {
    evaluations,
    accepted,
    rejected,
    status: Array.from(result.status, code => STATUSES[code]),
    network,
    timing,
    batch,
    utilisation: network.rows > 0 ? useful / network.rows : 1,
    device,
    ...(layout && { layout }),
    ...(graph && { graph }),
  };
}

export function summary(stats: SampleStats): StatsSummary {
  const [accepted, rejected] = [sum(stats.accepted), sum(stats.rejected)];
  return {
    count: stats.evaluations.length,
    succeeded: stats.status.filter(status => status === 'success').length,
    meanEvaluations: sum(stats.evaluations) / stats.evaluations.length,
    maxEvaluations: stats.evaluations.reduce((most, one) => Math.max(most, one), 0),
    rejectedShare: rejected === 0 ? 0 : rejected / (accepted + rejected),
    networkCalls: stats.network.calls,
    networkRows: stats.network.rows,
    utilisation: stats.utilisation,
    ...stats.timing,
  };
}

function sum(values: Uint32Array): number {
  return values.reduce((total, value) => total + value, 0);
}
