/** src/errors.ts says what each means and what to do. */
export type SdeErrorCode =
  | 'ERR_SDE_UNKNOWN_OPTION'
  | 'ERR_SDE_INVALID_OPTION'
  | 'ERR_SDE_INVALID_SHAPE'
  | 'ERR_SDE_SCHEDULE'
  | 'ERR_SDE_MODEL_NOT_FOUND'
  | 'ERR_SDE_MODEL_INVALID'
  | 'ERR_SDE_MODEL_HASH'
  | 'ERR_SDE_MODEL_OUTPUT'
  | 'ERR_SDE_MODEL_FAILED'
  | 'ERR_SDE_OUT_OF_MEMORY'
  | 'ERR_SDE_TORCH_UNAVAILABLE'
  | 'ERR_SDE_CUDA_UNAVAILABLE'
  | 'ERR_SDE_CALLBACK_FAILED'
  | 'ERR_SDE_SAMPLE_FAILED'
  | 'ERR_SDE_ABORTED'
  | 'ERR_SDE_ADDON_MISSING'
  | 'ERR_SDE_INTERNAL';

/**
 * What was finished before an error: of `sample` a SampleResult, of `stream` its statistics alone. Written out here,
 * since both builds take their types of errors from this file, and it can take none from them.
 */
export interface SdeErrorResult {
  samples?: Float32Array;
  shape?: number[];
  seed?: number | bigint;
  stats: {
    evaluations: Uint32Array;
    accepted: Uint32Array;
    rejected: Uint32Array;
    status: ('success' | 'nonFinite' | 'stepUnderflow' | 'maxEvaluations' | 'unfinished')[];
    network: { calls: number; rows: number };
    timing: { totalMs: number; scoreMs: number; solverMs: number };
    batch: number;
    utilisation: number;
    device: string;
    graph?: { captured: boolean; reason?: string };
  };
}

/** What may be said of an error beside its code and message; src/errors.ts says when each is there. */
export interface SdeErrorDetails {
  /** The option at fault, `'solver.rtol'`. */
  option?: string;
  /** Its value, as given. */
  value?: unknown;
  /** What would have been right. */
  expected?: string;
  /** What to do. */
  hint?: string;
  /** What was finished before, where a job was interrupted or a sample failed. */
  result?: SdeErrorResult;
  cause?: unknown;
}

/** One class for the ESM and the CommonJS build, so that `instanceof` holds across them. */
export class SdeError extends Error implements SdeErrorDetails {
  constructor(code: SdeErrorCode, message: string, details?: SdeErrorDetails);
  readonly code: SdeErrorCode;
  readonly option?: string;
  readonly value?: unknown;
  readonly expected?: string;
  readonly hint?: string;
  readonly result?: SdeErrorResult;
}

/** The addon: a `NativeAddon` of src/native.ts. Throws ERR_SDE_ADDON_MISSING, with what was tried and what to do. */
export function loadAddon(): unknown;

/** The package's own folder. */
export const root: string;

/** Where `fast-sde build` puts what it compiles, and where it is looked for. */
export function compiledFolder(): string;
