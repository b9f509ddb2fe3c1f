/** beta(t) from betaMin to betaMax, linear in t, betaMax at t = 1: the drift −beta/2 that VP and sub-VP share. */
import { number, type OptionTable } from '../options/option.js';
import { dataRangeRow, endRow, type ProcessData, type ProcessOptions, startRow } from './facts.js';

export interface LinearBetaOptions extends ProcessOptions {
  /** beta(0) > 0. Default 0.1. */
  betaMin?: number;
  /** beta(1) ≥ betaMin. Default 20. */
  betaMax?: number;
  /** Where the prior is and integration starts, > 0. Default 1. */
  T?: number;
}

export interface LinearBeta {
  readonly betaMin: number;
  readonly betaMax: number;
}

export const LINEAR_BETA_OPTIONS: OptionTable<LinearBetaOptions, LinearBeta & ProcessData> = {
  betaMin: number({
    default: 0.1,
    range: { above: 0 },
    help: 'beta(0)',
    flag: { flags: '--beta-min <number>', takes: 'number' },
  }),
  betaMax: number({
    default: 20,
    range: ({ betaMin }: LinearBeta) => ({ min: betaMin }),
    help: 'beta(1)',
    flag: { flags: '--beta-max <number>', takes: 'number' },
  }),
  T: startRow(),
  tEnd: endRow(1e-3),
  dataRange: dataRangeRow([-1, 1]),
};

export function beta({ betaMin, betaMax }: LinearBeta, t: number): number {
  return betaMin + t * (betaMax - betaMin);
}

/** ∫ beta from 0 to t. */
export function betaIntegral({ betaMin, betaMax }: LinearBeta, t: number): number {
  return t * (betaMin + (t * (betaMax - betaMin)) / 2);
}
