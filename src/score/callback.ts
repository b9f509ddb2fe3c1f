/** A JavaScript function for a score. */
import { invalidOption, sdeError } from '../errors.js';
import type { NativeQuestion, Prediction, TimeInput } from '../native.js';
import { choiceOption, optionsObject } from '../options/checks.js';
import { PREDICTIONS, type ScoreFacts, TIME_INPUTS } from './score.js';

export interface CallbackInfo {
  readonly rows: number;
  /** [rows]: the index of each row's sample. Rows that only fill the call up repeat one of the others. */
  readonly samples: readonly number[];
}

/**
 * Answers one batch. `x` [rows·n] are the points, `t` [rows] the times (in the unit of `timeInput`), `out` [rows·n] is to
 * be filled, unless the function returns a Float32Array of that length (or a promise of one). All three arrays are
 * reused: they must not be kept after the answer.
 */
export type ScoreFunction = (
  x: Float32Array,
  t: Float64Array,
  out: Float32Array,
  info: CallbackInfo,
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is the usual case, async or not.
) => Float32Array | void | Promise<Float32Array | void>;

export interface CallbackOptions {
  /** Default 'score'. */
  predicts?: Prediction;
  /** Default 't'. */
  timeInput?: TimeInput;
}

export interface CallbackScore extends ScoreFacts {
  readonly kind: 'callback';
  readonly evaluate: ScoreFunction;
}

/**
 * The function is called once for every batch of requests, on the thread that called `sample`, which costs two thread
 * switches a call besides the function itself. One that throws (or rejects) ends the job with ERR_SDE_CALLBACK_FAILED.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export function callbackScore(evaluate: ScoreFunction, options?: CallbackOptions): CallbackScore {
  if (typeof evaluate !== 'function') {
    throw invalidOption('callbackScore', evaluate, 'a function (x, t, out, info) that fills out');
  }
  const given = optionsObject('callbackScore', options, ['predicts', 'timeInput']);
  return Object.freeze({
    kind: 'callback',
    predicts: choiceOption('callbackScore.predicts', given.predicts, PREDICTIONS, 'score'),
    timeInput: choiceOption('callbackScore.timeInput', given.timeInput, TIME_INPUTS, 't'),
    evaluate,
  });
}

/** Lets the function fill `question.out`. Throws ERR_SDE_CALLBACK_FAILED; a promise only where the function gave one. */
export function answerQuestion(score: CallbackScore, question: NativeQuestion): void | Promise<void> {
  const { rows, x, time, out } = question;
  const accept = (answer: unknown): void => {
    if (answer === undefined || answer === out) return;
    if (!(answer instanceof Float32Array) || answer.length !== out.length) {
      const got = answer instanceof Float32Array ? `a Float32Array of ${answer.length}` : typeof answer;
      throw failed(new TypeError(`expected nothing or a Float32Array of ${out.length} numbers, got ${got}`));
    }
    out.set(answer);
  };
  try {
    const answer = score.evaluate(x, time, out, { rows, samples: Array.from(question.samples, Number) });
    if (!isThenable(answer)) {
      accept(answer);
      return;
    }
    return Promise.resolve(answer).then(accept, error => {
      throw failed(error);
    });
  } catch (error) {
    throw failed(error);
  }
}

/** Promises of other libraries and other realms included. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | undefined | null)?.then === 'function';
}

function failed(cause: unknown) {
  const known = (cause as { code?: string } | undefined)?.code === 'ERR_SDE_CALLBACK_FAILED';
  if (known) return cause;
  const what = cause instanceof Error ? cause.message : String(cause);
  return sdeError('ERR_SDE_CALLBACK_FAILED', `callbackScore: the function failed: ${what}`, { option: 'score', cause });
}
