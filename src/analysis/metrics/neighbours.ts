/** Nearest neighbours by looking at all. */
import { turn } from '../../run/turn.js';
import { squaredDistance } from './pair-sums.js';
import type { CheckedPoints } from './points.js';

interface Neighbours {
  /** [k]: squared distances, ascending; infinite where there are fewer. */
  squares: Float64Array;
  /** [k]: rows of `among`. */
  rows: Int32Array;
}

/** The k rows of `among` nearest to a row of `points`, but for the row `self`. n·d operations. */
export function nearest(points: CheckedPoints, row: number, among: CheckedPoints, k: number, self = -1): Neighbours {
  const { d } = points;
  const squares = new Float64Array(k).fill(Infinity);
  const rows = new Int32Array(k).fill(-1);
  for (let j = 0; j < among.n; j++) {
    if (j === self) continue;
    const square = squaredDistance(points.data, row * d, among.data, j * d, d);
    if (square >= squares[k - 1]) continue;
    let place = k - 1;
    for (; place > 0 && squares[place - 1] > square; place--) {
      squares[place] = squares[place - 1];
      rows[place] = rows[place - 1];
    }
    squares[place] = square;
    rows[place] = j;
  }
  return { squares, rows };
}

/** Squared distance of every point to the kth nearest other one. */
export async function squaredRadii(points: CheckedPoints, k: number): Promise<Float64Array> {
  const radii = new Float64Array(points.n);
  for (let row = 0; row < points.n; row++) {
    radii[row] = nearest(points, row, points, k, row).squares[k - 1];
    await turn();
  }
  return radii;
}
