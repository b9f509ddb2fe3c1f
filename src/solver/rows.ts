/** Rows of options that several planned samplers have. */
import { choice, number } from '../options/option.js';

/** Whose coefficients are taken where the published ones have not the order they are said to have. */
const VARIANTS = ['corrected', 'published'] as const;
export type Variant = (typeof VARIANTS)[number];

export const orderRow = (fallback: number) =>
  number({
    default: fallback,
    range: { min: 1, max: 3, integer: true },
    help: 'data predictions that a step is made of',
    flag: { flags: '--order <number>', takes: 'integer' },
  });

export const variantRow = choice({
  default: 'corrected',
  choices: VARIANTS,
  help: 'whose coefficients of order 3',
  flag: { flags: '--variant <name>', takes: 'text', choices: VARIANTS },
});

export const tau2Row = number({
  default: 1,
  range: { min: 0, max: 100 },
  help: 'factor on the variance of the noise: 0 none, 1 the reverse SDE',
  flag: { flags: '--tau2 <number>', takes: 'number' },
});
