/** Variance exploding: the continuous form of SMLD (Song et al. 2021). */
import { invalidOption } from '../errors.js';
import { number } from '../options/option.js';
import {
  dataRangeRow,
  defineSde,
  endRow,
  type ProcessData,
  type ProcessOptions,
  type ScheduleFunctions,
  startRow,
} from './facts.js';

export interface VeOptions extends ProcessOptions {
  /** sigma(0) > 0, in units of the data. Default 0.01. */
  sigmaMin?: number;
  /** sigma(1) > sigmaMin. Default 50 (CIFAR-10); about the largest distance between two data points. */
  sigmaMax?: number;
  /** Where the prior is and integration starts, > 0. Default 1. */
  T?: number;
}

export interface VeSde extends ProcessData, ScheduleFunctions {
  readonly kind: 've';
  readonly sigmaMin: number;
  readonly sigmaMax: number;
}

/**
 * f = 0, sigma = sigmaMin·(sigmaMax/sigmaMin)^t, g = sigma·√(2 ln(sigmaMax/sigmaMin)). Prior N(0, sigma(T)²·I).
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const ve = defineSde<VeOptions, VeSde>({
  kind: 've',
  command: 've',
  options: {
    sigmaMin: number({
      default: 0.01,
      range: { above: 0 },
      help: 'sigma(0)',
      flag: { flags: '--sigma-min <number>', takes: 'number' },
    }),
    sigmaMax: number({
      default: 50,
      range: ({ sigmaMin }: { sigmaMin: number }) => ({ above: sigmaMin, float32: true }),
      help: 'sigma(1)',
      flag: { flags: '--sigma-max <number>', takes: 'number' },
    }),
    T: startRow(),
    tEnd: endRow(1e-5),
    dataRange: dataRangeRow([0, 1]),
  },
  rest: priorOf,
  functions: ({ sigmaMin, sigmaMax }) => {
    const logRatio = Math.log(sigmaMax / sigmaMin);
    const sigma = (t: number) => sigmaMin * Math.exp(t * logRatio);
    return { alpha: () => 1, sigma, f: () => 0, g: t => sigma(t) * Math.sqrt(2 * logRatio) };
  },
  schedule: ({ sigmaMin, sigmaMax }) => ({ kind: 've', sigmaMin, sigmaMax }),
});

function priorOf({ sigmaMin, sigmaMax, T }: VeSde): { priorStd: number } {
  // sigma(T), and at T = 1 sigmaMax itself.
  const priorStd = sigmaMax * (sigmaMax / sigmaMin) ** (T - 1);
  if (Number.isFinite(Math.fround(priorStd)) && Math.fround(priorStd) > 0) return { priorStd };
  throw invalidOption('ve.T', T, 'a time at which sigma is still a number of float32');
}
