/** The exact score of a Gaussian mixture, computed natively: truth for tests, and a stand-in for a network. */
import { setImmediate } from 'node:timers/promises';
import { types } from 'node:util';
import { addon } from '../addon.js';
import { requireCuda } from '../cuda.js';
import { fromNative, invalidOption } from '../errors.js';
import type { NativeScore } from '../native.js';
import { optionsObject, readable } from '../options/checks.js';
import { allocated } from '../run/allocate.js';
import type { ScoreFacts, ScoreKind } from './facts.js';

export interface MixtureOptions {
  /** K positive numbers; they need not sum to 1. */
  weights: ArrayLike<number>;
  /** K means of n numbers each, or all K·n in one row-major array. n must be the number of elements of one sample. */
  means: ReadonlyArray<ArrayLike<number>> | Float32Array;
  /** K variances ≥ 0, each of an isotropic component. */
  variances: ArrayLike<number>;
}

/** Plain data: it may be sent to another thread. */
export interface MixtureScore extends ScoreFacts {
  readonly kind: 'mixture';
  /** [K], summing to 1. */
  readonly weights: Float64Array;
  /** [K, n] */
  readonly means: Float32Array;
  /** [K] */
  readonly variances: Float64Array;
  /** Numbers of one sample. */
  readonly elements: number;
}

/**
 * Data ~ Σ weights_k·N(means_k, variances_k·I), pushed through whatever SDE it is used with.
 *
 * Throws ERR_SDE_INVALID_OPTION, ERR_SDE_UNKNOWN_OPTION, ERR_SDE_OUT_OF_MEMORY, ERR_SDE_ADDON_MISSING, and
 * ERR_SDE_INVALID_SHAPE where the lengths do not match.
 */
export function mixtureScore(options: MixtureOptions): MixtureScore {
  return readable('mixtureScore', () => checkedMixture(options));
}

function checkedMixture(options: MixtureOptions): MixtureScore {
  const given = optionsObject('mixtureScore', options, ['weights', 'means', 'variances']);
  const raw = numbers('weights', given.weights, value => value > 0, 'positive');
  const count = raw.length;
  const variances = numbers('variances', given.variances, value => value >= 0, 'non-negative');
  if (variances.length !== count) throw mismatch('variances', given.variances, `${count} numbers, one a weight`);
  const means = flatMeans(given.means, count);
  // By the largest first: the sum of large weights would be infinite.
  const largest = raw.reduce((most, weight) => Math.max(most, weight), 0);
  const weights = raw.map(weight => weight / largest);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Object.freeze({
    kind: 'mixture',
    predicts: 'score',
    timeInput: 't',
    weights: weights.map(weight => weight / total),
    means,
    variances,
    elements: means.length / count,
  });
}

/** Handles live beside the plain objects, which may be copied, frozen and printed; a handle belongs to its thread. */
const handles = new WeakMap<MixtureScore, NativeScore>();

/** Means looked at and copied before the event loop gets its turn: a millisecond or two. */
const AT_ONCE = 2 ** 20;

export const mixtureKind: ScoreKind<MixtureScore> = {
  kind: 'mixture',
  maker: 'mixtureScore()',
  check(score) {
    // One that has its handle was found right before.
    if (handles.has(score) || isMixture(score)) return;
    throw invalidOption('score', score, 'a mixture with its numbers', { hint: 'Make it with mixtureScore().' });
  },
  devices(option, given, wanted) {
    if (wanted === 'auto' || wanted[0] === 'cpu') return ['cpu'];
    requireCuda(option, given, wanted);
    return wanted;
  },
  // One for all devices, made at first use.
  async ready(score) {
    if (handles.has(score)) return;
    const handle = await nativeMixture(score);
    if (!handles.has(score)) handles.set(score, handle); // another job may have been at it too
  },
  native: score => handles.get(score)!,
  elements: score => score.elements,
  takesCondition: false,
};

