/**
 * The typed contract with the addon (`native/node`). Everything that crosses the border is here or, of paths, in
 * native-paths.ts; the words of its choices are in words.ts.
 *
 * The addon throws plain `Error`s with a `code` of `errors.ts`; callers turn them into `SdeError`s with `fromNative`.
 * Options arrive checked: the addon checks types, words, lengths, and what its own memory depends on.
 */

import type { NativePathOptions, NativePathsJob, NativeStepOptions } from './native-paths.js';
import type { NativeScore } from './native-score.js';

export type { NativeScore };

import type { Dtype, Layout, MemoryFormat, Noise, Prediction, SampleStatus, TimeInput } from './words.js';

export type NativeSchedule =
  | { kind: 'vp' | 'subVp'; betaMin: number; betaMax: number }
  | { kind: 've'; sigmaMin: number; sigmaMax: number }
  /**
   * Piecewise cubics on [edges[i], edges[i+1]], ascending in t. `cubics` holds 16 numbers a piece: for
   * alpha, sigma, f, g in this order the coefficients c0..c3 of c0 + c1 u + c2 u² + c3 u³, with
   * u = (t − edges[i]) / (edges[i+1] − edges[i]).
   */
  | { kind: 'table'; edges: Float64Array; cubics: Float64Array };

/** `kind`, and the solver's options under their own names. */
export interface NativeSolver {
  kind: string;
  [option: string]: unknown;
}

export interface NativeJobOptions {
  schedule: NativeSchedule;
  /** Integration runs from tStart (prior) down to tEnd. */
  tStart: number;
  tEnd: number;
  /** Standard deviation of the prior N(0, priorStd² I). */
  priorStd: number;
  solver: NativeSolver;
  noise: Noise;
  finalDenoise: boolean;
  /** 0: no limit. */
  maxEvaluations: number;
  seed: bigint;
  /** Shape of one sample. */
  shape: number[];
  /** Samples firstIndex … firstIndex + count − 1. */
  firstIndex: bigint;
  count: number;
  /** Slots. */
  batch: number;
  padBatch: boolean;
  /** Whether the job keeps every step for `NativeJob.steps`; absent: no. Needs `figures`. */
  trajectory?: boolean;
  /** Solver threads; 0: one a core. */
  threads: number;
  /** LibTorch's threads in a network on the CPU; 0 or absent: its own choice. */
  networkThreads?: number;
  score: NativeScore;
  /** CUDA device; absent: the CPU. A loaded model has to lie on the same. Needs openCuda. */
  device?: number;
  predicts: Prediction;
  timeInput: TimeInput;
  /** Of a loaded model; absent or 'auto': the one that it was loaded with. */
  layout?: Layout;
  /**
   * [count, …shape]: starting points instead of the prior. Like all arrays of this object it is read where it lies, so
   * nobody may transfer or resize it until the job has ended.
   */
  initial?: Float32Array;
  /** [count, width]. */
  condition?: Float32Array | Int32Array;
  /** Same type as condition, [width]. */
  unconditional?: Float32Array | Int32Array;
  guidanceScale?: number;
  /**
   * [count, …shape]: finished samples are written here (row = index − firstIndex) until there is an `outcome`; the addon
   * keeps it alive. Without it finished samples queue up for `take` and the job waits for the reader when more than two
   * batches are waiting.
   */
  output?: Float32Array;
  /** Filled likewise. With them the rows in `output` of samples that were never begun become NaN. */
  figures?: NativeFigures;
}

/** [count] each: of every sample. */
export interface NativeFigures {
  evaluations: Uint32Array;
  accepted: Uint32Array;
  rejected: Uint32Array;
  /** Positions in STATUSES. */
  status: Uint8Array;
}

/** Steps that were tried, a row each. */
export interface NativeSteps {
  /** Row of the sample: index − firstIndex. */
  sample: Uint32Array;
  t: Float64Array;
  h: Float64Array;
  error: Float64Array;
  /** 0 or 1. */
  accepted: Uint8Array;
}

export interface NativeProgress {
  finished: number;
  count: number;
  /** 0 … 1; samples in flight count by how far their time has come. */
  fraction: number;
  networkCalls: number;
}

export interface NativeSample {
  index: bigint;
  data: Float32Array;
  evaluations: number;
  accepted: number;
  rejected: number;
  status: SampleStatus;
}

