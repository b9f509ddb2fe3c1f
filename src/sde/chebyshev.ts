/**
 * Differentiation and integration of a smooth function sampled on one cell, exact for polynomials of degree 18:
 * Trefethen, "Spectral Methods in MATLAB" (2000), chapters 5 to 6 and 12.
 */

const DEGREE = 18;

/** Chebyshev-Lobatto points on [0, 1], ascending, both ends included. Every sixth one is a point of degree 3. */
export const NODES: readonly number[] = Array.from(
  { length: DEGREE + 1 },
  (_, j) => (1 - Math.cos((Math.PI * j) / DEGREE)) / 2,
);

/** Positions in NODES of the four points 0, 1/4, 3/4, 1, through which a cell's cubic goes. */
const CUBIC_NODES = [0, DEGREE / 3, (2 * DEGREE) / 3, DEGREE] as const;

const DERIVATIVE = derivativeMatrix();
const INTEGRAL = integralMatrix();

/** d/du at NODES of the function with these values there. */
export function derivative(values: readonly number[]): number[] {
  return DERIVATIVE.map(row => dot(row, values));
}

/** The integrals from 0 to each of NODES. */
export function integral(values: readonly number[]): number[] {
  return INTEGRAL.map(row => dot(row, values));
}

/** c0..c3 of the cubic c0 + c1 u + c2 u² + c3 u³ through the values at CUBIC_NODES. */
export function cubicThrough(values: readonly number[]): [number, number, number, number] {
  const [y0, y1, y2, y3] = CUBIC_NODES.map(node => values[node]);
  // Newton's divided differences on 0, 1/4, 3/4, 1, multiplied out.
  const d01 = 4 * (y1 - y0);
  const d12 = 2 * (y2 - y1);
  const d23 = 4 * (y3 - y2);
  const d012 = (4 / 3) * (d12 - d01);
  const d123 = (4 / 3) * (d23 - d12);
  const c3 = d123 - d012;
  return [y0, d01 - d012 / 4 + (3 / 16) * c3, d012 - c3, c3];
}

export function cubicAt(c: ArrayLike<number>, u: number, from = 0): number {
  return c[from] + u * (c[from + 1] + u * (c[from + 2] + u * c[from + 3]));
}

function derivativeMatrix(): number[][] {
  const weight = (j: number) => (j % 2 === 0 ? 1 : -1) * (j === 0 || j === DEGREE ? 0.5 : 1);
  return NODES.map((u, i) => {
    const row = NODES.map((v, j) => (i === j ? 0 : weight(j) / weight(i) / (u - v)));
    // Rows annihilate constants: the diagonal by that rule is more accurate than by its formula.
    row[i] = -row.reduce((sum, value) => sum + value, 0);
    return row;
  });
}

function integralMatrix(): number[][] {
  const halved = (k: number) => (k === 0 || k === DEGREE ? 0.5 : 1);
  // T_k(x_j) on the ascending points x = 2u − 1.
  const chebyshev = (k: number, j: number) => Math.cos(k * Math.PI * (1 - j / DEGREE));
  // ∫ T_k from −1 to x_i.
  const antiderivative = (k: number, i: number) => {
    const upTo = (at: number) => {
      if (k === 0) return chebyshev(1, at);
      if (k === 1) return chebyshev(2, at) / 4;
      return chebyshev(k + 1, at) / (2 * (k + 1)) - chebyshev(k - 1, at) / (2 * (k - 1));
    };
    return upTo(i) - upTo(0);
  };
  const degrees = NODES.map((_, k) => k);
  return NODES.map((_, i) =>
    NODES.map((_, j) => {
      const sum = degrees.reduce((total, k) => total + halved(k) * chebyshev(k, j) * antiderivative(k, i), 0);
      return (halved(j) * sum) / DEGREE;
    }),
  );
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
