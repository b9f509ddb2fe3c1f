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
  result?: unknown;
  cause?: unknown;
}

/** One class for the ESM and the CommonJS build, so that `instanceof` holds across them. */
export class SdeError extends Error implements SdeErrorDetails {
  constructor(code: string, message: string, details?: SdeErrorDetails);
  readonly code: string;
  readonly option?: string;
  readonly value?: unknown;
  readonly expected?: string;
  readonly hint?: string;
  readonly result?: unknown;
}

/** The addon: a `NativeAddon` of src/native.ts. Throws ERR_SDE_ADDON_MISSING, with what was tried and what to do. */
export function loadAddon(): unknown;

/** The package's own folder. */
export const root: string;
