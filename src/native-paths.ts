/** The contract with the addon for paths: programs of equations, jobs over paths, single steps. See native.ts. */
import type { NativeScore } from './native-score.js';
import type { Norm } from './words.js';

/** Straight-line code over rows: one number a path in each row. */
export interface NativeProgram {
  /**
   * Six words an instruction: op (a position in OPS of equations/ops.ts), form, dst, a, b, c. Registers are the states,
   * then t, the parameters that differ by path, the outputs, and temporaries. Form 1: b is the number of a constant;
   * form 2: a is. Operands that an op does not take are 0.
   */
  code: Int32Array;
  constants: Float64Array;
  outputs: number;
  registers: number;
}

/** An SDE dx = f dt + G dW. Structural zeros of matrices are left out; `entries` say where the outputs stand. */
export interface NativeEquations {
  states: number;
  noises: number;
  /** Parameters that differ by path. */
  params: number;
  /** Else Stratonovich's calculus. */
  ito: boolean;
  /** [states] */
  drift: NativeProgram;
  diffusion: NativeProgram;
  /** What answers in place of these two, which are not read then. */
  outside?: NativeOutside;
  /** [outputs of diffusion, 2]: state and noise, ascending. */
  entries: Int32Array;
  /** L^j1 g(i, j2); entries [outputs, 3]: i, j1 and j2 with j1 <= j2. Only where the noise commutes. */
  milstein?: { program: NativeProgram; entries: Int32Array };
  /** ∂f_i/∂x_j; entries [outputs, 2]: i and j. */
  jacobian?: { program: NativeProgram; entries: Int32Array };
  /** Of each noise: the outputs of `diffusion` that are in its column. */
  columns?: NativeProgram[];
  /** An output a condition: 1 where the path is inside. */
  domain?: NativeProgram;
}

/** Coefficients that are no programs. */
export interface NativeOutside {
  /** A loaded module; or of createCallback(), where JavaScript answers. */
  drift?: NativeScore;
  diffusion?: NativeScore;
  /** Of a diffusion [rows, states, columns]; 0: [rows, states]. */
  columns: number;
  /** Paths run backwards from there: they are asked at backwardsFrom − t. */
  backwardsFrom?: number;
  /** LibTorch's threads; 0: its own choice. */
  networkThreads: number;
}

/** Where a question about drift or diffusion is put. */
export interface NativePathQuestion {
  /** [rows, states] */
  x: Float64Array;
  /** [rows] */
  t: Float64Array;
  /** [rows]: of the paths. */
  indices: Float64Array;
  /** [rows, states] or [rows, states, columns]: for the answer; NaN before. */
  out: Float64Array;
}

export type CoefficientName = 'drift' | 'diffusion';

/** What `startPaths` takes. Arrays are read and written where they lie until the job has ended, so nobody may transfer them. */
export interface NativePathOptions {
  equations: NativeEquations;
  /** A word of the path solvers. */
  solver: string;
  /** The solver's own numbers. */
  numbers: Readonly<Record<string, number>>;
  float64: boolean;
  /** t0 < t1: equations of a job backwards in time are those of s = t0 − t. */
  t0: number;
  t1: number;
  /** Equal ones; 0: as `control` says. */
  steps: number;
  /** Equal pieces that the Brownian path is made of, a multiple of steps; 0: a piece an attempt. */
  cells: number;
  control?: NativeControl;
  maxSteps: number;
  /** Of paths that go on: x0 is [count, states] then. */
  earlier?: NativeEarlier;
  seed: bigint;
  firstIndex: bigint;
  count: number;
  threads: number;
  /** CUDA device; absent: the CPU. Needs openCuda. */
  device?: number;
  /** Increasing, in (t0, t1]. */
  saves: Float64Array;
  /** [states] or [count, states] */
  x0: Float64Array;
  /** [count] each: those that differ by path. */
  params: Float64Array[];
  events: { program: NativeProgram; direction: number; terminal: boolean }[];
  /** In place of output, W and figures. */
  reductions?: NativeReductions;
  /** [count, saves, states] */
  output?: Float64Array | Float32Array;
  /** [count, saves, noises] */
  W?: Float64Array | Float32Array;
  figures?: NativePathFigures;
  /** Whether the job keeps every step for `NativePathsJob.steps`. */
  trace?: boolean;
}

