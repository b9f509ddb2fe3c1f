/** A JavaScript function for a score. */
import { addon } from '../addon.js';
import { invalidOption } from '../errors.js';
import type { NativeQuestion } from '../native.js';
import { checkedTable, choice, type OptionTable } from '../options/option.js';
import { answeredInto } from '../run/answered.js';
import { PREDICTIONS, type Prediction, TIME_INPUTS, type TimeInput } from '../words.js';
import type { ScoreFacts, ScoreKind } from './facts.js';

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

const OF_FUNCTION = 'a score that is a function, which no command line can give';

export const CALLBACK_OPTIONS: OptionTable<CallbackOptions, ScoreFacts> = {
  predicts: choice({
    default: 'score',
    choices: PREDICTIONS,
    help: 'what the function answers with',
    flag: { none: OF_FUNCTION },
  }),
  timeInput: choice({
    default: 't',
    choices: TIME_INPUTS,
    help: 'what the function takes for its time',
    flag: { none: OF_FUNCTION },
  }),
};

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
  const { predicts, timeInput } = checkedTable('callbackScore', options, CALLBACK_OPTIONS);
  return Object.freeze({ kind: 'callback', predicts, timeInput, evaluate });
}

export const callbackKind: ScoreKind<CallbackScore> = {
  kind: 'callback',
  maker: 'callbackScore()',
  check(score) {
    if (typeof score.evaluate === 'function') return;
    throw invalidOption('score', score, 'a callback score with its function', {
      hint: 'Make it with callbackScore(), in this very thread.',
    });
  },
  devices(option, given, wanted) {
    if (wanted === 'auto' || wanted[0] === 'cpu') return ['cpu'];
    throw invalidOption(option, given, "'auto' or 'cpu' beside a callbackScore", {
      hint: "A JavaScript function answers on the CPU: use device 'cpu'.",
    });
  },
  // One for every job: it holds the question that is open.
  native: () => addon().createCallback(),
  takesCondition: false,
  insteadOfCondition: 'A callbackScore learns from info.samples whose rows it answers.',
  answer: answerQuestion,
};

/** Lets the function fill `question.out`. Throws ERR_SDE_CALLBACK_FAILED; a promise only where the function gave one. */
function answerQuestion(score: CallbackScore, { x, time, out, samples }: NativeQuestion): void | Promise<void> {
  return answeredInto({ name: 'callbackScore', option: 'score' }, out, () =>
    score.evaluate(x, time, out, { rows: time.length, samples: Array.from(samples, Number) }),
  );
}
