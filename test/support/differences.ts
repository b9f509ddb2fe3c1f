/** How far arrays are apart. */
import { expect } from 'vitest';

/** Infinite where one is NaN; fails where the lengths differ. */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]) || (value === b[i] ? 0 : Infinity)), 0);
}
