/** The options of `sample` and `stream`: what they are, and their check before any work starts. */

import { invalidOption, type SdeErrorCode } from '../errors.js';
import type { NativeJobOptions, NativeProgress, Noise } from '../native.js';
import { checkedScore, type Score } from '../score/score.js';
import { checkedSde, nativeSchedule, type SdeData } from '../sde/sde.js';
import { adaptive } from '../solver/adaptive.js';
import { nativeSolver, type Solver } from '../solver/solver.js';
import { booleanOption, choiceOption, functionOption, numberOption, optionsObject, seedOption } from './checks.js';
import { type Device, jobDevices } from './device.js';

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
  /** Who answers, from torchScore(), mixtureScore() or callbackScore(). Required. */
  score: Score;
  /** Shape of one sample, such as [3, 32, 32]. Required. n below is the product. */
  shape: readonly number[];
  /** Samples to draw, 1 … 2^26. Default 1. */
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
  /** A sample that would need more score evaluations fails with status 'maxEvaluations'. Default 0: no limit. */
  maxEvaluations?: number;
  /** Solver threads, 0 … 1024; 0 (default): one a core. The result does not depend on it. */
  threads?: number;
  /**
   * When some samples fail: 'throw' (default) ERR_SDE_SAMPLE_FAILED once all others are finished, with the result in the
   * error; 'keep': return the result, with the failures in stats.status.
   */
  onFailure?: 'throw' | 'keep';
  /** [count·n]: own starting points at T in place of the prior. */
  initial?: Float32Array;
  /** [count·width]: a row a sample, passed to a torchScore as its third input; Int32 becomes int64 there. */
  condition?: Condition;
  /** Classifier-free guidance: twice the rows. Needs `condition`. */
  guidance?: Guidance;
  /** Called about every 50 ms by each device, and at the end. What it throws stops the job. */
  onProgress?: (progress: Progress) => void;
  /** Stops the job within one network call; rejects with ERR_SDE_ABORTED. */
  signal?: AbortSignal;
}

