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
 * means[group][level], of which `errorOf` makes an error: by default mean squared errors.
 */
export function fitOfGroups(
  h: readonly number[],
  means: readonly (readonly number[])[],
  errorOf: (mean: number) => number = Math.sqrt,
): Fit {
  const groups = means.length;
  const slopeWithout = (left: number) => {
    const rest = means.filter((_, group) => group !== left);
    return slopeOf(
      h,
      h.map((_, level) => errorOf(rest.reduce((sum, one) => sum + one[level], 0) / rest.length)),
    );
  };
  const order = slopeWithout(-1);
  const slopes = means.map((_, group) => slopeWithout(group));
  const mean = slopes.reduce((sum, one) => sum + one, 0) / groups;
  const variance = ((groups - 1) / groups) * slopes.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return { order, halfWidth: STUDENT_OF_TEN * Math.sqrt(variance) };
}

/** Half the width of the 95 % interval of a mean, from the means of ten groups. */
export function halfWidthOf(groups: readonly number[]): number {
  const mean = groups.reduce((sum, one) => sum + one, 0) / groups.length;
  const variance = groups.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (groups.length - 1);
  return STUDENT_OF_TEN * Math.sqrt(variance / groups.length);
}
