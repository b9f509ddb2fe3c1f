/** Sub-variance preserving (Song et al. 2021): the drift of VP with less noise. */
import { defineSde, type ProcessData, type ScheduleFunctions } from './facts.js';
import { beta, betaIntegral, LINEAR_BETA_OPTIONS, type LinearBeta, type LinearBetaOptions } from './linear-beta.js';

export interface SubVpOptions extends LinearBetaOptions {}

export interface SubVpSde extends ProcessData, ScheduleFunctions, LinearBeta {
  readonly kind: 'subVp';
}

/**
 * f = −beta/2, g² = beta·(1 − exp(−2∫beta)); sigma = 1 − alpha². Prior N(0, I).
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const subVp = defineSde<SubVpOptions, SubVpSde>({
  kind: 'subVp',
  command: 'sub-vp',
  options: LINEAR_BETA_OPTIONS,
  rest: () => ({ priorStd: 1 }),
  functions: data => ({
    alpha: t => Math.exp(-betaIntegral(data, t) / 2),
    sigma: t => -Math.expm1(-betaIntegral(data, t)),
    f: t => -beta(data, t) / 2,
    g: t => Math.sqrt(-beta(data, t) * Math.expm1(-2 * betaIntegral(data, t))),
  }),
  schedule: ({ betaMin, betaMax }) => ({ kind: 'subVp', betaMin, betaMax }),
});