/** Options found right, in the addon's form. Score handle, device, slots and output are still to come. */
export interface CheckedOptions {
  native: Omit<NativeJobOptions, 'score' | 'device' | 'batch' | 'output'>;
  score: Score;
  /** ['cpu'], or CUDA devices such as ['cuda:0', 'cuda:1']. */
  devices: readonly string[];
  batch: number | 'auto';
  /** Numbers of one sample. */
  elements: number;
  seed: number | bigint;
  onFailure: 'throw' | 'keep';
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

const KNOWN = [
  'sde',
  'score',
  'shape',
  'count',
  'seed',
  'firstIndex',
  'solver',
  'batch',
  'padBatch',
  'device',
  'finalDenoise',
  'noise',
  'maxEvaluations',
  'threads',
  'onFailure',
  'initial',
  'condition',
  'guidance',
  'onProgress',
  'signal',
] as const satisfies readonly (keyof SampleOptions)[];

/** Of one job: it keeps figures of each, and an array of many more words would end the process. */
const MOST_SAMPLES = 2 ** 26;

/** Throws ERR_SDE_UNKNOWN_OPTION, ERR_SDE_INVALID_OPTION, ERR_SDE_INVALID_SHAPE, ERR_SDE_CUDA_UNAVAILABLE. */
export function checkedOptions(where: string, options: SampleOptions): CheckedOptions {
  const given = optionsObject(where, options, KNOWN);
  const sde = checkedSde(given.sde);
  const score = checkedScore(given.score);
  const { shape, elements } = checkedShape(given.shape, score);
  const count = numberOption('count', given.count, 1, { min: 1, integer: true });
  if (count > MOST_SAMPLES) {
    throw invalidOption('count', count, 'at most 2^26', { hint: 'Draw more in pieces, by firstIndex.' });
  }
  if (count * elements > Number.MAX_SAFE_INTEGER) throw wrongShape('count', count, 'fewer than 2^53 numbers in all');
  const firstIndex = numberOption('firstIndex', given.firstIndex, 0, { min: 0, integer: true });
  if (!Number.isSafeInteger(firstIndex + count)) throw invalidOption('firstIndex', firstIndex, 'indices below 2^53');
  const seed = seedOption('seed', given.seed);
  const devices = jobDevices('device', given.device, score);
  return {
    score,
    devices,
    elements,
    seed: given.seed ?? 0,
    batch: given.batch === 'auto' ? 'auto' : checkedBatch(given.batch, devices[0] === 'cpu' ? 32 : 256),
    onFailure: choiceOption('onFailure', given.onFailure, ['throw', 'keep'], 'throw'),
    onProgress: functionOption('onProgress', given.onProgress),
    signal: checkedSignal(given.signal),
    native: {
      schedule: nativeSchedule(sde),
      tStart: sde.T,
      tEnd: sde.tEnd,
      priorStd: sde.priorStd,
      solver: nativeSolver(given.solver ?? adaptive(), sde.dataRange),
      noise: choiceOption('noise', given.noise, ['bridge', 'redraw', 'retain'], 'bridge'),
      finalDenoise: booleanOption('finalDenoise', given.finalDenoise, true),
      maxEvaluations: numberOption('maxEvaluations', given.maxEvaluations, 0, { min: 0, integer: true }),
      seed,
      shape,
      firstIndex: BigInt(firstIndex),
      count,
      padBatch: booleanOption('padBatch', given.padBatch, false),
      threads: numberOption('threads', given.threads, 0, { min: 0, max: 1024, integer: true }),
      predicts: score.predicts,
      timeInput: score.timeInput,
      initial: checkedInitial(given.initial, count, elements),
      ...checkedCondition(given, count, score),
    },
  };
}

function checkedBatch(batch: unknown, fallback: number): number {
  if (typeof batch === 'string') throw invalidOption('batch', batch, "an integer at least 1, or 'auto'");
  return numberOption('batch', batch, fallback, { min: 1, max: 65536, integer: true });
}

function checkedShape(shape: unknown, score: Score): { shape: number[]; elements: number } {
  if (!Array.isArray(shape) || shape.length === 0) throw wrongShape('shape', shape, 'an array of positive integers');
  for (const [i, size] of shape.entries()) {
    if (!Number.isSafeInteger(size) || size < 1) throw wrongShape(`shape[${i}]`, size, 'a positive integer');
  }
  const elements = shape.reduce((product: number, size: number) => product * size, 1);
  if (elements > 2 ** 40) throw wrongShape('shape', shape, 'at most 2^40 numbers a sample');
  if (score.kind === 'mixture' && score.elements !== elements) {
    throw wrongShape('shape', shape, `${score.elements} numbers a sample, as the mixture's means have`);
  }
  return { shape: [...shape], elements };
}

function checkedInitial(initial: unknown, count: number, elements: number): Float32Array | undefined {
  if (initial === undefined) return undefined;
  if (!(initial instanceof Float32Array)) throw invalidOption('initial', initial, 'a Float32Array');
  if (initial.length !== count * elements) {
    throw wrongShape('initial', initial, `${count * elements} numbers (count ${count} times ${elements})`);
  }
  return initial;
}

function checkedCondition(given: SampleOptions, count: number, score: Score) {
  const { condition, guidance } = given;
  if (condition === undefined) {
    if (guidance !== undefined) throw invalidOption('guidance', guidance, 'a condition beside it');
    return {};
  }
  if (!isCondition(condition)) throw invalidOption('condition', condition, 'a Float32Array or an Int32Array');
  if (score.kind !== 'torch') {
    throw invalidOption('condition', condition, 'a torchScore beside it', {
      hint: 'A callbackScore learns from info.samples whose rows it answers.',
    });
  }
  const width = condition.length / count;
  if (!Number.isInteger(width) || width === 0) throw wrongShape('condition', condition, `count (${count}) rows`);
  if (guidance === undefined) return { condition };
  const { scale, unconditional } = optionsObject('guidance', guidance, ['scale', 'unconditional']);
  if (typeof scale !== 'number' || !Number.isFinite(scale))
    throw invalidOption('guidance.scale', scale, 'a finite number');
  if (!isCondition(unconditional) || unconditional.constructor !== condition.constructor) {
    throw invalidOption('guidance.unconditional', unconditional, `a ${condition.constructor.name}, like condition`);
  }
  if (unconditional.length !== width) throw wrongShape('guidance.unconditional', unconditional, `${width} numbers`);
  return { condition, unconditional, guidanceScale: scale };
}

function isCondition(value: unknown): value is Condition {
  return value instanceof Float32Array || value instanceof Int32Array;
}

function checkedSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined) return undefined;
  // By what it does: those of other realms and of polyfills are signals too.
  const { aborted, addEventListener, removeEventListener } = (signal ?? {}) as AbortSignal;
  const listens = typeof addEventListener === 'function' && typeof removeEventListener === 'function';
  if (typeof aborted === 'boolean' && listens) return signal as AbortSignal;
  throw invalidOption('signal', signal, 'an AbortSignal');
}

function wrongShape(option: string, value: unknown, expected: string) {
  const code: SdeErrorCode = 'ERR_SDE_INVALID_SHAPE';
  return invalidOption(option, value, expected, { code });
}
