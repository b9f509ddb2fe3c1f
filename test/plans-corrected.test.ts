// Planned samplers of several evaluations a step, or with a corrector, against their published algorithms; and the orders
// of all that follow the probability flow.
import { describe, expect, it } from 'vitest';
import {
  ddim,
  dpmSolver,
  edmHeun,
  erSde,
  type Solver,
  saSolver,
  sdeDpmSolver,
  seedsSolver,
  uniPc,
} from '../src/index.js';
import type { Level } from '../src/solver/levels.js';
import { type Denoiser, follow, levelOf, levelsAt, planOn } from './support/plans.js';

const bent: Denoiser = (x, { logSnr }) => Math.tanh(0.7 * x + 0.1 * logSnr) + 0.3;
const noise = (k: number) => Math.sin(12.9898 * k);
const UNEQUAL = levelsAt([-3, -2.4, -2.1, -1.2, -0.7, 0.4, 1.2, 1.5, 2.6]);
const START = 0.4;
const { ends } = UNEQUAL;

/** x with which a x = b. */
function solved(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i]]);
  for (let k = 0; k < rows.length; k++) {
    for (let i = 0; i < rows.length; i++) {
      if (i === k) continue;
      const factor = rows[i][k] / rows[k][k];
      rows[i] = rows[i].map((value, j) => value - factor * rows[k][j]);
    }
  }
  return rows.map((row, k) => row[rows.length] / row[k]);
}

/** multistep_uni_pc_bh_update of the authors, predict_x0, variant bh2, with the order that its first steps have. */
function uniPcByHand(order: number): number {
  let x = START;
  const made: number[] = [bent(x, ends[0])]; // the newest first
  for (let k = 0; k + 1 < ends.length; k++) {
    const [s, t] = [ends[k], ends[k + 1]];
    const p = Math.min(order, k + 1);
    const h = t.logSnr - s.logSnr;
    const B = Math.expm1(-h);
    const r = [...Array.from({ length: p - 1 }, (_, j) => (ends[k - 1 - j].logSnr - s.logSnr) / h), 1];
    const b: number[] = [];
    let [phi, factorial] = [B / -h - 1, 1];
    for (let i = 1; i <= p; i++) {
      b.push((phi * factorial) / B);
      factorial *= i + 1;
      phi = phi / -h - 1 / factorial;
    }
    const R = (size: number) => Array.from({ length: size }, (_, i) => r.slice(0, size).map(one => one ** i));
    const D1 = r.slice(0, -1).map((one, j) => (made[j + 1] - made[0]) / one);
    const base = (t.sigma / s.sigma) * x - t.alpha * B * made[0];
    const sum = (weights: readonly number[]) => D1.reduce((all, d, j) => all + weights[j] * d, 0);
    const predicted = base - t.alpha * B * sum(p === 2 ? [0.5] : p === 1 ? [] : solved(R(p - 1), b.slice(0, -1)));
    if (k + 2 === ends.length) return predicted;
    const now = bent(predicted, t);
    const rho = p === 1 ? [0.5] : solved(R(p), b);
    x = base - t.alpha * B * (sum(rho) + rho[p - 1] * (now - made[0]));
    made.unshift(now);
  }
  return x;
}

/** SA-Solver: the integrals of powers by their recursion, the weights from a Vandermonde system. */
function saByHand(predictor: number, corrector: number, tau2: number): number {
  let x = START;
  const made: number[] = [bent(x, ends[0])];
  const c = 1 + tau2;
  for (let k = 0; k + 1 < ends.length; k++) {
    const [s, t] = [ends[k], ends[k + 1]];
    const h = t.logSnr - s.logSnr;
    const weights = (nodes: readonly number[]) => {
      const m = [-Math.expm1(-c * h)];
      for (let p = 1; p < nodes.length; p++) m.push(h ** p - (p / c) * m[p - 1]);
      return solved(
        m.map((_, p) => nodes.map(node => node ** p)),
        m,
      );
    };
    const past = (count: number) =>
      Array.from({ length: Math.min(count, k + 1) }, (_, j) => ends[k - j].logSnr - s.logSnr);
    const base =
      (t.sigma / s.sigma) * Math.exp(-tau2 * h) * x + t.sigma * Math.sqrt(1 - Math.exp(-2 * tau2 * h)) * noise(k + 1);
    const sum = (all: readonly number[], values: readonly number[]) =>
      all.reduce((total, weight, j) => total + t.alpha * weight * values[j], base);
    const predicted = sum(weights(past(predictor)), made);
    if (k + 2 === ends.length) return predicted;
    const now = bent(predicted, t);
    x = corrector === 0 ? predicted : sum(weights([h, ...past(corrector - 1)]), [now, ...made]);
    made.unshift(now);
  }
  return x;
}

