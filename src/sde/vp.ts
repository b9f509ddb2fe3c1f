/** Variance preserving: the continuous form of DDPM (Song et al. 2021). */
import { defineSde, type ProcessData, type ScheduleFunctions } from './facts.js';
import { beta, betaIntegral, LINEAR_BETA_OPTIONS, type LinearBeta, type LinearBetaOptions } from './linear-beta.js';

export interface VpOptions extends LinearBetaOptions {}

export interface VpSde extends ProcessData, ScheduleFunctions, LinearBeta {
  readonly kind: 'vp';
}

/**
 * f = −beta/2, g = √beta with beta(t) from betaMin to betaMax, linear in t; alpha² + sigma² = 1. Prior N(0, I).
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const vp = defineSde<VpOptions, VpSde>({
  kind: 'vp',
  command: 'vp',
  isDefault: true,
  options: LINEAR_BETA_OPTIONS,
  rest: () => ({ priorStd: 1 }),
  functions: data => ({
    alpha: t => Math.exp(-betaIntegral(data, t) / 2),
    sigma: t => Math.sqrt(-Math.expm1(-betaIntegral(data, t))),
    f: t => -beta(data, t) / 2,
    g: t => Math.sqrt(beta(data, t)),
  }),
  schedule: ({ betaMin, betaMax }) => ({ kind: 'vp', betaMin, betaMax }),
});
