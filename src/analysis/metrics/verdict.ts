/**
 * What a difference between two samplers allows to be said.
 *
 * Equivalence is a claim of its own and needs its own evidence: that nothing was seen does not show that nothing is there.
 * Schuirmann, "A comparison of the two one-sided tests procedure …", J. Pharmacokinet. Biopharm. 15 (1987).
 */
import { invalidOption } from '../../errors.js';
import { numberOption, optionsObject } from '../../options/checks.js';
import { normalQuantile } from './distributions.js';
import type { Estimate } from './interval.js';

/** Of a, where the difference is a's distance less b's. */
export type VerdictWord = 'better' | 'worse' | 'equivalent' | 'undecided';

export interface VerdictOptions {
  /** The difference that does not matter, in the units of the metric. 0: nothing is equivalent. */
  margin: number;
}

export interface Verdict {
  readonly verdict: VerdictWord;
  readonly difference: Estimate;
  readonly margin: number;
  /** The smallest difference that would be called better or worse in four of five comparisons such as this one. */
  readonly detectable: number;
}

/** How often a difference of the size `detectable` is seen. */
const POWER = 0.8;

/**
 * 'equivalent' where the whole interval lies within the margin, even where it leaves 0 out; else 'better' where all of it is
 * below 0, 'worse' where all is above, 'undecided' otherwise: more samples are needed. With intervals of 95 %, samplers that
 * are alike are called better or worse once in twenty, and those that differ by the margin equivalent once in forty.
 */
export function verdict(difference: Estimate, options: VerdictOptions): Verdict {
  const given = optionsObject('verdict', options, ['margin']);
  const margin = numberOption('verdict.margin', given.margin, Number.NaN, { min: 0 });
  const { low, high, confidence, standardError } = difference;
  if (!(low <= high)) throw invalidOption('difference', difference, 'what difference() or acrossSeeds() gives');
  const detectable = (normalQuantile((1 + confidence) / 2) + normalQuantile(POWER)) * standardError;
  return { verdict: word(low, high, margin), difference, margin, detectable };
}

function word(low: number, high: number, margin: number): VerdictWord {
  if (margin > 0 && -margin < low && high < margin) return 'equivalent';
  if (high < 0) return 'better';
  return low > 0 ? 'worse' : 'undecided';
}
