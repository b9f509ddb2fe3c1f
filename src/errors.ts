/**
 * Every error of this package is an `SdeError` with one of these codes.
 *
 * The class itself lives in lib/binding.cjs, which the ESM and the CommonJS build share, so that `instanceof` holds
 * across them.
 */
import { inspect, types } from 'node:util';
import { SdeError as SharedClass } from '#binding';
import type { JobStats, Reduced, SampleResult, SampleStats, SolvedSteps, SolveResult } from './result.js';

/** code → what it means, and what to do where the error itself knows nothing better. */
export const ERRORS = {
  ERR_SDE_UNKNOWN_OPTION: {
    meaning: 'an option nobody reads was given',
    remedy: 'Correct its name or leave it out.',
  },
  ERR_SDE_INVALID_OPTION: {
    meaning: 'an option has a wrong type or is out of range, or two options contradict each other',
    remedy: 'Pass what is expected.',
  },
  ERR_SDE_INVALID_EQUATION: {
    meaning: 'an equation cannot be read, means nothing, or has no finite real value where it starts',
    remedy: 'See the mark in the message: it stands under the place in the text.',
  },
  ERR_SDE_INVALID_SHAPE: {
    meaning: 'the shape is not a list of positive integers, or an array has not as many numbers as it must',
    remedy: 'Arrays are flat and row-major: one row of shape[0]·shape[1]·… numbers a sample.',
  },
  ERR_SDE_SCHEDULE: {
    meaning: 'an own schedule is not finite, negative, not smooth enough for its table, or contradicts itself',
    remedy: 'Check the function it names at the time it names.',
  },
  ERR_SDE_MODEL_NOT_FOUND: {
    meaning: 'there is no model file at that path',
    remedy: 'Check the path; it is taken relative to the working directory.',
  },
  ERR_SDE_MODEL_INVALID: {
    meaning: 'the file is no TorchScript module, or no ONNX model, or is damaged',
    remedy:
      'Export it with torch.jit.trace(...).save(path), torch.jit.script(...).save(path) or torch.onnx.export(...).',
  },
  ERR_SDE_MODEL_HASH: {
    meaning: 'the model file has another SHA-256 than the one asked for',
    remedy: 'Fetch the file again, or correct sha256 if the file was meant to change.',
  },
  ERR_SDE_MODEL_OUTPUT: {
    meaning: "a module's answer has another shape or type than it must",
    remedy:
      'The module must be forward(x, t) and return a floating tensor of the shape of x (a diffusion: of the shape declared).',
  },
  ERR_SDE_MODEL_FAILED: {
    meaning: 'the module threw while it was evaluated',
    remedy: 'Check shape, timeInput and condition against what the module was trained with.',
  },
  ERR_SDE_OUT_OF_MEMORY: {
    meaning: 'the machine, or its GPU, has not as much memory as the job needs',
    remedy: 'Lower batch or count, or use stream(), which holds only a few samples at a time.',
  },
  ERR_SDE_TORCH_UNAVAILABLE: {
    meaning: 'LibTorch, which evaluates TorchScript models, is not there',
    remedy: 'Run `npx fast-sde build --torch`; `npx fast-sde doctor` says what is missing.',
  },
  ERR_SDE_ONNX_UNAVAILABLE: {
    meaning: 'onnxruntime-node, which evaluates ONNX models, is not there or does not load',
    remedy: 'Run `npm install onnxruntime-node` beside fast-sde; it works without install scripts.',
  },
  ERR_SDE_CUDA_UNAVAILABLE: {
    meaning: 'a CUDA device was asked for and cannot be used',
    remedy:
      "Run `npx fast-sde build --cuda`; `npx fast-sde doctor` says what is missing; device 'auto' or 'cpu' does without.",
  },
  ERR_SDE_CALLBACK_FAILED: {
    meaning:
      'a function (of a callbackScore, a drift, a diffusion) threw or gave an unusable answer, or onProgress threw what is no error',
    remedy: 'See `cause`, which is what the function threw.',
  },
  ERR_SDE_SAMPLE_FAILED: {
    meaning: 'some samples could not be finished (stats.status says why); all others are in `result`',
    remedy: "Pass onFailure: 'keep' to get the result with the failed samples in it instead of this error.",
  },
  ERR_SDE_PATH_FAILED: {
    meaning: 'some paths could not be finished (stats.status says why); all others are in `result`',
    remedy: "Pass onFailure: 'keep' to get the result with the failed paths in it instead of this error.",
  },
  ERR_SDE_ABORTED: {
    meaning: 'the AbortSignal stopped the job; what was finished is in `result`',
    remedy: 'result.stats.status says which samples are finished; draw the others by firstIndex.',
  },
  ERR_SDE_ADDON_MISSING: {
    meaning: 'the native addon cannot be loaded',
    remedy: 'Run `npx fast-sde build --addon`; `npx fast-sde doctor` says what was tried.',
  },
  ERR_SDE_INTERNAL: {
    meaning: 'the native code failed in a way it should not',
    remedy: 'Please report it with the message and the output of `npx fast-sde doctor`.',
  },
} as const satisfies Record<`ERR_SDE_${string}`, { meaning: string; remedy: string }>;

