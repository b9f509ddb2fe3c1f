/** The order that errors show: the slope of log error over log step. */

export interface Fit {
  order: number;
  /** Half the width of its 95 % interval: of the scatter around the line, or of what else is given. */
  halfWidth: number;
}

/** Least squares through (log2 h, log2 error). NaN of fewer than two positive errors. */
export function slopeOf(h: readonly number[], errors: readonly number[]): number {
  const points = h.map((step, i) => [Math.log2(step), Math.log2(errors[i])]).filter(([, y]) => Number.isFinite(y));
  if (points.length < 2) return Number.NaN;
  const mean = (of: 0 | 1) => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const products = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return products / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}

/** 0.975 quantile of Student's t with 9 degrees of freedom: of ten groups. */
const STUDENT_OF_TEN = 2.262;

/**
 * The order with an interval from ten groups of paths, each with a slope of its own (the jackknife's, leaving one out).
 * squares[group][level]: mean squared errors.
 */
export function fitOfGroups(h: readonly number[], squares: readonly (readonly number[])[]): Fit {
  const groups = squares.length;
  const slopeWithout = (left: number) => {
    const rest = squares.filter((_, group) => group !== left);
    return slopeOf(
      h,
      h.map((_, level) => Math.sqrt(rest.reduce((sum, one) => sum + one[level], 0) / rest.length)),
    );
  };
  const order = slopeWithout(-1);
  const slopes = squares.map((_, group) => slopeWithout(group));
  const mean = slopes.reduce((sum, one) => sum + one, 0) / groups;
  const variance = ((groups - 1) / groups) * slopes.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return { order, halfWidth: STUDENT_OF_TEN * Math.sqrt(variance) };
}
