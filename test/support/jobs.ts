/** Jobs for tests: much work, and little. */
import { type SampleOptions, vp } from '../../src/index.js';
import { gaussianScore } from './gaussian.js';

export const sde = vp();
/** Much work, unless it is stopped. */
export const long: SampleOptions = { sde, score: gaussianScore(3072), shape: [3072], count: 4000 };
export const short: SampleOptions = { sde, score: gaussianScore(4), shape: [4], count: 40, batch: 8 };
