/**
 * A sampler as a list of its evaluations. Every sampler whose next point is linear in the last one, in the predictions of
 * the data and in noise is such a list, the same for all samples of a job: the addon runs it on any device.
 */
import { invalidOption } from '../errors.js';
import type { Level, Levels } from './levels.js';

/** After the network has answered at `level`: x ← state·x + Σ data[i]·D_i + noise·z, with normal z. */
export interface Evaluation {
  readonly level: Level;
  readonly state: number;
  /** Of the data prediction just made, and of up to three before it. */
  readonly data: readonly number[];
  readonly noise: number;
  /** The step goes on with another evaluation. */
  readonly within?: boolean;
}

/** Predictions of the data that a plan may look back to, the present one counted. */
const MOST_PREDICTIONS = 4;

/** As native/core/plan.hpp has it: t, end of the step, whether it ends, state, data, noise in its clock, its length. */
const WIDTH = 6 + MOST_PREDICTIONS;

/** The plan in the addon's form. Throws ERR_SDE_INVALID_OPTION where its numbers are none. */
export function nativePlan(kind: string, plan: readonly Evaluation[], { ends }: Levels): Float64Array {
  const numbers = new Float64Array(WIDTH * plan.length);
  let step = 1;
  for (const [k, { level, state, data, noise, within }] of plan.entries()) {
    const to = plan[k + 1]?.level ?? ends[ends.length - 1];
    // In the signal-to-noise ratio, in which the noise of the reverse SDE is Brownian.
    const length = noise === 0 ? 0 : Math.abs(ratio(to) - ratio(level)) || 1;
    const row = numbers.subarray(WIDTH * k, WIDTH * (k + 1));
    row.set([level.t, ends[step].t, within ? 0 : 1, state]);
    row.set(data, 4);
    row.set([length === 0 ? 0 : noise / Math.sqrt(length), length], WIDTH - 2);
    if (!within) step++;
  }
  if (!numbers.every(Number.isFinite)) {
    const hint = 'alpha/sigma of the SDE has to grow from T to tEnd, without a jump.';
    throw invalidOption('solver', kind, 'a solver whose coefficients are numbers for this SDE', { hint });
  }
  return numbers;
}

const ratio = ({ logSnr }: Level) => Math.exp(2 * logSnr);
