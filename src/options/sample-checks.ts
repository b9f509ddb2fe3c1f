/** The checks of those options of `sample` that depend on each other; each takes what was checked before it. */
import { types } from 'node:util';
import { invalidOption, type SdeErrorCode } from '../errors.js';
import { kindOf, type Score } from '../score/score.js';
import { numberOption, optionsObject } from './checks.js';
import { MOST_ELEMENTS, MOST_SIZES, MOST_SLOTS, MOST_THREADS } from './limits.js';
import type { Condition, Guidance } from './sample.js';

/** Slots where none are asked for: fixed, so that a seed means the same bits every time. */
export const DEFAULT_SLOTS = { cpu: 32, cuda: 256 };

export function checkedCount(name: string, given: unknown): number {
  return numberOption(name, given, 1, { min: 1, integer: true });
}

export function checkedFirstIndex(name: string, given: unknown, { count }: { count: number }): number {
  const firstIndex = numberOption(name, given, 0, { min: 0, integer: true });
  if (!Number.isSafeInteger(firstIndex + count)) throw invalidOption(name, firstIndex, 'indices below 2^53');
  return firstIndex;
}

export function checkedSlots(name: string, given: unknown, { device }: { device: readonly string[] }): number | 'auto' {
  if (given === 'auto') return given;
  if (typeof given === 'string') throw invalidOption(name, given, "an integer at least 1, or 'auto'");
  const fallback = device[0] === 'cpu' ? DEFAULT_SLOTS.cpu : DEFAULT_SLOTS.cuda;
  return numberOption(name, given, fallback, { min: 1, max: MOST_SLOTS, integer: true });
}

export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function checkedShape(name: string, shape: unknown, { score }: { score: Score }): number[] {
  if (!Array.isArray(shape) || shape.length === 0) throw wrongShape(name, shape, 'an array of positive integers');
  if (shape.length > MOST_SIZES) throw wrongShape(name, shape, `at most ${MOST_SIZES} sizes`);
  for (const [i, size] of shape.entries()) {
    if (!Number.isSafeInteger(size) || size < 1) throw wrongShape(`${name}[${i}]`, size, 'a positive integer');
  }
  if (elementsOf(shape) > MOST_ELEMENTS) throw wrongShape(name, shape, 'at most 2^40 numbers a sample');
  const wanted = kindOf(score).elements?.(score);
  if (wanted !== undefined && wanted !== elementsOf(shape)) {
    throw wrongShape(name, shape, `${wanted} numbers a sample, as the score's own data have`);
  }
  return [...shape];
}

export function checkedInitial(
  name: string,
  initial: unknown,
  { count, shape }: { count: number; shape: number[] },
): Float32Array | undefined {
  if (initial === undefined) return undefined;
  if (!types.isFloat32Array(initial)) throw invalidOption(name, initial, 'a Float32Array');
  const elements = elementsOf(shape);
  if (initial.length !== count * elements) {
    throw wrongShape(name, initial, `${count * elements} numbers (count ${count} times ${elements})`);
  }
  return initial;
}

export function checkedCondition(
  name: string,
  condition: unknown,
  { count, score }: { count: number; score: Score },
): Condition | undefined {
  if (condition === undefined) return undefined;
  if (!isCondition(condition)) throw invalidOption(name, condition, 'a Float32Array or an Int32Array');
  const { takesCondition, insteadOfCondition: hint } = kindOf(score);
  if (!takesCondition) throw invalidOption(name, condition, 'a torchScore or an onnxScore beside it', { hint });
  const width = condition.length / count;
  if (!Number.isInteger(width) || width === 0) throw wrongShape(name, condition, `count (${count}) rows`);
  return condition;
}

export function checkedGuidance(
  name: string,
  guidance: unknown,
  { count, condition }: { count: number; condition: Condition | undefined },
): Guidance | undefined {
  if (guidance === undefined) return undefined;
  if (condition === undefined) throw invalidOption(name, guidance, 'a condition beside it');
  const { scale, unconditional } = optionsObject<Guidance>(name, guidance as Guidance, ['scale', 'unconditional']);
  if (typeof scale !== 'number' || !Number.isFinite(scale)) {
    throw invalidOption(`${name}.scale`, scale, 'a finite number');
  }
  if (!isCondition(unconditional) || types.isFloat32Array(unconditional) !== types.isFloat32Array(condition)) {
    const kind = types.isFloat32Array(condition) ? 'a Float32Array' : 'an Int32Array';
    throw invalidOption(`${name}.unconditional`, unconditional, `${kind}, like condition`);
  }
  const width = condition.length / count;
  if (unconditional.length !== width) throw wrongShape(`${name}.unconditional`, unconditional, `${width} numbers`);
  return { scale, unconditional };
}

function isCondition(value: unknown): value is Condition {
  return types.isFloat32Array(value) || types.isInt32Array(value);
}

export function checkedNetworkThreads(name: string, given: unknown, { score }: { score: Score }): number {
  const threads = numberOption(name, given, 0, { min: 0, max: MOST_THREADS, integer: true });
  const hint = threads > 0 ? kindOf(score).insteadOfNetworkThreads : undefined;
  if (hint !== undefined) throw invalidOption(name, threads, '0 beside this score', { hint });
  return threads;
}

export function checkedSignal(name: string, signal: unknown): AbortSignal | undefined {
  if (signal === undefined) return undefined;
  // By what it does: those of other realms and of polyfills are signals too.
  const { aborted, addEventListener, removeEventListener } = (signal ?? {}) as AbortSignal;
  const listens = typeof addEventListener === 'function' && typeof removeEventListener === 'function';
  if (typeof aborted === 'boolean' && listens) return signal as AbortSignal;
  throw invalidOption(name, signal, 'an AbortSignal');
}

function wrongShape(option: string, value: unknown, expected: string) {
  const code: SdeErrorCode = 'ERR_SDE_INVALID_SHAPE';
  return invalidOption(option, value, expected, { code });
}
