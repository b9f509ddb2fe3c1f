/** What solvers are compared on: a process, who answers for its score, and samples of what should come out. */
import { addon } from '../../addon.js';
import { invalidOption } from '../../errors.js';
import { optionsObject, readable } from '../../options/checks.js';
import { type MixtureOptions, type MixtureScore, mixtureScore } from '../../score/mixture.js';
import type { Score } from '../../score/score.js';
import { vp } from '../../sde/list.js';
import type { SdeData } from '../../sde/sde.js';

export interface CompareTarget {
  /** One word, unique among those that are compared. */
  readonly name: string;
  readonly sde: SdeData;
  readonly score: Score;
  /** Of one sample. n below is the product. */
  readonly shape: readonly number[];
  /** Whether `score` is the exact score of the data, so that all error is the solver's; that of a network errs itself. */
  readonly exact: boolean;
  /** At most `count` samples of the data, [rows, n]; those of the two parts have nothing to do with each other. */
  readonly draw: (count: number, part: 0 | 1) => Float32Array;
  /** Of what `score` has no numbers of its own for: say another word when the function changes. */
  readonly version?: string;
}

export interface MixtureTargetOptions extends MixtureOptions {
  name: string;
  /** Default vp(). */
  sde?: SdeData;
  /** Of one sample. Default [n]. */
  shape?: readonly number[];
}

/**
 * Data ~ Σ weights_k·N(means_k, variances_k·I), with its exact score and exact draws. Images as means, with a small
 * variance, make the exact score of a set of images.
 *
 * Throws what `mixtureScore` throws.
 */
export function mixtureTarget(options: MixtureTargetOptions): CompareTarget {
  const { name, sde, shape, ...mixture } = optionsObject<MixtureTargetOptions>('mixtureTarget', options, [
    ...(['name', 'sde', 'shape'] as const),
    ...(['weights', 'means', 'variances'] as const),
  ]);
  const score = mixtureScore(mixture);
  return Object.freeze({
    name: checkedName('mixtureTarget.name', name),
    sde: sde ?? vp(),
    score,
    shape: Object.freeze([...(shape ?? [score.elements])]),
    exact: true,
    draw: (count: number, part: 0 | 1) => mixtureDraws(score, count, part),
  });
}

export interface ModelTargetOptions {
  name: string;
  sde: SdeData;
  score: Score;
  /** Of one sample. */
  shape: readonly number[];
  /**
   * [rows, n]: data that the model was to learn, best such that it was not trained with. Samples are held against one half
   * of the rows, and the other half too, which shows how far apart perfect samples are.
   */
  reference: Float32Array;
  /** Required of a callbackScore, whose samples are kept under this word: give another when the function changes. */
  version?: string;
}

/** Fewer say nothing of the spread in either half. */
const LEAST_ROWS = 40;

/** Any score with samples of the data. Throws ERR_SDE_INVALID_OPTION, ERR_SDE_UNKNOWN_OPTION, ERR_SDE_INVALID_SHAPE. */
export function modelTarget(options: ModelTargetOptions): CompareTarget {
  return readable('modelTarget', () => {
    const { name, sde, score, shape, reference, version } = optionsObject<ModelTargetOptions>('modelTarget', options, [
      ...(['name', 'sde', 'score', 'shape', 'reference', 'version'] as const),
    ]);
    const n = shape.reduce((product, size) => product * size, 1);
    if (!(reference instanceof Float32Array) || reference.length < LEAST_ROWS * n || reference.length % n !== 0) {
      const expected = `a Float32Array of ${LEAST_ROWS} or more rows of ${n} numbers`;
      throw invalidOption('modelTarget.reference', reference, expected, { code: 'ERR_SDE_INVALID_SHAPE' });
    }
    return Object.freeze({
      name: checkedName('modelTarget.name', name),
      sde,
      score,
      shape: Object.freeze([...shape]),
      exact: false,
      draw: (count: number, part: 0 | 1) => rowsOf(reference, n, { count, part }),
      ...(version !== undefined && { version }),
    });
  });
}

function checkedName(option: string, name: unknown): string {
  if (typeof name === 'string' && /^[\w.-]{1,60}$/.test(name)) return name;
  throw invalidOption(option, name, 'a word of letters, digits, -, _ and .');
}

/** Seeds of draws, apart from those that people give to solvers. */
const SEEDS = 2n ** 63n;

function mixtureDraws({ weights, means, variances, elements }: MixtureScore, count: number, part: number) {
  const draws = new Float32Array(count * elements);
  const pair = new Float32Array(2);
  for (let row = 0; row < count; row++) {
    const x = draws.subarray(row * elements, (row + 1) * elements);
    const normals = (node: number, out: Float32Array) => addon().normals(SEEDS + BigInt(part), BigInt(row), node, out);
    normals(0, x);
    normals(1, pair);
    // Of two normal numbers this is uniform in (0, 1].
    const share = Math.exp(-(pair[0] ** 2 + pair[1] ** 2) / 2);
    const k = componentAt(weights, share);
    const std = Math.sqrt(variances[k]);
    for (let i = 0; i < elements; i++) x[i] = means[k * elements + i] + std * x[i];
  }
  return draws;
}

function componentAt(weights: Float64Array, share: number): number {
  let left = share;
  for (let k = 0; k < weights.length - 1; k++) {
    left -= weights[k];
    if (left <= 0) return k;
  }
  return weights.length - 1;
}

/** A half of the rows, in an order that is always the same. */
function rowsOf(all: Float32Array, n: number, { count, part }: { count: number; part: 0 | 1 }): Float32Array {
  const order = shuffled(all.length / n);
  const half = Math.floor(order.length / 2);
  const chosen = order.subarray(part * half, part * half + Math.min(count, half));
  const rows = new Float32Array(chosen.length * n);
  for (const [row, from] of chosen.entries()) rows.set(all.subarray(from * n, (from + 1) * n), row * n);
  return rows;
}

/** Fisher and Yates's, by the addon's numbers. */
function shuffled(length: number): Uint32Array {
  const order = Uint32Array.from({ length }, (_, i) => i);
  const pairs = addon().normals(SEEDS, 0n, 0, new Float32Array(2 * length));
  for (let i = length - 1; i > 0; i--) {
    const share = Math.exp(-(pairs[2 * i] ** 2 + pairs[2 * i + 1] ** 2) / 2);
    const j = Math.min(i, Math.floor(share * (i + 1)));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
