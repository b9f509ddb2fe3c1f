/**
 * Monotone cubic interpolation with evenly spaced knots: Fritsch and Butland, SIAM J. Sci. Stat. Comput. 5 (1984), as
 * SciPy's PchipInterpolator has it. No overshoot, a continuous slope, and a slope of zero only where values repeat.
 */

/** Slopes at the knots, a knot apart, of strictly monotone values. */
export function pchipSlopes(values: ArrayLike<number>): Float64Array {
  const last = values.length - 1;
  const rises = Float64Array.from({ length: last }, (_, i) => values[i + 1] - values[i]);
  const slopes = new Float64Array(values.length);
  // Inside, the harmonic mean of the two rises.
  for (let i = 1; i < last; i++) slopes[i] = (2 * rises[i - 1] * rises[i]) / (rises[i - 1] + rises[i]);
  slopes[0] = endSlope(rises[0], rises[Math.min(1, last - 1)]);
  slopes[last] = endSlope(rises[last - 1], rises[Math.max(0, last - 2)]);
  return slopes;
}

/** Of a parabola through the end's three knots, kept between the rise and the steepest slope that is still monotone. */
function endSlope(rise: number, next: number): number {
  const slope = (3 * rise - next) / 2;
  if (slope * rise <= 0) return rise;
  return Math.abs(slope) > 3 * Math.abs(rise) ? 3 * rise : slope;
}

/** Value and slope in a cell [0, 1] with these values and slopes at its ends. */
export function hermite(u: number, from: number, to: number, slopeFrom: number, slopeTo: number) {
  const rise = to - from;
  const square = 3 * rise - 2 * slopeFrom - slopeTo;
  const cube = slopeFrom + slopeTo - 2 * rise;
  return {
    value: from + u * (slopeFrom + u * (square + u * cube)),
    slope: slopeFrom + u * (2 * square + u * 3 * cube),
  };
}
