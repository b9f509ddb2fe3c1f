/** What a job gives back. */
import type { MemoryFormat, SampleStatus } from './words.js';

export interface SampleResult {
  /**
   * [count, …shape], row-major, in index order. A failed sample's row is its last state; in the result of an interrupted
   * job the row of a sample not begun is NaN.
   */
  samples: Float32Array;
  /** Of `samples`: [count, …shape of one sample]. */
  shape: number[];
  /** As given. */
  seed: number | bigint;
  stats: SampleStats;
  /** Where the option `trajectory` asks for it. */
  trajectory?: Trajectory;
}

/**
 * The steps that were tried, a row each: sample after sample, each sample's in the order in which it tried them. Samples
 * that were given up or interrupted have as many as they came to.
 */
export interface Trajectory {
  /** The row in `samples`: index − firstIndex. */
  sample: Uint32Array;
  /** Time at which the step began; it led to t − h. */
  t: Float64Array;
  h: Float64Array;
  /** In units of the tolerance: the step was accepted where it is at most 1. 0 of a solver with fixed steps. */
  error: Float64Array;
  /** 1: accepted, 0: rejected. */
  accepted: Uint8Array;
}

export interface StreamedSample {
  /** firstIndex … firstIndex + count − 1. */
  index: number;
  /** [n]; the reader's to keep. The last state of a sample that failed. */
  data: Float32Array;
  evaluations: number;
  accepted: number;
  rejected: number;
  status: SampleStatus;
}

export interface SampleStats extends JobStats {
  /** [count]: score evaluations of each sample, the final denoising included. */
  evaluations: Uint32Array;
  /** [count]: steps taken. */
  accepted: Uint32Array;
  /** [count]: steps tried and rejected. */
  rejected: Uint32Array;
  /**
   * [count]: 'success', or what went wrong; 'unfinished' only where the job was interrupted. Made when it is first
   * read, which takes a while for millions of samples: `ended` has the counts.
   */
  status: SampleStatus[];
}

/** Of a whole job: all that `stream` keeps, since what each sample cost comes with the sample. */
export interface JobStats {
  /** How many samples ended in each way; together they are all that were asked for. */
  ended: Record<SampleStatus, number>;
  /** Over all samples; mostEvaluations is of the one that needed most. */
  totals: { evaluations: number; accepted: number; rejected: number; mostEvaluations: number };
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

export interface UsedLayout {
  used: MemoryFormat;
  /** Why it is not channels_last, or not in every call, where layout 'auto' would have it so. */
  reason?: string;
}