export interface NativeResult {
  /** How many samples ended in each of STATUSES. */
  ended: number[];
  /** Over all samples. */
  evaluations: number;
  accepted: number;
  rejected: number;
  /** Of one sample. */
  mostEvaluations: number;
  /** The failed sample of the lowest index. */
  firstFailure?: { index: number; status: SampleStatus };
  network: { calls: number; rows: number };
  timing: { totalMs: number; scoreMs: number; solverMs: number };
  /** How many steps there are for `NativeJob.steps`. */
  steps: number;
  /** A network on a CUDA device: whether its passes ran as a CUDA graph, and if not, why not. */
  graph?: { captured: boolean; reason?: string };
}

/** Where a batch of requests that a callback score has to answer is put. */
export interface NativeQuestion {
  /** [rows, …shape] */
  x: Float32Array;
  /** [rows], in the model's time input (float64). */
  time: Float64Array;
  /** [rows]: index of each row's sample. */
  samples: BigInt64Array;
  /** [rows, …shape]: for the answer; NaN before. */
  out: Float32Array;
}

export interface NativeJob {
  progress(): NativeProgress;
  /**
   * Finished samples not yet taken (jobs without `output`), at most so many and a few MiB at once. Their arrays are made
   * by the constructor given, so that they are of its realm, and no memory is an exception of its own.
   */
  take(float32Array: typeof Float32Array, most: number): NativeSample[];
  /** Rows of the largest call. */
  readonly rows: number;
  /**
   * Puts the batch that a callback score has to answer now into arrays with room for `rows` rows; how many rows it has,
   * or undefined where none is asked for. Of x and out the numbers from `from` to `to`, or all.
   */
  question(into: NativeQuestion, from?: number, to?: number): number | undefined;
  /**
   * The answer, as many rows, or its numbers from `from` to `to`; with the last of them the job goes on. Throws
   * ERR_SDE_CALLBACK_FAILED where the array is too short.
   */
  answer(out: Float32Array, from?: number, to?: number): void;
  /** The callback failed: end the job; `outcome` reports ERR_SDE_CALLBACK_FAILED. */
  fail(): void;
  /** Ends the job within one network call. */
  abort(): void;
  /** Whether the running job keeps the process alive; at first it does. */
  ref(): void;
  unref(): void;
  /**
   * Once there is an `outcome`: fills the arrays with the next steps, by sample and then in the order in which they were
   * tried. How many rows were filled; those are taken.
   */
  steps(into: NativeSteps): number;
  /** undefined while running. `error` is set where the job failed as a whole; figures are always there. */
  outcome(): { result: NativeResult; aborted: boolean; error?: { code: string; message: string } } | undefined;
}

export interface NativeModelOptions {
  /** For messages; the file itself is not opened. */
  path: string;
  /** The file's. Must stay as they are until the promise is settled. */
  bytes: ArrayBuffer;
  /** 'cpu', 'cuda:0' */
  device: string;
  /** 'tf32': float32 whose products a CUDA device may round to 10 bits. */
  dtype: Dtype;
  layout: Layout;
  /** Inline the weights; absent: true. */
  freeze?: boolean;
}

/** How a module was exported. Lists are 'a, b', empty where there is nothing. */
export interface NativeModelFacts {
  /** It was loaded with layout 'auto' and has 2-D convolutions. */
  layoutMatters: boolean;
  /** A call failed in channels_last and was made again in contiguous memory. */
  fellBack: boolean;
  /** A batch norm has no running statistics. */
  normsByBatch: boolean;
  /** Operators found in train mode, and switched to inference: 'batch_norm, dropout'. */
  trainMode: string;
  /** Operators that answer by chance: 'randn_like'. */
  random: string;
  /** Types of layers' weights that are not float32: 'float64'. */
  foreignWeights: string;
}

/** One network call. The arrays are copied. */
export interface NativeModelCall {
  /** Of one sample. */
  shape: number[];
  /** [rows, …shape] */
  x: Float32Array;
  /** [rows], in the model's time input. */
  time: Float32Array;
  /** [rows, width] */
  condition?: Float32Array | Int32Array;
  /** [width] */
  unconditional?: Float32Array | Int32Array;
  guidanceScale?: number;
  /** Of an answer [rows, …shape, columns]; absent or 0: it has the shape of x. */
  columns?: number;
  /** 'auto': the one that it was loaded with. */
  layout: Layout;
}

