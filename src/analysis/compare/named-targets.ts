/** Targets whose truth is known: Gaussian mixtures with their exact scores. */
import { addon } from '../../addon.js';
import { type CompareTarget, mixtureTarget } from './target.js';

/** Each made when it is asked for. */
export const compareTargets = {
  /** N(0, 0.25) in one dimension. */
  gaussian: () => gaussian('gaussian', 1),
  'gaussian-2': () => gaussian('gaussian-2', 2),
  /** As many numbers as a colour image of 32 x 32 pixels has. */
  'gaussian-3072': () => gaussian('gaussian-3072', 3072),
  /** At ±1 with weights 0.3 and 0.7, standard deviation 0.1. */
  'two-modes': () =>
    mixtureTarget({ name: 'two-modes', weights: [0.3, 0.7], means: [[-1], [1]], variances: [0.01, 0.01] }),
  /** Eight modes on the unit circle, standard deviation 0.05. */
  ring: () => {
    const means = Array.from({ length: 8 }, (_, k) => [Math.cos((k * Math.PI) / 4), Math.sin((k * Math.PI) / 4)]);
    return mixtureTarget({ name: 'ring', weights: ones(8), means, variances: ones(8).map(() => 0.0025) });
  },
  /** In 64 dimensions: means of normal numbers, halved, and weights that grow from 1 to 10. */
  'ten-modes': () => {
    const [seed, count, elements] = [10n, 10, 64];
    const means = Array.from({ length: count }, (_, k) =>
      addon()
        .normals(seed, BigInt(k), 0, new Float32Array(elements))
        .map(value => value / 2),
    );
    const weights = ones(count).map((one, k) => one + k);
    return mixtureTarget({ name: 'ten-modes', weights, means, variances: ones(count).map(() => 0.01) });
  },
} as const satisfies Record<string, () => CompareTarget>;

export type CompareTargetName = keyof typeof compareTargets;

function gaussian(name: string, n: number): CompareTarget {
  return mixtureTarget({ name, weights: [1], means: [new Float32Array(n)], variances: [0.25] });
}

function ones(count: number): number[] {
  return Array.from({ length: count }, () => 1);
}
