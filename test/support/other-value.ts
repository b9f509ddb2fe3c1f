/** Values for tests that go through every option of a table. */
import type { Option } from '../../src/options/option.js';

/** One of a list of words in an error's "one of 'a', 'b'". */
const CHOICES = /'([^']+)'/g;

/** What has to be set beside an option for it to change the samples. */
export const BESIDE: Readonly<Record<string, object>> = { variant: { order: 3 } };

/** Values by name, where those made from the default change no sample. */
const OTHERS: Readonly<Record<string, unknown>> = { churnMin: 1, churnMax: 5 };

/** A value that is right and not the default, made from the default's kind; undefined where none can be made so. */
export function otherValue({ value, flag, check }: Option, name = ''): unknown {
  if (name in OTHERS) return OTHERS[name];
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'bigint') return Number(value) + 1;
  if (Array.isArray(value)) return [value[0] * 2, value[1] * 2];
  if (typeof value === 'number') {
    const isWhole = 'positional' in flag || ('takes' in flag && flag.takes === 'integer');
    if (!isWhole) return value === 0 ? 0.5 : 0.8 * value;
    return !isRight(check, value + 1) && isRight(check, value - 1) ? value - 1 : value + 1;
  }
  if (typeof value !== 'string') return undefined;
  const words = 'choices' in flag && flag.choices ? flag.choices : wordsOf(check);
  return words.find(word => word !== value);
}

function isRight(check: Option['check'], value: unknown): boolean {
  try {
    (check as (name: string, given: unknown, earlier: object) => unknown)('', value, { grid: '' });
    return true;
  } catch {
    return false;
  }
}

function wordsOf(check: Option['check']): string[] {
  try {
    (check as (name: string, given: unknown) => unknown)('', 'none of them');
  } catch (error) {
    const { expected = '' } = error as { expected?: string };
    return [...expected.matchAll(CHOICES)].map(([, word]) => word);
  }
  return [];
}