export interface NativeControl {
  rtol: number;
  atol: number;
  norm: Norm;
  h0: number;
  hMax: number;
  safety: number;
  factorMin: number;
  factorMax: number;
  /** Exponents of the error now, before, and before that. */
  pNow: number;
  pBefore: number;
  pEarlier: number;
}

/** What paths that go on have behind them. */
export interface NativeEarlier {
  /** Where they began first. */
  t0: number;
  /** Lengths of equal steps and of cells, as they were, and how many are over. */
  step: number;
  steps: number;
  cell: number;
  cells: number;
  /** [count]: steps tried. */
  attempts: Float64Array;
  /** [count]: positions in PATH_STATUSES, and the time each came to; what was no success stays as it is. */
  status: Uint8Array;
  ended: Float64Array;
  /** [count, 3], where steps are the paths' own. */
  next?: Float64Array;
  /** [count, noises], where W is wanted. */
  W?: Float64Array;
}

/** [count] each, and [count, events]. */
export interface NativePathFigures {
  accepted: Uint32Array;
  rejected: Uint32Array;
  /** Positions in PATH_STATUSES. */
  status: Uint8Array;
  ended: Float64Array;
  eventTimes: Float64Array;
  eventCounts: Uint32Array;
  /** [count, 3], of adaptive solvers: the step that would come next, and logarithms of the last two errors. */
  next?: Float64Array;
}

export interface NativeReductions {
  /** One output each. */
  functions: NativeProgram[];
  covariance: boolean;
  quantiles: boolean;
  histograms: { function: number; low: number; high: number; bins: number }[];
  stop?: { function: number; save: number; z: number; halfWidth: number };
}

/** [saves, functions] each, or as is said; of all saved times or of some. */
export interface NativeReduced {
  /** [saves] */
  count: Float64Array;
  mean: Float64Array;
  /** Sums of (x − mean)(y − mean): [saves, functions, functions] of covariances, else of x = y alone. */
  products: Float64Array;
  min: Float64Array;
  max: Float64Array;
  /** [saves, all bins]: below, the bins, above; of one histogram after the other. */
  counts: Float64Array;
  /** Shares whose quantiles are wanted. */
  levels: Float64Array;
  /** [saves, functions, levels] */
  quantiles: Float64Array;
}

export interface NativePathsJob {
  /** Rows of the largest question. */
  readonly rows: number;
  /** Puts the question that JavaScript has to answer now into arrays with room for `rows` rows; undefined: there is none. */
  question(into: NativePathQuestion): { of: CoefficientName; rows: number } | undefined;
  /** The answer: the job goes on. Throws ERR_SDE_CALLBACK_FAILED where the array is too short. */
  answer(out: Float64Array): void;
  /** The function failed: ends the job; `outcome` reports ERR_SDE_CALLBACK_FAILED. */
  fail(): void;
  progress(): { finished: number; count: number };
  abort(): void;
  /** Whether the running job keeps the process alive; at first it does. */
  ref(): void;
  unref(): void;
  /** Undefined while it runs. */
  outcome(): { totalMs: number; aborted: boolean; error?: { code: string; message: string } } | undefined;
  /** Of a job that is over and reduces: fills the arrays with so many saved times, from `first` on. */
  reduced(
    into: NativeReduced,
    first: number,
  ): { ended: number[]; accepted: number; rejected: number; satisfied: boolean } | undefined;
  /** Of a job that is over and keeps its steps: how many numbers each path has. */
  stepSizes(into: Float64Array): Float64Array | undefined;
  /** Paths from `first` on, whole ones as far as there is room: t and the states of each step. How many paths. */
  steps(into: Float64Array, first: number): number;
}

/** One step with noise given. */
export interface NativeStepOptions extends Pick<NativePathOptions, 'equations' | 'solver' | 'numbers'> {
  t: number;
  h: number;
  x: Float64Array;
  params: Float64Array;
  dW: Float64Array;
  H: Float64Array;
  /** Answers for functions outside. */
  answer?: (of: CoefficientName, x: Float64Array, t: number) => Float64Array;
  /** [states]: filled. */
  next: Float64Array;
  error: Float64Array;
}
