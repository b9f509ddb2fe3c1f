/** Flags made from tables of options: what commander is told, and what the options are that a command line gives. */
import { type Command, Option } from 'commander';
import type { AnyOptionTable, Option as OptionRow } from '../options/option.js';
import { READERS } from './parse.js';
import { UsageError } from './usage-error.js';

/** One of several things that the user picks by name, `--solver adaptive`, and its own options. */
export interface Choosable {
  readonly definition: { readonly command?: string; readonly options: AnyOptionTable };
}

type Values = Readonly<Record<string, unknown>>;

/** Adds the flags of a table, with their defaults. */
export function addTableFlags(command: Command, table: AnyOptionTable, adjust = (option: Option) => option): void {
  for (const row of Object.values(table)) {
    if (!('flags' in row.flag)) continue;
    const value = row.flag.value ?? row.value;
    const words = defaultWords(row);
    const plain = value !== undefined && words !== undefined;
    const option = flagOf(row.flag, plain ? row.help : withDefault(row.help, words));
    if (plain) option.default(typeof value === 'bigint' ? Number(value) : value, words);
    command.addOption(adjust(option));
  }
}

/** Adds the flags of all `choices`, each once, with the names of those that have it; no default is set. */
export function addChoiceFlags(command: Command, choices: readonly Choosable[]): void {
  const named = choices.filter(({ definition }) => definition.command !== undefined);
  const owners = new Map<string, { name: string; row: OptionRow }[]>();
  for (const { definition } of named) {
    for (const row of Object.values(definition.options)) {
      if (!('flags' in row.flag)) continue;
      const owner = { name: definition.command!, row };
      owners.set(row.flag.flags, [...(owners.get(row.flag.flags) ?? []), owner]);
    }
  }
  for (const own of owners.values()) {
    const [{ row }] = own;
    const whose = own.length === named.length ? '' : `${own.map(({ name }) => name).join(', ')}: `;
    if ('flags' in row.flag) command.addOption(flagOf(row.flag, withDefault(whose + row.help, commonDefault(own))));
  }
}

/** The options of one table that were given. */
export function tableOptions(table: AnyOptionTable, flags: Values): Record<string, unknown> {
  const given = Object.entries(table)
    .map(([name, row]) => [name, 'flags' in row.flag ? flags[attributeOf(row.flag.flags)] : undefined] as const)
    .filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}

/** Refuses flags that belong to the others of `choices` alone, rather than ignore them. `flag`: '--solver'. */
export function refuseForeign(flag: string, chosen: Choosable, choices: readonly Choosable[], values: Values): void {
  const flagsOf = ({ definition }: Choosable) =>
    Object.values(definition.options).flatMap(row => ('flags' in row.flag ? [row.flag.flags] : []));
  const own = flagsOf(chosen);
  const foreign = [...new Set(choices.flatMap(flagsOf))].filter(flags => {
    return !own.includes(flags) && values[attributeOf(flags)] !== undefined;
  });
  if (foreign.length === 0) return;
  const owners = choices.filter(choice => foreign.some(flags => flagsOf(choice).includes(flags)));
  const names = owners.flatMap(({ definition }) => definition.command ?? []).join(' and ');
  const given = foreign.map(flags => flags.split(' ')[0]).join(', ');
  throw new UsageError(`${given} belong to ${flag} ${names}, not to ${chosen.definition.command}`);
}

function flagOf(flag: Extract<OptionRow['flag'], { flags: string }>, help: string): Option {
  const option = new Option(flag.flags, flag.help ?? help);
  const reader = READERS[flag.takes];
  if (flag.choices !== undefined) option.choices(flag.choices);
  else if (reader !== undefined) option.argParser(reader);
  return option;
}

/** Defaults are always given in words, so that commander never prints a value as it is made up. */
function withDefault(help: string, words: string | undefined): string {
  return words === undefined ? help : `${help} (default: ${words})`;
}

function defaultWords({ default: words, flag, value }: OptionRow): string | undefined {
  if ('flags' in flag && flag.value !== undefined) return String(flag.value);
  if (words === 'required' || words === 'none' || value === false || value === true) return undefined;
  const isRange = 'takes' in flag && flag.takes === 'range';
  return isRange ? words.replaceAll(/[[\] ]/g, '') : words.replaceAll("'", '');
}

/** '0.001, ve 0.00001': the first one's default, and whose is another. */
function commonDefault(owners: readonly { name: string; row: OptionRow }[]): string | undefined {
  const [first, ...others] = owners.map(({ name, row }) => ({ name, words: defaultWords(row) }));
  const usual = others.find(other => others.some(one => one !== other && one.words === other.words)) ?? first;
  const apart = [first, ...others].filter(({ words }) => words !== usual.words);
  return [usual.words, ...apart.map(({ name, words }) => `${name} ${words}`)].join('; ');
}

/** The name under which commander keeps a flag. */
export function attributeOf(flags: string): string {
  return new Option(flags).attributeName();
}
