/** Sets of samples with a known law. */
import { randomOf } from '../../src/analysis/metrics/random.js';
import type { metrics } from '../../src/index.js';

/** n samples of d independent normal numbers; mean and deviation one a dimension, or the same for all. */
export function normals(
  n: number,
  d: number,
  seed: number,
  { mean = 0, deviation = 1 }: { mean?: number | number[]; deviation?: number | number[] } = {},
): metrics.Points {
  const { normal } = randomOf(BigInt(seed));
  const at = (of: number | number[], k: number) => (typeof of === 'number' ? of : of[k]);
  const samples = Float64Array.from({ length: n * d }, (_, i) => at(mean, i % d) + at(deviation, i % d) * normal());
  return { samples, shape: [n, d] };
}

/** Whole numbers in one dimension, for sums by hand. */
export function line(...values: number[]): metrics.Points {
  return { samples: Float64Array.from(values), shape: [values.length] };
}