export type SdeErrorCode = keyof typeof ERRORS;

/** What was finished before an error: of `sample` its result, of `stream` the statistics of the whole job alone. */
export type SdeErrorResult = Partial<Omit<SampleResult, 'stats'>> & { stats: JobStats & Partial<SampleStats> };

/** The same of `solve`. */
export type SolveErrorResult = SolveResult | SolvedSteps | Reduced;

/** What may be said of an error beside its code and message. */
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
  result?: SdeErrorResult | SolveErrorResult;
  cause?: unknown;
}

export interface SdeError extends Error, Readonly<Omit<SdeErrorDetails, 'cause' | 'result'>> {
  readonly code: SdeErrorCode;
  /** Of `sample` and `stream`; an error of `solve` has a SolveErrorResult here. */
  readonly result?: SdeErrorResult;
}

export const SdeError = SharedClass as unknown as {
  readonly prototype: SdeError;
  new (code: SdeErrorCode, message: string, details?: SdeErrorDetails): SdeError;
};

/** An error with the table's remedy for a hint, unless `details` has a better one. */
export function sdeError(code: SdeErrorCode, message: string, details: SdeErrorDetails = {}): SdeError {
  return new SdeError(code, message, { hint: ERRORS[code].remedy, ...details });
}

/** An option's name in errors: short, though names of the caller's own may be part of it ('params.…'). */
export const optionName = (option: string): string => cut(option, 120);

/** "shape[1]: expected a positive integer, got -3. hint"; `got` in place of a long value. */
export function invalidOption(
  named: string,
  value: unknown,
  expected: string,
  {
    code = 'ERR_SDE_INVALID_OPTION',
    hint,
    cause,
    got = shown(value),
  }: { code?: SdeErrorCode; hint?: string; cause?: unknown; got?: string } = {},
): SdeError {
  const option = optionName(named);
  const message = `${option}: expected ${expected}, got ${got}.${hint ? ` ${hint}` : ''}`;
  return sdeError(code, message, { option, value, expected, cause, ...(hint ? { hint } : {}) });
}

/** The same error with what was finished before it. */
export function withResult(failure: SdeError, result: NonNullable<SdeErrorDetails['result']>): SdeError {
  const { option, value, expected, hint, cause } = failure;
  const details = Object.entries({ option, value, expected, hint, cause }).filter(([, one]) => one !== undefined);
  return new SdeError(failure.code, failure.message, { ...Object.fromEntries(details), result });
}

/** What a hook threw, where that is an error; otherwise one that says so. */
export function thrownBy(hook: string, cause: unknown): unknown {
  if (isError(cause)) return cause;
  return sdeError('ERR_SDE_CALLBACK_FAILED', `${hook} threw ${shown(cause)}.`, { option: hook, cause });
}

/** Turns what the addon threw or reported into an `SdeError`; anything without one of our codes is passed through. */
export function fromNative(error: unknown, details: SdeErrorDetails = {}): unknown {
  if (!isError(error) || error instanceof SdeError) return error;
  const { code, message } = error as { code?: unknown; message: string };
  if (typeof code !== 'string' || !Object.hasOwn(ERRORS, code)) return error;
  return sdeError(code as SdeErrorCode, message, details);
}

/** Of whatever was thrown: the message of an error, anything else as it is shown in messages. */
export function messageOf(thrown: unknown): string {
  if (!isError(thrown)) return shown(thrown);
  try {
    return cut(String(thrown.message), 2000);
  } catch {
    return 'an error without a message';
  }
}

/** Errors of other realms too. */
function isError(value: unknown): value is Error {
  if (types.isNativeError(value)) return true;
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}

/** The longest list of properties that is worth a look in a message. */
const MOST_SHOWN = 16;

/** A value in a message: short whatever it is. */
export function shown(value: unknown): string {
  try {
    const many = typeof value === 'object' && value !== null && !types.isProxy(value) && hasMany(value);
    const options = { depth: many ? -1 : 0, maxArrayLength: 4, maxStringLength: 60, breakLength: Infinity };
    return cut(inspect(value, options), 100);
  } catch {
    return `a value of type ${typeof value}`;
  }
}

function hasMany(value: object): boolean {
  return !Array.isArray(value) && !ArrayBuffer.isView(value) && Object.keys(value).length > MOST_SHOWN;
}

export function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
