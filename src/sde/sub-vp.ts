/** Sub-variance preserving (Song et al. 2021): the drift of VP with less noise. */
import { frozenProcess, type ProcessData, type ScheduleFunctions } from './process.js';
import { beta, betaData, betaIntegral, type VpOptions } from './vp.js';

export type SubVpOptions = VpOptions;

export interface SubVpSde extends ProcessData, ScheduleFunctions {
  readonly kind: 'subVp';
  readonly betaMin: number;
  readonly betaMax: number;
}

/**
 * f = −beta/2, g² = beta·(1 − exp(−2∫beta)); sigma = 1 − alpha². T = 1, prior N(0, I).
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export function subVp(options?: SubVpOptions): SubVpSde {
  const data = betaData('subVp', options);
  return frozenProcess(data, {
    alpha: t => Math.exp(-betaIntegral(data, t) / 2),
    sigma: t => -Math.expm1(-betaIntegral(data, t)),
    f: t => -beta(data, t) / 2,
    g: t => Math.sqrt(-beta(data, t) * Math.expm1(-2 * betaIntegral(data, t))),
  });
}
