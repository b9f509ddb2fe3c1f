/** Isotropic Gaussian data, for which everything is known exactly. */
import { callbackScore, type MixtureScore, mixtureScore, type ScoreFunction, type Sde } from '../../src/index.js';

/** N(mean, variance·I) in n dimensions as a mixture of one. */
export function gaussianScore(n: number, mean = 0, variance = 0.25): MixtureScore {
  return mixtureScore({ weights: [1], means: new Float32Array(n).fill(mean), variances: [variance] });
}

/** The same score computed here: s(x, t) = −(x − alpha·mean)/(alpha²·variance + sigma²). */
export function gaussianFunction(sde: Sde, mean = 0, variance = 0.25): ScoreFunction {
  return (x, t, out, { rows }) => {
    const n = x.length / rows;
    for (let row = 0; row < rows; row++) {
      const [alpha, sigma] = [sde.alpha(t[row]), sde.sigma(t[row])];
      const total = alpha * alpha * variance + sigma * sigma;
      for (let i = row * n; i < (row + 1) * n; i++) out[i] = -(x[i] - alpha * mean) / total;
    }
  };
}

export function gaussianCallback(sde: Sde, mean = 0, variance = 0.25) {
  return callbackScore(gaussianFunction(sde, mean, variance));
}

/** Mean and variance over all numbers. */
export function moments(numbers: ArrayLike<number>): { mean: number; variance: number } {
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += numbers[i];
  const mean = sum / numbers.length;
  let squares = 0;
  for (let i = 0; i < numbers.length; i++) squares += (numbers[i] - mean) ** 2;
  return { mean, variance: squares / numbers.length };
}
