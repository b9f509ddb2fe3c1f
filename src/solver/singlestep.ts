/** Singlestep samplers, several evaluations a step, as plans. */
import { flow, weights } from './exponential.js';
import type { Levels } from './levels.js';
import type { Evaluation } from './plan.js';

/** A point of a step: where, as a share of h, and which of the step's own data predictions (0 is the first) make it. */
export interface Point {
  readonly at: number;
  readonly from: readonly number[];
}

/**
 * The points of each step, the last one its end. Each is made from the step's beginning, by weights that are exact for D a
 * polynomial through the predictions it takes. Since state and noise carry over by the same factor, it can as well be made
 * from the point before, with the noise that is new: that is the plan.
 */
export function singlestepPlan({ ends, atLogSnr }: Levels, points: readonly Point[], tau2: number): Evaluation[] {
  return ends.slice(0, -1).flatMap((begin, k) => {
    const end = ends[k + 1];
    const levels = points.map(({ at }) => (at === 1 ? end : atLogSnr(begin.logSnr + at * (end.logSnr - begin.logSnr))));
    const known = [begin, ...levels].map(level => level.logSnr - begin.logSnr);
    let made: number[] = []; // weights of the predictions, the oldest first, in the point before
    return points.map(({ from }, j): Evaluation => {
      const [level, to] = [j === 0 ? begin : levels[j - 1], levels[j]];
      const { state, noise } = flow(level, to, tau2);
      const own = weights(
        from.map(i => known[i]),
        to,
        known[j + 1],
        tau2,
      );
      const wanted = Array.from({ length: j + 1 }, (_, i) => (from.includes(i) ? own[from.indexOf(i)] : 0));
      const data = wanted.map((weight, i) => weight - state * (made[i] ?? 0)).reverse();
      made = wanted;
      return { level, state, data, noise, within: j + 1 < points.length };
    });
  });
}
