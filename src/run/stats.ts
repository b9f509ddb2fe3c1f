/** What a job cost, per sample and in total. */
import type { NativeResult } from '../native.js';
import type { UsedLayout } from '../score/prepared.js';
import { type SampleStatus, STATUSES } from '../words.js';

export interface SampleStats {
  /** [count]: score evaluations of each sample, the final denoising included. */
  evaluations: Uint32Array;
  /** [count]: steps taken. */
  accepted: Uint32Array;
  /** [count]: steps tried and rejected. */
  rejected: Uint32Array;
  /** [count]: 'success', or what went wrong; 'unfinished' only where the job was interrupted. */
  status: SampleStatus[];
  /** Of a network, where a sample ended as 'nonFinite' because of it: 'the network answers NaN at t = 0.93'. */
  cause?: string;
  /** Calls of the score and rows evaluated in them, wasted ones included. */
  network: { calls: number; rows: number };
  /** Wall-clock milliseconds: of the whole job, in the score, and in the solver; of several devices those of the slowest. */
  timing: { totalMs: number; scoreMs: number; solverMs: number };
  /** Slots, of each device. */
  batch: number;
  /** Useful rows over rows evaluated, 0 … 1. */
  utilisation: number;
  /** Where it ran: 'cpu', 'cuda:0', or 'cuda:0,cuda:1'; devices that had nothing to do left out. */
  device: string;
  /** Of a network: its memory layout, and where layout 'auto' did not take channels_last, why. */
  layout?: UsedLayout;
  /** Of a network on CUDA devices: whether its passes ran as a CUDA graph, on each of them, and if not, why not. */
  graph?: { captured: boolean; reason?: string };
}

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
