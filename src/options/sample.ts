/** The options of `sample` and `stream`: what they are. sample-table.ts has their checks, defaults and flags. */
import type { NativeProgress } from '../native.js';
import type { Score } from '../score/score.js';
import type { SdeData } from '../sde/sde.js';
import type { Solver } from '../solver/solver.js';
import type { Noise, OnFailure } from '../words.js';
import type { Device } from './device.js';

export type Progress = NativeProgress;
export type Condition = Float32Array | Int32Array;

export interface Guidance {
  /** Answer = u + scale·(c − u) of the unconditional answer u and the conditional one c. */
  scale: number;
  /** [width]: the condition that stands for none; same type and width as a row of `condition`. */
  unconditional: Condition;
}

export interface SampleOptions {
  /** What is solved, from vp(), ve(), subVp() or affine(). Required. */
  sde: SdeData;
  /** Who answers, from torchScore(), onnxScore(), mixtureScore() or callbackScore(). Required. */
  score: Score;
  /** Shape of one sample, such as [3, 32, 32]. Required. n below is the product. */
  shape: readonly number[];
  /** Samples to draw, at least 1; `sample` gives at most 2^26 at once. Default 1. */
  count?: number;
  /** Integer from 0 to 2^64 − 1. Sample k depends on nothing but seed and index. Default 0. */
  seed?: number | bigint;
  /** Samples are firstIndex … firstIndex + count − 1, so that a large job can be cut in pieces. Default 0. */
  firstIndex?: number;
  /** Default adaptive(). */
  solver?: Solver;
  /**
   * Samples in flight (slots) on each device, 1 … 65536, or 'auto' to measure which of a few numbers is fastest. Default
   * 32 on a CPU, 256 on a CUDA device.
   */
  batch?: number | 'auto';
  /**
   * Every network call has `batch` rows, so that a sample's bits do not depend on the samples beside it even where the
   * network's kernels depend on the number of rows. Default false: the last calls shrink.
   */
  padBatch?: boolean;
  /**
   * Where the job runs. Several CUDA devices share the samples, by index; what each of them draws is what one would
   * draw. Default 'auto': where the model of a torchScore is loaded, otherwise 'cpu'.
   */
  device?: Device;
  /** One more evaluation at tEnd takes the last noise out: x ← (x + sigma²·s)/alpha. Default true. */
  finalDenoise?: boolean;
  /**
   * What becomes of a rejected step's noise. 'bridge' (default): kept and subdivided by a Brownian bridge, which is
   * right. 'redraw': forgotten, as in the paper's code; biased in low dimensions. 'retain': scaled; biased too.
   */
  noise?: Noise;
  /**
   * `sample` alone: the result has every step that was tried, 29 bytes each. Default false. What is drawn does not depend
   * on it.
   */
  trajectory?: boolean;
  /** A sample that would need more score evaluations fails with status 'maxEvaluations'. Default 0: no limit. */
  maxEvaluations?: number;
  /** Solver threads, 0 … 1024; 0 (default): one a core. The result does not depend on it. */
  threads?: number;
  /**
   * LibTorch's threads in a network on the CPU, 0 … 1024; 0 (default): one a core, or what OMP_NUM_THREADS says. Each of
   * several jobs has its own. Another number may round differently. An onnxScore has its own option instead.
   */
  networkThreads?: number;
  /**
   * When some samples fail: 'throw' (default) ERR_SDE_SAMPLE_FAILED once all others are finished, with the result in the
   * error; 'keep': return the result, with the failures in stats.status.
   */
  onFailure?: OnFailure;
  /** [count·n]: own starting points at T in place of the prior. */
  initial?: Float32Array;
  /** [count·width]: a row a sample, passed to a network as its third input; Int32 becomes int64 there. */
  condition?: Condition;
  /** Classifier-free guidance: twice the rows. Needs `condition`. */
  guidance?: Guidance;
  /** Called about every 50 ms by each device, and at the end. What it throws stops the job. */
  onProgress?: (progress: Progress) => void;
  /** Stops the job within one network call; rejects with ERR_SDE_ABORTED. */
  signal?: AbortSignal;
}