/** ComfyUI's sample_seeds_2 and sample_seeds_3, in the form that is exact for linear D. */
function seedsByHand(order: number, eta: number): number {
  let x = START;
  let wanted = 0;
  for (let k = 0; k + 1 < ends.length; k++) {
    const [s, t] = [ends[k], ends[k + 1]];
    const h = t.logSnr - s.logSnr;
    const c = 1 + eta;
    const phi1 = (r: number) => -Math.expm1(-r * c * h);
    const phi2 = (r: number) => 1 - phi1(r) / (r * c * h);
    const at = (r: number, drift: number, N: number) => {
      const level = r === 1 ? t : levelOf(s.logSnr + r * h);
      const mean = (level.sigma / s.sigma) * Math.exp(-r * eta * h) * x + level.alpha * drift;
      return { level, x: mean + level.sigma * N };
    };
    const noises = (r: readonly number[]) => {
      const all: number[] = [];
      for (const [j, one] of r.entries()) {
        const length = one - (r[j - 1] ?? 0);
        const before = all[j - 1] ?? 0;
        const z = eta === 0 ? 0 : noise(++wanted);
        all.push(Math.exp(-length * eta * h) * before + Math.sqrt(1 - Math.exp(-2 * length * eta * h)) * z);
      }
      return all;
    };
    const D = bent(x, s);
    if (order === 2) {
      const N = noises([0.5, 1]);
      const middle = at(0.5, phi1(0.5) * D, N[0]);
      const D1 = bent(middle.x, middle.level);
      const b2 = phi2(1) / 0.5;
      x = at(1, (phi1(1) - b2) * D + b2 * D1, N[1]).x;
    } else {
      const [r1, r2] = [1 / 3, 2 / 3];
      const N = noises([r1, r2, 1]);
      const first = at(r1, phi1(r1) * D, N[0]);
      const D1 = bent(first.x, first.level);
      const a32 = (r2 / r1) * phi2(r2);
      const second = at(r2, (phi1(r2) - a32) * D + a32 * D1, N[1]);
      const b3 = phi2(1) / r2;
      x = at(1, (phi1(1) - b3) * D + b3 * bent(second.x, second.level), N[2]).x;
    }
  }
  return x;
}

/** Algorithm 2 of EDM for x/alpha, with a corrected last step; the first step adds no noise. */
function edmByHand(churn: number, [low, high]: readonly [number, number], scale: number): number {
  let y = START / ends[0].alpha;
  let wanted = 0;
  const ratio = (level: Level) => Math.exp(-level.logSnr);
  const D = (value: number, sigma: number) => {
    const level = levelOf(-Math.log(sigma));
    return bent(level.alpha * value, level);
  };
  const steps = ends.length - 1;
  for (let k = 0; k < steps; k++) {
    const [sigma, next] = [ratio(ends[k]), ratio(ends[k + 1])];
    const gamma = k > 0 && sigma >= low && sigma <= high ? Math.min(churn / steps, Math.SQRT2 - 1) : 0;
    const raised = (1 + gamma) * sigma;
    if (gamma > 0) y += Math.sqrt(raised ** 2 - sigma ** 2) * scale * noise(++wanted);
    const d = (y - D(y, raised)) / raised;
    const euler = y + (next - raised) * d;
    y += (next - raised) * ((d + (euler - D(euler, next)) / next) / 2);
  }
  return y * ends[steps].alpha;
}

