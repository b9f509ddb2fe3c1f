/** Where the paths of a run are, for a run that goes on with them. */
import type { NativeControl } from './native-paths.js';

/** Equal pieces of time. */
export interface EqualPieces {
  length: number;
  /** That are over. */
  done: number;
}

/**
 * Where the paths of a run are: plain data, for structuredClone, postMessage or v8.serialize. With it a later run goes on
 * bit for bit as if the paths had never stopped.
 */
export interface Checkpoint {
  /** Where the paths began first. */
  t0: number;
  /** Where they are. */
  t: number;
  paths: number;
  /** [paths, states] */
  states: Float64Array;
  /** [paths, noises], where the run had saveW. */
  W?: Float64Array;
  /** As it was given; what is no solver is refused where it goes on. */
  solver: { readonly kind: string; readonly steps: number } | undefined;
  seed: bigint;
  firstIndex: number;
  precision: 'float64' | 'float32';
  /** Of a solver with equal steps. */
  steps?: EqualPieces;
  /** Of an adaptive one, and [paths, 3]: the step to try next, and logarithms of the last two errors. */
  control?: NativeControl;
  next?: Float64Array;
  /** What the Brownian path is made of, where that is not a piece a step. */
  cells?: EqualPieces;
  /** [paths] each: steps tried, the time the path came to, its position in PATH_STATUSES. */
  attempts: Float64Array;
  endTimes: Float64Array;
  status: Uint8Array;
}
