/** Quantiles and tails of the laws that tests and intervals are made with. */
import jstat from 'jstat';

/** Of N(0, 1). */
export function normalQuantile(probability: number): number {
  return jstat.normal.inv(probability, 0, 1);
}

export function studentQuantile(probability: number, degrees: number): number {
  return jstat.studentt.inv(probability, degrees);
}

/** P(χ² > value) */
export function chiSquareAbove(value: number, degrees: number): number {
  return 1 - jstat.chisquare.cdf(value, degrees);
}

/** Of numbers in ascending order, between neighbours linearly. */
export function quantileOf(ascending: ArrayLike<number>, probability: number): number {
  const place = probability * (ascending.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, ascending.length - 1);
  return ascending[below] + (place - below) * (ascending[above] - ascending[below]);
}
