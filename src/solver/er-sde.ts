/** ER-SDE-Solvers (Cui et al. 2023, arXiv:2309.06169) with their recommended noise scale. */
import { type Gridded, type GridOptions, gridRows } from '../options/grid.js';
import { defineSolver, type SolverFacts } from './facts.js';
import type { Level } from './levels.js';
import { multistepPlan, type Prediction, type Step } from './multistep.js';
import { orderRow, type Variant, variantRow } from './rows.js';

export interface ErSdeOptions extends GridOptions {
  /** Steps from T to tEnd, 1 … 2^14. Default 20. */
  steps?: number;
  /** Data predictions that a step is made of, 1 … 3. Default 3. */
  order?: number;
  /**
   * Of order 3: 'corrected' (default) is exact where D is quadratic in sigma/alpha; 'published' takes a backward difference
   * for the first derivative, and is of order 2.
   */
  variant?: Variant;
}

export interface ErSdeSolver extends Gridded, SolverFacts {
  readonly kind: 'erSde';
  readonly order: number;
  readonly variant: Variant;
}

/**
 * A reverse SDE whose noise grows with sigma/alpha faster than the usual one's, one score evaluation a step. Its noise
 * scale is not free of units: it presumes data of a standard deviation near 1/2.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const erSde = defineSolver<ErSdeOptions, ErSdeSolver>({
  kind: 'erSde',
  name: 'ER-SDE',
  command: 'er-sde',
  orders: { strong: 1, weak: 1 },
  evaluationsPerStep: 1,
  options: {
    ...gridRows(20, 'karras'),
    order: orderRow(3),
    variant: variantRow,
  },
  plan: ({ order, variant }, levels) => multistepPlan(levels, step => predicted(step, order, variant === 'corrected')),
});

/** sigma/alpha, the paper's lambda. */
const ratio = ({ logSnr }: Level) => Math.exp(-logSnr);

/** ER-SDE 5 of the paper's table. */
const scale = (l: number) => l * (Math.exp(l ** 0.3) + 10);

function predicted({ from, to, made }: Step, order: number, corrected: boolean): Prediction {
  const [ls, lt] = [ratio(from), ratio(to)];
  const R = scale(lt) / scale(ls);
  const weights = [1 - R, 0, 0];
  const predictions = Math.min(order, made.length);
  if (predictions > 1) {
    const l1 = ratio(made[1]);
    // Of the first difference d = (D − D_1)/(l − l_1), and of the second.
    const first = lt - ls + scale(lt) * integral(l => 1 / scale(l), lt, ls);
    let ofFirst = first;
    if (predictions > 2) {
      const l2 = ratio(made[2]);
      let second = (lt - ls) ** 2 / 2 + scale(lt) * integral(l => (l - ls) / scale(l), lt, ls);
      if (corrected) second += (first * (ls - l1)) / 2;
      // dd = 2 (d − d_1)/(l − l_2)
      const ofSecond = (2 * second) / (ls - l2);
      ofFirst += ofSecond;
      weights[1] -= ofSecond / (l1 - l2);
      weights[2] += ofSecond / (l1 - l2);
    }
    weights[0] += ofFirst / (ls - l1);
    weights[1] -= ofFirst / (ls - l1);
  }
  return {
    state: (to.alpha / from.alpha) * R,
    noise: to.alpha * Math.sqrt(lt ** 2 - (ls * R) ** 2),
    data: weights.slice(0, predictions).map(weight => to.alpha * weight),
  };
}

/** Gauss and Legendre's nodes on [0, 1] and weights, eight of sixteen: the others mirror them. */
const NODES = [
  [0.005299532504175033, 0.013576229705877046],
  [0.02771248846338371, 0.031126761969323947],
  [0.06718439880608412, 0.04757925584124639],
  [0.1222977958224985, 0.06231448562776694],
  [0.19106187779867811, 0.07479799440828837],
  [0.2709916111713863, 0.08457825969750127],
  [0.35919822461037054, 0.09130170752246179],
  [0.4524937450811813, 0.09472530522753425],
] as const;

/** In ln l, where the integrands are smooth. */
function integral(f: (l: number) => number, low: number, high: number): number {
  const length = Math.log(high / low);
  const at = (share: number) => {
    const l = low * Math.exp(share * length);
    return f(l) * l;
  };
  return length * NODES.reduce((sum, [node, weight]) => sum + weight * (at(node) + at(1 - node)), 0);
}
