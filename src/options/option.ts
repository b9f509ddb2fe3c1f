/** One row an option: what the API checks, the command line takes, and the help and the README's tables say of it. */
import { booleanOption, choiceOption, type NumberRange, numberOption, optionsObject, readable } from './checks.js';

/** `Earlier`: the options checked before this one, in the order of the table, where the check needs them. */
export interface Option<T = unknown, Earlier = never> {
  /** The checked value, or the default in place of undefined. Throws an `SdeError` that calls the option `name`. */
  readonly check: (name: string, given: unknown, earlier: Earlier) => T;
  /** The default in words, as help and tables show it; 'required' where there is none. */
  readonly default: string;
  /** The default, where it is a plain value. */
  readonly value?: T;
  /** What it does, in a few words. */
  readonly help: string;
  /** How the command line takes it. */
  readonly flag: OptionFlag;
  /** The addon's name for it, where the checked value goes there as it is. */
  readonly native?: string;
  /** The default of a solver's option that follows from the SDE, in place of undefined. */
  readonly ofSde?: (sde: { readonly dataRange: readonly [number, number] }) => T;
}

/** What a flag's argument is read as; src/cli/parse.ts has the readers. */
export type FlagType =
  | 'text'
  | 'number'
  | 'integer'
  | 'seed'
  | 'shape'
  | 'range'
  | 'slots'
  | 'device'
  | 'names'
  | 'switch';

type OptionFlag =
  | {
      /** '--rtol <number>', as the help page shows it. */
      readonly flags: string;
      readonly takes: FlagType;
      readonly choices?: readonly string[];
      /** Where the command line has a default of its own. */
      readonly value?: unknown;
      /** Where the flag says something else than the option: '--no-…'. */
      readonly help?: string;
    }
  /** It follows the name of its solver: euler-maruyama:STEPS. */
  | { readonly positional: string }
  /** The command line has no flag for it; why. */
  | { readonly none: string };

/** A row for every option of `Options`; `Checked` is what the rows give. */
export type OptionTable<Options extends object, Checked> = {
  readonly [Name in keyof Required<Options>]: Option<Name extends keyof Checked ? Checked[Name] : unknown, Checked>;
};

/** A table of whatever options. */
export type AnyOptionTable = Readonly<Record<string, Option>>;

/**
 * Checks options row by row. `prefix` stands before the names in errors ('adaptive.'). Throws ERR_SDE_UNKNOWN_OPTION and
 * what the rows throw.
 */
export function checkedTable<Options extends object, Checked>(
  where: string,
  options: Options | undefined,
  table: OptionTable<Options, Checked>,
  prefix = `${where}.`,
): Checked {
  const names = Object.keys(table) as (keyof Options & string)[];
  const given = optionsObject(where, options, names);
  const checked: Record<string, unknown> = {};
  for (const name of names) {
    const option = prefix + name;
    checked[name] = readable(option, () => table[name].check(option, given[name], checked as Checked));
  }
  return checked as Checked;
}

/** What a row says beside its check and default. */
type Words = Pick<Option, 'help' | 'flag' | 'native'>;

/** A default that follows from other options. */
interface Following<T, Earlier> {
  readonly words: string;
  readonly of: (earlier: Earlier) => T;
}

/** A number; its range may depend on options before it. */
export function number<Earlier = unknown>({
  default: fallback,
  range = {},
  ...words
}: Words & {
  default: number | Following<number, Earlier>;
  range?: NumberRange | ((earlier: Earlier) => NumberRange);
}): Option<number, Earlier> {
  const plain = typeof fallback === 'number';
  return {
    ...words,
    ...(plain && { value: fallback }),
    default: plain ? String(fallback) : fallback.words,
    check: (name, given, earlier) =>
      numberOption(
        name,
        given,
        plain ? fallback : fallback.of(earlier),
        typeof range === 'function' ? range(earlier) : range,
      ),
  };
}

/** One of a list of words; required where there is no default. */
export function choice<T extends string>({
  default: fallback,
  choices,
  ...words
}: Words & { default?: T; choices: readonly T[] }): Option<T, unknown> {
  return {
    ...words,
    ...(fallback !== undefined && { value: fallback }),
    default: fallback === undefined ? 'required' : `'${fallback}'`,
    check: (name, given) => choiceOption(name, given, choices, fallback),
  };
}

export function boolean({ default: fallback, ...words }: Words & { default: boolean }): Option<boolean, unknown> {
  return {
    ...words,
    value: fallback,
    default: String(fallback),
    check: (name, given) => booleanOption(name, given, fallback),
  };
}