/** Throws ERR_SDE_INVALID_OPTION where means are not finite, or do not stay as they are meanwhile. */
async function nativeMixture(score: MixtureScore): Promise<NativeScore> {
  const { weights, means, variances } = score;
  const { length } = means;
  const piece = (from: number) => {
    const some = means.subarray(from, from + AT_ONCE);
    if (means.length === length && allFinite(some)) return some;
    throw invalidOption('score', score, 'a mixture with finite means that stay as they are');
  };
  try {
    const handle = addon().createMixture(weights, piece(0), variances, length);
    for (let from = AT_ONCE; from < length; from += AT_ONCE) {
      await setImmediate();
      addon().addMeans(handle, piece(from));
    }
    return handle;
  } catch (error) {
    throw fromNative(error);
  }
}

/**
 * What mixtureScore made: looked at again before the addon sees it, since the object may come from another thread or by
 * hand. A weight far below the largest may have become zero.
 */
function isMixture({ weights, means, variances, elements }: MixtureScore): boolean {
  const nonNegative = (values: unknown) =>
    types.isFloat64Array(values) && values.every(value => value >= 0 && Number.isFinite(value));
  return (
    nonNegative(weights) &&
    nonNegative(variances) &&
    types.isFloat32Array(means) &&
    weights.some(weight => weight > 0) &&
    variances.length === weights.length &&
    Number.isSafeInteger(elements) &&
    elements > 0 &&
    means.length === weights.length * elements
  );
}

/** A plain loop, since the event loop waits for it: `every` calls a function for each. */
function allFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

function flatMeans(means: MixtureOptions['means'], count: number): Float32Array {
  if (types.isFloat32Array(means)) {
    if (means.length === 0 || means.length % count !== 0)
      throw mismatch('means', means, `${count} rows of equal length`);
    const { length } = means;
    const copy = allocated('a copy of means', 4 * length, () => new Float32Array(length));
    if (!addon().copyFinite(means, copy)) throw invalidOption('mixtureScore.means', means, 'finite numbers');
    return copy;
  }
  if (!Array.isArray(means)) throw invalidOption('mixtureScore.means', means, 'an array of arrays, or a Float32Array');
  const isFloat32 = (value: number) => Number.isFinite(Math.fround(value));
  if (means.length !== count) throw mismatch('means', means, `${count} rows, one a weight`);
  // Not by map, which leaves holes out.
  const rows = Array.from(means, (row, k) => numbers(`means[${k}]`, row, isFloat32, 'finite float32'));
  const width = rows[0].length;
  const odd = rows.findIndex(row => row.length !== width);
  if (odd >= 0) throw mismatch(`means[${odd}]`, means[odd], `${width} numbers, as in means[0]`);
  const flat = new Float32Array(count * width);
  for (const [k, row] of rows.entries()) flat.set(row, k * width);
  return flat;
}

function numbers(name: string, value: unknown, fits: (value: number) => boolean, kind: string): Float64Array {
  const list = Array.isArray(value) || (ArrayBuffer.isView(value) && !types.isDataView(value));
  const { length } = list ? (value as ArrayLike<unknown>) : [];
  const usable = (one: unknown) => typeof one === 'number' && Number.isFinite(one) && fits(one);
  // Before there is memory for them: an array may be long and empty.
  for (let i = 0; i < length; i++) {
    if (usable((value as ArrayLike<unknown>)[i])) continue;
    throw invalidOption(`mixtureScore.${name}`, value, `a list of ${kind} numbers`);
  }
  if (length === 0) throw invalidOption(`mixtureScore.${name}`, value, `a list of ${kind} numbers`);
  return Float64Array.from(value as ArrayLike<number>);
}

function mismatch(name: string, value: unknown, expected: string) {
  return invalidOption(`mixtureScore.${name}`, value, expected, { code: 'ERR_SDE_INVALID_SHAPE' });
}
