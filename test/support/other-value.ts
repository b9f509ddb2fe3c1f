/** Values for tests that go through every option of a table. */
import type { Option } from '../../src/options/option.js';

/** One of a list of words in an error's "one of 'a', 'b'". */
const CHOICES = /'([^']+)'/g;

/** A value that is right and not the default, made from the default's kind; undefined where none can be made so. */
export function otherValue({ value, flag, check }: Option): unknown {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'bigint') return Number(value) + 1;
  if (Array.isArray(value)) return [value[0] * 2, value[1] * 2];
  if (typeof value === 'number') {
    const isWhole = 'positional' in flag || ('takes' in flag && flag.takes === 'integer');
    return isWhole ? value + 1 : 0.8 * value;
  }
  if (typeof value !== 'string') return undefined;
  const words = 'choices' in flag && flag.choices ? flag.choices : wordsOf(check);
  return words.find(word => word !== value);
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
