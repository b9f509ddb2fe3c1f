/**
 * First and second moments that a scheme itself gives a linear SDE, without chance: one step is linear in the state, so
 * that its mean over the noise is a matrix, and a power of that matrix is the whole path.
 */
import type { Equations } from '../equations/sde.js';
import type { PathSolver } from '../solver/paths/facts.js';
import { step } from '../step.js';

interface Node {
  value: number;
  weight: number;
}

/** Gauss and Hermite's nodes for a standard normal, exact to degree 2n − 1. Newton's method on He_n (Golub, Welsch 1969). */
export function normalNodes(n: number): Node[] {
  const hermite = (x: number): [number, number] => {
    let [before, now] = [0, 1];
    for (let k = 0; k < n; k++) [before, now] = [now, x * now - k * before];
    return [now, n * before];
  };
  let factorial = 1;
  for (let k = 2; k < n; k++) factorial *= k;
  const nodes: Node[] = [];
  for (let i = 0; i < n; i++) {
    // Between nodes that are known the function is divided by their factors.
    let x = Math.sqrt(2 * n + 1) * (1 - (1.2 * i) / n) || 1e-3;
    for (let k = 0; k < 200; k++) {
      const [value, slope] = hermite(x);
      const known = nodes.reduce((sum, node) => sum + 1 / (x - node.value), 0);
      const change = value / (slope - value * known);
      x -= change;
      if (Math.abs(change) < 1e-15 * Math.max(1, Math.abs(x))) break;
    }
    const [, slope] = hermite(x);
    nodes.push({ value: x, weight: (factorial * n) / slope ** 2 });
  }
  return nodes;
}

/** What one step makes of 1, x_i and x_i x_j in the mean: a matrix over those monomials. */
export interface MomentMap {
  /** E[monomials of the next state] = matrix · monomials of the state. */
  matrix: number[][];
  size: number;
}

/** Monomials of degree 0, 1 and 2. */
function monomials(x: ArrayLike<number>): number[] {
  const d = x.length;
  const all = [1, ...Array.from(x)];
  for (let i = 0; i < d; i++) for (let j = i; j < d; j++) all.push(x[i] * x[j]);
  return all;
}

/** Of a step of length h at t. `nodes` a noise: see normalNodes; more noises cost nodes^noises steps. */
function mapOfStep(sde: Equations, solver: PathSolver, t: number, h: number, W: Node[], H: Node[]): MomentMap {
  const d = sde.states.length;
  const m = sde.noises.length;
  const points: number[][] = [Array(d).fill(0)];
  for (let i = 0; i < d; i++) {
    points.push(unit(d, i, 1), unit(d, i, -1));
    for (let j = i + 1; j < d; j++) points.push(unit(d, i, 1).map((x, k) => (k === j ? 1 : x)));
  }
  const images = points.map(x => meanOfNext(x));
  // Monomials at the points determine the matrix: as many points as monomials.
  return {
    matrix: solved(
      points.map(x => monomials(x)),
      images,
    ),
    size: images[0].length,
  };

  function meanOfNext(x: number[]): number[] {
    let sum: number[] | undefined;
    const combine = (noise: number, dW: number[], area: number[], weight: number): void => {
      if (noise === m) {
        const next = monomials(step(sde, solver, { t, h, x, dW, H: area }).x);
        sum = next.map((value, i) => (sum?.[i] ?? 0) + weight * value);
        return;
      }
      for (const w of W) {
        for (const a of H) {
          const [dw, da] = [Math.sqrt(h) * w.value, Math.sqrt(h / 12) * a.value];
          combine(noise + 1, [...dW, dw], [...area, da], weight * w.weight * a.weight);
        }
      }
    };
    combine(0, [], [], 1);
    return sum!;
  }
}

const unit = (d: number, i: number, value: number) => Array.from({ length: d }, (_, k) => (k === i ? value : 0));

/** The matrix A with A · in_k = out_k for all k: Gauss's elimination with pivots on the transposed system. */
function solved(inputs: number[][], outputs: number[][]): number[][] {
  const n = inputs.length;
  const rows = inputs.map((row, i) => [...row, ...outputs[i]]);
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let i = column + 1; i < n; i++) if (Math.abs(rows[i][column]) > Math.abs(rows[pivot][column])) pivot = i;
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    for (let i = 0; i < n; i++) {
      if (i === column) continue;
      const factor = rows[i][column] / rows[column][column];
      for (let k = column; k < rows[i].length; k++) rows[i][k] -= factor * rows[column][k];
    }
  }
  const inverse = rows.map((row, i) => row.slice(n).map(value => value / rows[i][i]));
  // inverse[k][j]: of monomial k in output j.
  return inverse[0].map((_, j) => inverse.map(row => row[j]));
}

/**
 * E x_i and E x_i x_j (i <= j, row by row) of the scheme at t1 after `steps` equal steps, for an SDE linear in the state.
 * `discrete`: the solver takes three-point noise of W and the sign of H, not normal numbers.
 */
export function schemeMoments(
  sde: Equations,
  solver: PathSolver,
  {
    t0,
    t1,
    x0,
    steps,
    discrete,
    levyArea,
    autonomous,
  }: {
    t0: number;
    t1: number;
    x0: readonly number[];
    steps: number;
    discrete: boolean;
    levyArea: boolean;
    autonomous: boolean;
  },
): number[] {
  const h = (t1 - t0) / steps;
  const W = normalNodes(discrete ? 3 : 7);
  const signs = [
    { value: 1, weight: 0.5 },
    { value: -1, weight: 0.5 },
  ];
  // An even number: none is 0, whose sign would be no fair coin.
  const H = !levyArea ? [{ value: 0, weight: 1 }] : discrete ? signs : normalNodes(6);
  let moments = monomials(x0);
  let map: MomentMap | undefined;
  for (let k = 0; k < steps; k++) {
    if (map === undefined || !autonomous) map = mapOfStep(sde, solver, t0 + k * h, h, W, H);
    moments = map.matrix.map(row => row.reduce((sum, factor, i) => sum + factor * moments[i], 0));
  }
  return moments.slice(1);
}