/** The authors' vp_3_order_taylor, in x/alpha and with exact integrals. */
function erSdeByHand(order: number): number {
  let y = START / ends[0].alpha;
  const made: number[] = [];
  const ratio = (k: number) => Math.exp(-ends[k].logSnr);
  const fn = (l: number) => l * (Math.exp(l ** 0.3) + 10);
  const integral = (f: (l: number) => number, from: number, to: number) => {
    const n = 20_000;
    let sum = 0;
    for (let i = 0; i < n; i++) sum += f(from + ((i + 0.5) * (to - from)) / n);
    return (sum * (to - from)) / n;
  };
  for (let k = 0; k + 1 < ends.length; k++) {
    made.push(bent(y * ends[k].alpha, ends[k]));
    const [ls, lt] = [ratio(k), ratio(k + 1)];
    const R = fn(lt) / fn(ls);
    let next = R * y + (1 - R) * made[k];
    if (order > 1 && k > 0) {
      const d = (made[k] - made[k - 1]) / (ls - ratio(k - 1));
      next += (lt - ls + fn(lt) * integral(l => 1 / fn(l), lt, ls)) * d;
      if (order > 2 && k > 1) {
        const before = (made[k - 1] - made[k - 2]) / (ratio(k - 1) - ratio(k - 2));
        const dd = (d - before) / ((ls - ratio(k - 2)) / 2);
        next += ((lt - ls) ** 2 / 2 + fn(lt) * integral(l => (l - ls) / fn(l), lt, ls)) * dd;
      }
    }
    y = next + Math.sqrt(lt ** 2 - ls ** 2 * R ** 2) * noise(k + 1);
  }
  return y * ends[ends.length - 1].alpha;
}

describe('a planned sampler makes the published steps', () => {
  it.each<[string, Solver, number, number]>([
    ...[1, 2, 3].map((order): [string, Solver, number, number] => [
      `UniPC ${order}`,
      uniPc({ order }),
      uniPcByHand(order),
      10,
    ]),
    ['SA-Solver', saSolver(), saByHand(3, 4, 1), 10],
    ['SA-Solver, 2/2, tau 0.6', saSolver({ predictor: 2, corrector: 2, tau2: 0.36 }), saByHand(2, 2, 0.36), 10],
    ['SA-Solver, predictor alone', saSolver({ predictor: 3, corrector: 0 }), saByHand(3, 0, 1), 10],
    ['SEEDS-2', seedsSolver({ order: 2 }), seedsByHand(2, 1), 10],
    ['SEEDS-3', seedsSolver(), seedsByHand(3, 1), 10],
    ['SEEDS-3, less noise', seedsSolver({ tau2: 0.4 }), seedsByHand(3, 0.4), 10],
    ['DPM-Solver++ (2S)', seedsSolver({ order: 2, tau2: 0 }), seedsByHand(2, 0), 10],
    ['EDM without churn', edmHeun({ steps: 8, churn: 0 }), edmByHand(0, [0, 1], 1), 10],
    ['EDM', edmHeun({ steps: 8, churn: 1, churnMin: 0.2, churnMax: 6 }), edmByHand(1, [0.2, 6], 1.003), 10],
    ['EDM, much churn', edmHeun({ steps: 8, churn: 9, churnMin: 0, noiseScale: 1 }), edmByHand(9, [0, 50], 1), 10],
    ['ER-SDE 1', erSde({ order: 1 }), erSdeByHand(1), 10],
    ['ER-SDE 2', erSde({ order: 2 }), erSdeByHand(2), 7],
    ['ER-SDE 3, published', erSde({ variant: 'published' }), erSdeByHand(3), 7],
  ])('%s', (_, solver, expected, digits) => {
    expect(follow(planOn(solver, UNEQUAL), START, bent, noise)).toBeCloseTo(expected, digits);
  });
});

