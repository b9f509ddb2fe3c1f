/** Multistep samplers, one evaluation a step, as plans: predicted alone, or corrected by the step's own evaluation. */
import { flow, weights } from './exponential.js';
import type { Level, Levels } from './levels.js';
import type { Evaluation } from './plan.js';

/** A step from `from` to `to`, the data predictions at hand made at these levels, the newest first. */
export interface Step {
  readonly from: Level;
  readonly to: Level;
  readonly made: readonly Level[];
  /** The first step is 0, and how many there are. */
  readonly number: number;
  readonly count: number;
}

/** x' = state·x + Σ data[i]·D_i + noise·z */
export interface Prediction {
  readonly state: number;
  readonly data: readonly number[];
  readonly noise: number;
}

/** The same with the prediction made at the step's end; state and noise are the predictor's. */
export interface Correction {
  readonly now: number;
  readonly data: readonly number[];
}

/**
 * The plan of a predictor and, where there is one, a corrector: the point is predicted, the network asked there, the point
 * corrected with its answer and not asked about again (PEC). Corrected points are none that the network is asked at, so
 * each correction is made together with the next prediction. The last step has none.
 */
export function multistepPlan(
  { ends }: Levels,
  predict: (step: Step) => Prediction,
  correct?: (step: Step) => Correction,
): Evaluation[] {
  const plan: Evaluation[] = [];
  let before: { prediction: Prediction; correction: Correction } | undefined;
  for (let k = 0; k + 1 < ends.length; k++) {
    const made = ends.slice(Math.max(0, k - 3), k + 1).reverse();
    const step = { from: ends[k], to: ends[k + 1], made, number: k, count: ends.length - 1 };
    const prediction = predict(step);
    const data = made.map((_, i) => prediction.data[i] ?? 0);
    if (before !== undefined) {
      const { correction, prediction: earlier } = before;
      data[0] += prediction.state * correction.now;
      for (let i = 0; i + 1 < data.length; i++) {
        data[i + 1] += prediction.state * ((correction.data[i] ?? 0) - (earlier.data[i] ?? 0));
      }
    }
    plan.push({ level: ends[k], state: prediction.state, data, noise: prediction.noise });
    before = correct && { prediction, correction: correct(step) };
  }
  return plan;
}

/** Adams and Bashforth's predictor in λ, exact for D of degree order − 1; fewer predictions at the start. */
export function adamsPrediction({ from, to, made }: Step, order: number, tau2: number): Prediction {
  const { state, noise } = flow(from, to, tau2);
  const nodes = made.slice(0, order).map(level => level.logSnr - from.logSnr);
  return { state, noise, data: weights(nodes, to, to.logSnr - from.logSnr, tau2) };
}

/** Order 2 with D extrapolated to the middle of the step. */
export function midpoint({ from, to, made }: Step, tau2: number): Prediction {
  const { state, noise, whole } = flow(from, to, tau2);
  const k = (whole * (to.logSnr - from.logSnr)) / (from.logSnr - made[1].logSnr) / 2;
  return { state, noise, data: [whole + k, -k] };
}

/** Adams and Moulton's corrector, of `order` nodes with the step's own end. */
export function adamsCorrection({ from, to, made }: Step, order: number, tau2: number): Correction {
  const h = to.logSnr - from.logSnr;
  const nodes = made.slice(0, order - 1).map(level => level.logSnr - from.logSnr);
  const [now, ...data] = weights([h, ...nodes], to, h, tau2);
  return { now, data };
}
