/** Rows of a result that are kept of a job that did not come to its end. */

/** Moved together where they are, since there may be no memory for a second copy; `shape` of those that are left. */
export function movedTogether<A extends Float32Array | Float64Array>(
  numbers: A,
  shape: readonly number[],
  positions: readonly number[],
): { numbers: A; shape: number[] } {
  const [count, ...one] = shape;
  const size = numbers.length / count;
  for (const [to, from] of positions.entries()) {
    if (from > to) numbers.copyWithin(to * size, from * size, (from + 1) * size);
  }
  return { numbers: numbers.subarray(0, positions.length * size) as A, shape: [positions.length, ...one] };
}
