/** What a job gives back. */
import type { Checkpoint } from './checkpoint.js';
import type { MemoryFormat, PathStatus, SampleStatus } from './words.js';

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

/** Of paths: what they cost and how they ended. */
export interface PathTotals {
  /** Where they were solved: 'cpu' or 'cuda:0'. */
  device: string;
  /** The solver that was taken, and why where the caller left that open. */
  solver: { kind: string; why?: string };
  /** How many paths ended in each way. */
  ended: Record<PathStatus, number>;
  /** Over all paths: evaluations of drift and diffusion by rejected steps too, exact. */
  totals: { accepted: number; rejected: number; drifts: number; diffusions: number };
  timing: { totalMs: number };
}

export interface PathStats extends PathTotals {
  /** [paths]: steps taken, and steps tried and rejected. */
  accepted: Uint32Array;
  rejected: Uint32Array;
  /** [paths]: the time a path came to: t1, that of its terminal event, or of its failure. */
  endTimes: Float64Array;
  /** [paths]: how it ended. 'unfinished' only where the job was interrupted. */
  status: PathStatus[];
  /** [paths, events]: the time of the first crossing, NaN where there was none, and how many there were. */
  events?: { times: Float64Array; counts: Uint32Array };
}

export interface SolveResult {
  /** What `states` has a row for: saveAt. */
  times: Float64Array;
  /**
   * [paths, times, states], row-major, in index order. NaN from where a path failed; where an event ended it, its state
   * there.
   */
  states: Float64Array | Float32Array;
  /** Of `states`. */
  shape: [paths: number, times: number, states: number];
  /** [paths, times, noises], where saveW asks for it. */
  W?: Float64Array | Float32Array;
  stats: PathStats;
  /** What the option `resume` goes on from; made when it is read. Undefined where the job was interrupted. */
  readonly checkpoint?: Checkpoint;
}

/** With saveAt 'steps': each path's own. */
export interface SolvedSteps {
  paths: { times: Float64Array; states: Float64Array }[];
  stats: PathStats;
  readonly checkpoint?: Checkpoint;
}

/** At one saved time, by the functions' names. */
export interface Statistics {
  time: number;
  /** Paths that count: those that ended in success or in an event. */
  count: number;
  mean: Record<string, number>;
  variance: Record<string, number>;
  /** Of the mean: sqrt(variance / count). */
  standardError: Record<string, number>;
  min: Record<string, number>;
  max: Record<string, number>;
  covariance?: Record<string, Record<string, number>>;
  /** In the order of the option. NaN where one of the function's values is. */
  quantiles?: Record<string, number[]>;
  /** NaN is in no bin. */
  histograms?: { of: string; below: number; counts: Float64Array; above: number }[];
}

export interface Reduced {
  /** A saved time each. */
  statistics: Statistics[];
  stats: PathTotals & {
    /** Whether the rule of `stop` ended the job. */
    satisfied: boolean;
  };
}
