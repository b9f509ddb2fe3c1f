/** Drift and diffusion that no text says: JavaScript functions and TorchScript modules, and the noise declared for them. */
import { invalidOption } from '../errors.js';
import { numberOption } from '../options/checks.js';
import { MOST_STATES } from '../options/limits.js';
import { optionFault } from './fault.js';
import type { NoiseClass } from './noise-class.js';
import type { TorchCoefficient } from './torch-coefficient.js';

export interface CoefficientInfo {
  /** Rows of this call. */
  readonly paths: number;
  /** [paths]: the index of each row's path. */
  readonly indices: Float64Array;
}

/**
 * A coefficient of many paths at once. `x` [paths·states] are their states, a row a path, `t` [paths] their times; `out`
 * is to be filled, unless the function returns a Float64Array of its length (or a promise of one): [paths·states], or
 * [paths·states·noises] of a diffusion whose `noises` are given. What it leaves out is NaN. All arrays are reused: they
 * must not be kept after the answer.
 */
export type CoefficientFunction = (
  x: Float64Array,
  t: Float64Array,
  out: Float64Array,
  info: CoefficientInfo,
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is the usual case, async or not.
) => Float64Array | void | Promise<Float64Array | void>;

export type OutsideCoefficient = CoefficientFunction | TorchCoefficient;

/** Coefficients that are not given as text. */
export interface Outside {
  readonly drift?: OutsideCoefficient;
  readonly diffusion?: OutsideCoefficient;
  /** Of a diffusion [paths, states, columns]; 0: [paths, states]. */
  readonly columns: number;
}

/** What is declared of a diffusion that is not given as text. */
export interface DeclaredNoise {
  readonly noiseClass: NoiseClass;
  readonly noises: number;
  readonly columns: number;
}

export function isOutside(given: unknown): given is OutsideCoefficient {
  return typeof given === 'function' || (given as { kind?: unknown } | null)?.kind === 'torchCoefficient';
}

const CLASSES: readonly NoiseClass[] = ['additive', 'diagonal', 'scalar', 'commutative', 'general'];

/** Numbers of G of one path. */
const MOST_ENTRIES = 2 ** 16;

/** Throws ERR_SDE_INVALID_OPTION and ERR_SDE_INVALID_EQUATION. */
export function declaredNoise(
  where: string,
  { noise, noises }: { noise: unknown; noises: unknown },
  states: number,
): DeclaredNoise {
  if (!CLASSES.includes(noise as NoiseClass)) {
    throw invalidOption(`${where}.noise`, noise, `one of ${CLASSES.map(word => `'${word}'`).join(', ')}`, {
      hint: 'The class of the noise cannot be found from a function.',
    });
  }
  const noiseClass = noise as NoiseClass;
  if (noiseClass === 'scalar' || noiseClass === 'diagonal') {
    if (noises !== undefined) throw invalidOption(`${where}.noises`, noises, `nothing beside noise '${noiseClass}'`);
    return { noiseClass, noises: noiseClass === 'scalar' ? 1 : states, columns: 0 };
  }
  if (noises === undefined) {
    if (noiseClass === 'additive') return { noiseClass, noises: states, columns: 0 };
    throw invalidOption(`${where}.noises`, noises, `the number of noises, for ${noiseClass} noise`);
  }
  const columns = numberOption(`${where}.noises`, noises as number, 0, { min: 1, max: MOST_STATES, integer: true });
  if (states * columns > MOST_ENTRIES) {
    const problem = `the diffusion has ${states * columns} entries`;
    throw optionFault(`${where}.noises`, noises, problem, `A function may have ${MOST_ENTRIES}.`);
  }
  return { noiseClass, noises: columns, columns };
}

/** Where entries of such a diffusion stand, by state and then by noise. */
export function entriesOf(states: number, { noiseClass, columns }: DeclaredNoise): { state: number; noise: number }[] {
  if (columns > 0) {
    return Array.from({ length: states * columns }, (_, k) => ({ state: Math.floor(k / columns), noise: k % columns }));
  }
  return Array.from({ length: states }, (_, state) => ({ state, noise: noiseClass === 'scalar' ? 0 : state }));
}