describe('the order on the probability flow', () => {
  // D depends on ln(alpha/sigma) alone: D = sin λ, x = (σ/σ0) x0 + α ∫ e^(−(λ − u)) sin u du.
  const [first, last] = [-16, 3];
  const exact = () => {
    const antiderivative = (u: number) => (Math.exp(u - last) * (Math.sin(u) - Math.cos(u))) / 2;
    return levelOf(last).alpha * (antiderivative(last) - antiderivative(first));
  };
  const error = (solver: Solver, steps: number) => {
    // What the first steps lose with fewer predictions is forgotten.
    const levels = levelsAt(Array.from({ length: steps + 1 }, (_, k) => first + (k * (last - first)) / steps));
    return Math.abs(follow(planOn(solver, levels), 0, (_, { logSnr }) => Math.sin(logSnr), noise) - exact());
  };

  it.each<[string, Solver]>([
    ['DDIM', ddim()],
    ...[1, 2, 3].map((order): [string, Solver] => [`DPM-Solver++ (${order}M)`, dpmSolver({ order })]),
    ['DPM-Solver++ (3M), published', dpmSolver({ order: 3, variant: 'published' })],
    ...[1, 2, 3].map((order): [string, Solver] => [`UniPC ${order}`, uniPc({ order })]),
    ['EDM without churn', edmHeun({ churn: 0 })],
  ])('of %s is the one it declares', (_, solver) => {
    const found = Math.log2(error(solver, 400) / error(solver, 800));
    expect(Math.abs(found - solver.orders.weak)).toBeLessThan(0.15);
  });

  it.each([
    [1, 1],
    [2, 2],
    [3, 3],
  ])('of SEEDS-%i without noise is %i', (order, expected) => {
    const solver = seedsSolver({ order, tau2: 0 });
    expect(Math.abs(Math.log2(error(solver, 400) / error(solver, 800)) - expected)).toBeLessThan(0.6);
  });

  it.each([
    [1, 0, 1],
    [2, 0, 2],
    [3, 0, 3],
    [1, 2, 2],
    [2, 3, 3],
    [3, 4, 4],
  ])('of SA-Solver (%i, %i) without noise is %i', (predictor, corrector, expected) => {
    const solver = saSolver({ predictor, corrector, tau2: 0 });
    expect(Math.abs(Math.log2(error(solver, 400) / error(solver, 800)) - expected)).toBeLessThan(0.15);
  });
});

describe('ER-SDE 3', () => {
  it('is of local order 4 in sigma/alpha as corrected, of 3 as published', () => {
    const error = (variant: 'corrected' | 'published', h: number) => {
      const l = [1 + 3 * h, 1 + 1.9 * h, 1 + h, 1];
      const levels = levelsAt(l.map(one => -Math.log(one)));
      const D = (at: number) => Math.sin(3 * at);
      const plan = planOn(erSde({ variant }), levels);
      const { state, data } = plan[plan.length - 1];
      const [from, to] = levels.ends.slice(-2);
      const got = state * from.alpha + data.reduce((sum, weight, i) => sum + weight * D(l[2 - i]), 0);
      const fn = (at: number) => at * (Math.exp(at ** 0.3) + 10);
      const slope = (at: number) => Math.exp(at ** 0.3) * (1 + 0.3 * at ** 0.3) + 10;
      let integral = 0;
      for (let i = 0; i < 2000; i++) {
        const at = 1 + ((i + 0.5) * h) / 2000;
        integral += (((D(at) * slope(at)) / fn(at) ** 2) * h) / 2000;
      }
      return Math.abs(got / to.alpha - ((fn(1) / fn(1 + h)) * 1 + fn(1) * integral));
    };
    for (const [variant, order] of [
      ['corrected', 4],
      ['published', 3],
    ] as const) {
      expect(Math.abs(Math.log2(error(variant, 0.02) / error(variant, 0.01)) - order)).toBeLessThan(0.25);
    }
  });
});

describe('names of one sampler', () => {
  it.each<[string, Solver, Solver]>([
    ['UniPC 3 and SA-Solver without noise, once there are three predictions', uniPc(), saSolver({ tau2: 0 })],
    ['SEEDS-1 and SDE-DPM-Solver++ (1)', seedsSolver({ order: 1 }), sdeDpmSolver({ order: 1 })],
    ['SA-Solver (1, 0) and SDE-DPM-Solver++ (1)', saSolver({ predictor: 1, corrector: 0 }), sdeDpmSolver({ order: 1 })],
    ['SA-Solver (3, 0) and SDE-DPM-Solver++ (3M)', saSolver({ corrector: 0 }), sdeDpmSolver({ order: 3 })],
  ])('%s', (_, one, other) => {
    const [ours, theirs] = [one, other].map(solver => planOn(solver, UNEQUAL).slice(4));
    for (const [k, { state, data, noise: scale }] of ours.entries()) {
      expect(state).toBeCloseTo(theirs[k].state, 12);
      expect(scale).toBeCloseTo(theirs[k].noise, 12);
      for (const [i, weight] of data.entries()) expect(weight).toBeCloseTo(theirs[k].data[i] ?? 0, 12);
    }
  });
});
