/** Variance preserving: the continuous form of DDPM (Song et al. 2021). */
import { numberOption, optionsObject } from '../options/checks.js';
import {
  dataRangeOption,
  endOption,
  frozenProcess,
  type ProcessData,
  type ProcessOptions,
  type ScheduleFunctions,
} from './process.js';

export interface VpOptions extends ProcessOptions {
  /** beta(0) > 0. Default 0.1. */
  betaMin?: number;
  /** beta(1) ≥ betaMin. Default 20. */
  betaMax?: number;
}

export interface VpSde extends ProcessData, ScheduleFunctions {
  readonly kind: 'vp';
  readonly betaMin: number;
  readonly betaMax: number;
}

/**
 * f = −beta/2, g = √beta with beta(t) from betaMin to betaMax, linear in t; alpha² + sigma² = 1. T = 1, prior N(0, I).
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export function vp(options?: VpOptions): VpSde {
  const data = betaData('vp', options);
  return frozenProcess(data, {
    alpha: t => Math.exp(-betaIntegral(data, t) / 2),
    sigma: t => Math.sqrt(-Math.expm1(-betaIntegral(data, t))),
    f: t => -beta(data, t) / 2,
    g: t => Math.sqrt(beta(data, t)),
  });
}

interface Betas {
  readonly betaMin: number;
  readonly betaMax: number;
}

/** The data of a process with a linear beta, its options checked: VP's, and sub-VP's, which has the same drift. */
export function betaData<K extends 'vp' | 'subVp'>(kind: K, options: VpOptions | undefined) {
  const given = optionsObject(kind, options, ['betaMin', 'betaMax', 'tEnd', 'dataRange']);
  const betaMin = numberOption(`${kind}.betaMin`, given.betaMin, 0.1, { above: 0 });
  const betaMax = numberOption(`${kind}.betaMax`, given.betaMax, 20, { min: betaMin });
  return {
    kind,
    betaMin,
    betaMax,
    T: 1,
    tEnd: endOption(kind, given.tEnd, 1, 1e-3),
    priorStd: 1,
    dataRange: dataRangeOption(kind, given.dataRange, [-1, 1]),
  };
}

export function beta({ betaMin, betaMax }: Betas, t: number): number {
  return betaMin + t * (betaMax - betaMin);
}

/** ∫ beta from 0 to t. */
export function betaIntegral({ betaMin, betaMax }: Betas, t: number): number {
  return t * (betaMin + (t * (betaMax - betaMin)) / 2);
}
