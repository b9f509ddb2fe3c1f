/** The ways in which a network's answer and its time can be meant, and how well each fits what it answers to noise. */
import type { Prediction, TimeInput } from '../words.js';

/** Answers to noise of one time about data in the middle of its range. */
export interface Answered {
  alpha: number;
  sigma: number;
  /** The noise, what it was made to, and what the network answered, [rows·n] each. */
  z: Float32Array;
  x: Float32Array;
  y: Float32Array;
}

/** How the noise that an answer implies follows the true one: slope 1 and correlation 1 where it is the same. */
export interface Line {
  slope: number;
  correlation: number;
}

/** One way to read a network. */
export interface Reading {
  predicts: Prediction;
  timeInput: TimeInput;
  /** At T, on prior noise. */
  slope: number;
  correlation: number;
  /** At later times, where the noise is still 4, 2 and 1 half widths of the data range. */
  slopes: readonly number[];
  /** What becomes of a small change of x at the end, where the noise is 1/16 of a half width: 1 where it is data. */
  follows: number;
  fits: boolean;
}

/** Of the noise to half the width of the data range, at the times that are looked at after T. */
export const RATIOS = [4, 2, 1, 1 / 16] as const;

/** A right network's slope and correlation at T are 1 but for its error. */
const AT_T = { slope: 0.1, correlation: 0.95 };
/**
 * Of the noise at a ratio r, a right network leaves between 0 and v/(v + r²) in its data, v ≤ 1 being the variance of the
 * data in half widths: a slope of 1 − that. Margins are for a network's error.
 */
const LEFT = { least: -0.06, margin: 0.06 };
/** The end's noise is small beside data whose deviation is a tenth of its range's half width and more. */
const LEAST_FOLLOWED = 0.15;
/** A reading that fits may be worse than the best by so much: the sum of |1 − slope| over the ratios 4, 2 and 1. */
const WORSE = 0.25;
/** Puts what does not fit behind all that does. */
const UNFIT = 1e6;

/** The noise in x that an answer stands for. */
function impliedNoise(predicts: Prediction, { alpha, sigma, x, y }: Answered): Float32Array {
  switch (predicts) {
    case 'noise':
      return y;
    case 'score':
      return y.map(value => -sigma * value);
    case 'denoised':
      return y.map((value, i) => (x[i] - alpha * value) / sigma);
    case 'velocity':
      return y.map((value, i) => (alpha * value + sigma * x[i]) / (alpha ** 2 + sigma ** 2));
  }
}

/** Least squares of b on a. */
export function line(a: Float32Array, b: Float32Array): Line {
  const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [aa, bb, ab] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    aa += (a[i] - meanA) ** 2;
    bb += (b[i] - meanB) ** 2;
    ab += (a[i] - meanA) * (b[i] - meanB);
  }
  return { slope: ab / aa, correlation: bb === 0 ? 0 : ab / Math.sqrt(aa * bb) };
}

/** `answered`: at T, and at the times of RATIOS; undefined where the network did not answer at all. */
export function reading(
  predicts: Prediction,
  timeInput: TimeInput,
  answered: readonly Answered[] | undefined,
): Reading {
  const lines = answered?.map(one => line(one.z, impliedNoise(predicts, one)));
  if (lines === undefined) {
    const none = Number.NaN;
    return {
      predicts,
      timeInput,
      slope: none,
      correlation: none,
      slopes: [none, none, none],
      follows: none,
      fits: false,
    };
  }
  const [{ slope, correlation }, ...later] = lines;
  const slopes = later.slice(0, -1).map(one => one.slope);
  const follows = 1 - later[later.length - 1].slope;
  const leaves = slopes.every((one, i) => {
    const left = 1 - one;
    return left >= LEFT.least && left <= 1 / (1 + RATIOS[i] ** 2) + LEFT.margin;
  });
  const atT = Math.abs(slope - 1) <= AT_T.slope && correlation >= AT_T.correlation;
  return { predicts, timeInput, slope, correlation, slopes, follows, fits: atT && leaves && follows >= LEAST_FOLLOWED };
}

/** The best first, and `fits` only where the best is not much better. */
export function ranked(readings: readonly Reading[]): Reading[] {
  const cost = ({ fits, slopes }: Reading) => {
    const misfit = slopes.reduce((sum, slope) => sum + Math.abs(1 - slope), 0);
    return Number.isNaN(misfit) ? Number.MAX_VALUE : misfit + (fits ? 0 : UNFIT);
  };
  const sorted = [...readings].sort((a, b) => cost(a) - cost(b));
  const best = cost(sorted[0]);
  return sorted.map(one => ({ ...one, fits: one.fits && cost(one) <= best + WORSE }));
}
