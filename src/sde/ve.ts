/** Variance exploding: the continuous form of SMLD (Song et al. 2021). */
import { numberOption, optionsObject } from '../options/checks.js';
import {
  dataRangeOption,
  endOption,
  frozenProcess,
  type ProcessData,
  type ProcessOptions,
  type ScheduleFunctions,
} from './process.js';

export interface VeOptions extends ProcessOptions {
  /** sigma(0) > 0, in units of the data. Default 0.01. */
  sigmaMin?: number;
  /** sigma(1) > sigmaMin. Default 50 (CIFAR-10); about the largest distance between two data points. */
  sigmaMax?: number;
}

export interface VeSde extends ProcessData, ScheduleFunctions {
  readonly kind: 've';
  readonly sigmaMin: number;
  readonly sigmaMax: number;
}

/**
 * f = 0, sigma = sigmaMin·(sigmaMax/sigmaMin)^t, g = sigma·√(2 ln(sigmaMax/sigmaMin)). T = 1, prior N(0, sigmaMax²·I).
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export function ve(options?: VeOptions): VeSde {
  const given = optionsObject('ve', options, ['sigmaMin', 'sigmaMax', 'tEnd', 'dataRange']);
  const sigmaMin = numberOption('ve.sigmaMin', given.sigmaMin, 0.01, { above: 0 });
  const sigmaMax = numberOption('ve.sigmaMax', given.sigmaMax, 50, { above: sigmaMin, float32: true });
  const logRatio = Math.log(sigmaMax / sigmaMin);
  const sigma = (t: number) => sigmaMin * Math.exp(t * logRatio);
  const data = {
    kind: 've',
    sigmaMin,
    sigmaMax,
    T: 1,
    tEnd: endOption('ve', given.tEnd, 1, 1e-5),
    priorStd: sigmaMax,
    dataRange: dataRangeOption('ve', given.dataRange, [0, 1]),
  } as const;
  return frozenProcess(data, { alpha: () => 1, sigma, f: () => 0, g: t => sigma(t) * Math.sqrt(2 * logRatio) });
}
