/** What DPM-Solver++ and its SDE form share: the multistep updates of Lu et al. (2022, arXiv:2211.01095). */
import type { Gridded, GridName, GridOptions } from '../options/grid.js';
import { gridRows } from '../options/grid.js';
import type { OptionTable } from '../options/option.js';
import { flow } from './exponential.js';
import type { Levels } from './levels.js';
import { adamsPrediction, midpoint, multistepPlan, type Prediction, type Step } from './multistep.js';
import type { Evaluation } from './plan.js';
import { orderRow, type Variant, variantRow } from './rows.js';

export interface DpmOptions extends GridOptions {
  /** Data predictions that a step is made of, 1 … 3. */
  order?: number;
  /**
   * Of order 3: 'corrected' (default) is exact where D is quadratic in ln(alpha/sigma); 'published' takes half of the
   * second difference that this needs, as the libraries do, and is of order 2.
   */
  variant?: Variant;
}

export interface Dpm extends Gridded {
  readonly order: number;
  readonly variant: Variant;
}

export function dpmRows(steps: number, grid: GridName): OptionTable<DpmOptions, Dpm> {
  return {
    ...gridRows(steps, grid),
    order: orderRow(2),
    variant: variantRow,
  };
}

/** tau2: 0 for the probability flow, 1 for the reverse SDE. */
export function dpmPlan({ order, variant }: Dpm, levels: Levels, tau2: number): Evaluation[] {
  return multistepPlan(levels, step => {
    const predictions = Math.min(order, step.made.length);
    if (predictions === 1) return adamsPrediction(step, 1, tau2);
    // With two predictions of three a start, and more exact than the middle.
    if (order === 3 && predictions === 2) return adamsPrediction(step, 2, tau2);
    if (order === 3 && variant === 'corrected') return adamsPrediction(step, 3, tau2);
    return order === 3 ? publishedThird(step, tau2) : midpoint(step, tau2);
  });
}

/** As dpm-solver, k-diffusion and diffusers have it. */
function publishedThird({ from, to, made }: Step, tau2: number): Prediction {
  const { state, noise } = flow(from, to, tau2);
  const h = to.logSnr - from.logSnr;
  const c = 1 + tau2;
  const phi1 = -Math.expm1(-c * h);
  const phi2 = 1 - phi1 / (c * h);
  const phi3 = 0.5 - phi2 / (c * h);
  const [r0, r1] = [from.logSnr - made[1].logSnr, made[1].logSnr - made[2].logSnr].map(before => before / h);
  // d1_0 = (D − D_1)/r0, d1_1 = (D_1 − D_2)/r1, d1 = d1_0 + r0/(r0 + r1) (d1_0 − d1_1), d2 = (d1_0 − d1_1)/(r0 + r1)
  const first = phi2 + (phi2 * r0 + phi3) / (r0 + r1);
  const second = (-phi2 * r0 - phi3) / (r0 + r1);
  const data = [phi1 + first / r0, -first / r0 + second / r1, -second / r1];
  return { state, noise, data: data.map(weight => to.alpha * weight) };
}
