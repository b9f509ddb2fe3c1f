/** Checking what the user passes: each function returns the checked value or throws an `SdeError`. */
import { cut, invalidOption, messageOf, optionName, SdeError, sdeError } from '../errors.js';

export interface NumberRange {
  /** Smallest value allowed; `above` excludes the bound itself. */
  min?: number;
  above?: number;
  max?: number;
  below?: number;
  integer?: boolean;
  /** The native side holds it in single precision, where it must neither overflow nor vanish. */
  float32?: boolean;
}

/** An object with none but the `known` options; `where` names it in errors ('sample', 'adaptive'). */
export function optionsObject<T extends object>(where: string, given: T | undefined, known: readonly (keyof T)[]): T {
  return readable(`${where} options`, () => {
    if (given === undefined) return {} as T;
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      throw invalidOption(`${where} options`, given, 'an object');
    }
    const unknown = Object.keys(given).find(name => !(known as readonly string[]).includes(name));
    if (unknown !== undefined) throw unknownOption(where, given, unknown, known as readonly string[]);
    // Each is read once, inherited ones too.
    return Object.fromEntries(known.map(name => [name, given[name]])) as T;
  });
}

function unknownOption(where: string, given: object, name: string, known: readonly string[]): SdeError {
  const near = nearest(name, known);
  const hint = near ? `Did you mean ${near}?` : `${where} knows ${known.join(', ')}.`;
  const option = cut(name, LONGEST_NAME);
  const { value } = Object.getOwnPropertyDescriptor(given, name) ?? {};
  const expected = known.join(', ');
  return sdeError('ERR_SDE_UNKNOWN_OPTION', `${where}: unknown option ${option}. ${hint}`, {
    option,
    value,
    expected,
    hint,
  });
}

/** What `read` returns; whatever a getter or a proxy of the caller throws becomes ERR_SDE_INVALID_OPTION. */
export function readable<T>(option: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof SdeError) throw cause;
    const message = `${optionName(option)} cannot be read: ${messageOf(cause)}`;
    const expected = 'a value that can be read';
    throw sdeError('ERR_SDE_INVALID_OPTION', message, { option: optionName(option), expected, cause });
  }
}

/** The fallback is checked too: another option may have moved its bounds. */
export function numberOption(option: string, given: unknown, fallback: number, range: NumberRange = {}): number {
  const value = given === undefined ? fallback : given;
  const fits =
    typeof value === 'number' &&
    Number.isFinite(value) &&
    (!range.integer || Number.isSafeInteger(value)) &&
    (!range.float32 || fitsFloat32(value)) &&
    !(value < (range.min ?? -Infinity)) &&
    !(value <= (range.above ?? -Infinity)) &&
    !(value > (range.max ?? Infinity)) &&
    !(value >= (range.below ?? Infinity));
  if (!fits) {
    const hint = given === undefined ? 'That is its default: give a value of its own.' : undefined;
    throw invalidOption(option, value, rangeText(range), { hint });
  }
  return value;
}

/** Finite in single precision, and zero there only where it is zero. */
function fitsFloat32(value: number): boolean {
  const single = Math.fround(value);
  return Number.isFinite(single) && (single !== 0 || value === 0);
}

export function booleanOption(option: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value !== 'boolean') throw invalidOption(option, value, 'true or false');
  return value;
}

/** One of `choices`; required where there is no fallback. */
export function choiceOption<T extends string>(option: string, value: unknown, choices: readonly T[], fallback?: T): T {
  if (value === undefined && fallback !== undefined) return fallback;
  if (choices.includes(value as T)) return value as T;
  const near = typeof value === 'string' ? nearest(value, choices) : undefined;
  throw invalidOption(option, value, `one of ${choices.map(choice => `'${choice}'`).join(', ')}`, {
    hint: near && `Did you mean '${near}'?`,
  });
}

export function functionOption<T>(option: string, value: T | undefined): T | undefined {
  if (value !== undefined && typeof value !== 'function') throw invalidOption(option, value, 'a function');
  return value;
}

/** Two ascending numbers, finite and apart in single precision too. */
export function rangeOption(option: string, value: unknown, fallback: readonly [number, number]): [number, number] {
  if (value === undefined) return [...fallback];
  const [low, high] = Array.isArray(value) && value.length === 2 ? value : [];
  const finite = [low, high].every(end => Number.isFinite(end) && Number.isFinite(Math.fround(end)));
  // The default tolerance is 1/256 of it.
  if (!finite || !(low < high) || !fitsFloat32((high - low) / 256)) {
    throw invalidOption(option, value, 'two ascending finite float32 numbers [low, high]');
  }
  return [low, high];
}

/** 0 … 2^64 − 1, as an integer number or a bigint. */
export function seedOption(option: string, value: unknown): bigint {
  if (value === undefined) return 0n;
  const isInteger = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value));
  if (!isInteger || value < 0 || BigInt(value) >= 1n << 64n) {
    throw invalidOption(option, value, 'an integer from 0 to 2^64 − 1 (a bigint above 2^53)');
  }
  return BigInt(value);
}

/** Longer ones are cut in messages, and near to none that we know. */
const LONGEST_NAME = 80;

/** The known name nearest to a mistyped one, if it is near at all. */
export function nearest<T extends string>(name: string, known: readonly T[]): T | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const ranked = known
    .map(candidate => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return ranked && ranked.distance <= Math.max(1, Math.floor(name.length / 2)) ? ranked.candidate : undefined;
}

/** Levenshtein's, row by row. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substituted, previous[j] + 1, row[j - 1] + 1));
    }
    previous = row;
  }
  return previous[b.length];
}

function rangeText({ min, above, max, below, integer, float32 }: NumberRange): string {
  const kind = integer ? 'an integer' : float32 ? 'a finite float32 number' : 'a finite number';
  const bounds = [
    min !== undefined && `at least ${min}`,
    above !== undefined && `above ${above}`,
    max !== undefined && `at most ${max}`,
    below !== undefined && `below ${below}`,
  ].filter(Boolean);
  return bounds.length > 0 ? `${kind} ${bounds.join(' and ')}` : kind;
}