export interface NativeCudaDevice {
  name: string;
  /** '9.0' */
  computeCapability: string;
  multiprocessors: number;
  memoryBytes: number;
}

/** Lists of words in the order of their numbers, and limits: native/contract, for the test that compares it with ours. */
interface NativeContract {
  solvers: string[];
  schedules: string[];
  predictions: string[];
  timeInputs: string[];
  noise: string[];
  scales: string[];
  norms: string[];
  statuses: string[];
  pathSolvers: string[];
  pathStatuses: string[];
  dtypes: string[];
  layouts: string[];
  errorCodes: string[];
  /** Operations of programs, and how many operands each takes. */
  ops: string[];
  opOperands: number[];
  limits: Record<
    'threads' | 'batch' | 'count' | 'steps' | 'elements' | 'instructions' | 'registers' | 'pathStates',
    number
  >;
}

export interface NativeAddon {
  contract(): NativeContract;
  /** The instruction set chosen at load ('x86-64-v2' | 'x86-64-v3' | 'x86-64-v4' | 'baseline') and the cores seen. */
  cpu(): { variant: string; variants: string[]; cores: number };
  /**
   * Opens the LibTorch plugin (once; later calls return the same). Throws ERR_SDE_TORCH_UNAVAILABLE with the
   * loader's own words.
   */
  openTorch(pluginPath: string): { version: string; cudaDevices: number };
  /** Does on another thread what takes openTorch long; rejects with what that throws. */
  prepareTorch(pluginPath: string): Promise<void>;
  /**
   * Opens the CUDA plugin (once; later calls return the same). Throws ERR_SDE_CUDA_UNAVAILABLE with the loader's own
   * words, or with the reason why the driver shows no device. `runtime`: CUDA's version it was built with, '13.0'.
   */
  openCuda(pluginPath: string): { runtime: string; devices: NativeCudaDevice[] };
  /** Loads a module on libuv's pool. Rejects with ERR_SDE_MODEL_* or ERR_SDE_OUT_OF_MEMORY. */
  loadModel(options: NativeModelOptions): Promise<NativeScore>;
  describeModel(score: NativeScore): NativeModelFacts;
  /** One call on libuv's pool, [rows, …shape]. Rejects with ERR_SDE_MODEL_* or ERR_SDE_OUT_OF_MEMORY. */
  askModel(score: NativeScore, call: NativeModelCall): Promise<Float32Array>;
  /** float64 and half weights become float32. */
  unifyModel(score: NativeScore): Promise<void>;
  /** Frees the weights in the other layout until a call asks for it again. */
  keepLayout(score: NativeScore, layout: MemoryFormat): Promise<void>;
  /** Gives the memory of a large buffer back at once, not when it is collected; the buffer is empty then. */
  discard(bytes: ArrayBuffer): Promise<void>;
  /** weights [K], means [K, n], variances [K]; or the first of `count` means, and addMeans brings the others. */
  createMixture(weights: Float64Array, means: Float32Array, variances: Float64Array, count?: number): NativeScore;
  addMeans(score: NativeScore, means: Float32Array): void;
  createCallback(): NativeScore;
  /** Frees the model, at once or with the last job that runs on it; `start` takes the score no more. */
  disposeScore(score: NativeScore): void;
  /**
   * Starts a job on a thread of its own. `wake` is called on this thread, coalesced (about every 50 ms for
   * progress, at once for samples, questions and the end): then look at progress(), take(), question(), outcome().
   */
  start(options: NativeJobOptions, wake: () => void): NativeJob;
  /** Copies all numbers to an array as long; false, and not all are copied, where one is not finite. */
  copyFinite(from: Float32Array, to: Float32Array): boolean;
  /** Whether so many bytes can be had in one array, with what V8 needs beside them. Asked without taking them. */
  hasRoom(bytes: number): boolean;
  /** Self-test hook: fills `out` with standard normals of (seed, sample, node), computed by the named CPU variant. */
  normals(seed: bigint, sample: bigint, node: number, out: Float32Array, variant?: string): Float32Array;
  /** Starts a job over paths; `wake` is called as `start`'s is. */
  startPaths(options: NativePathOptions, wake: () => void): NativePathsJob;
  stepPath(options: NativeStepOptions): void;
}
