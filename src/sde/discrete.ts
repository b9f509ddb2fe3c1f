/** Variance preserving, from a table of noise levels such as DDPM's and diffusers' schedulers have. */
import { invalidOption } from '../errors.js';
import { numberOption } from '../options/checks.js';
import { MOST_POSITIONS } from '../options/limits.js';
import { checkedTable, type Option, type OptionTable } from '../options/option.js';
import { NODES } from './chebyshev.js';
import {
  type DataOf,
  dataRangeRow,
  endRow,
  frozenProcess,
  type ProcessData,
  type ProcessOptions,
  type ScheduleFunctions,
  type SdeMaker,
} from './facts.js';
import { hermite, pchipSlopes } from './pchip.js';
import { buildTable, type CellSource, type ScheduleTable, tableFunctions } from './table.js';

/** One of the two tables, of N ≥ 2 numbers. */
export interface DiscreteOptions extends ProcessOptions {
  /** ᾱ_n = alpha² at position n, between 0 and 1 and falling. A scheduler of diffusers calls it `alphas_cumprod`. */
  alphasCumprod?: ArrayLike<number>;
  /** β_n between 0 and 1, with ᾱ_n = (1 − β_0)·…·(1 − β_n). */
  betas?: ArrayLike<number>;
  /**
   * Time of the last position, > 0. Default (N − 1)/999: position n is at t = n/999, so that timeInput 'label', which is
   * 999·t, is n. Other values stretch the table, for networks whose labels end at 999·T.
   */
  T?: number;
}

export interface DiscreteSde extends ProcessData, ScheduleFunctions, ScheduleTable {
  readonly kind: 'discrete';
  /** [N] */
  readonly alphasCumprod: Float64Array;
}

interface CheckedDiscrete extends Omit<ProcessData, 'priorStd'> {
  alphasCumprod: Float64Array | undefined;
  betas: Float64Array | undefined;
}

/** Time of one position: the unit in which timeInput 'label' counts. */
const LABELS = 999;

const IN_A_FILE = 'stands in the file of --schedule';

function tableRow(help: string): Option<Float64Array | undefined, unknown> {
  return { check: checkedNumbers, default: 'none', help, flag: { none: IN_A_FILE } };
}

const DISCRETE_OPTIONS: OptionTable<DiscreteOptions, CheckedDiscrete> = {
  alphasCumprod: tableRow('alpha² at each position'),
  betas: tableRow('in place of alphasCumprod'),
  T: {
    check(name, given, { alphasCumprod, betas }: CheckedDiscrete) {
      const positions = (alphasCumprod ?? betas)?.length ?? 2;
      return numberOption(name, given, (positions - 1) / LABELS, { above: 0 });
    },
    default: '(N − 1)/999',
    help: 'time of the last position',
    flag: { flags: '--t-start <number>', takes: 'number' },
  },
  tEnd: endRow(1e-5, '1e-5·T'),
  dataRange: dataRangeRow([-1, 1]),
};

/** A copy, of numbers above 0 and below 1. */
function checkedNumbers(name: string, given: unknown): Float64Array | undefined {
  if (given === undefined) return undefined;
  const { length } = (given ?? {}) as { length?: unknown };
  const isList = Array.isArray(given) || ArrayBuffer.isView(given);
  if (!isList || typeof length !== 'number' || length < 2 || length > MOST_POSITIONS) {
    throw invalidOption(name, given, `an array of 2 … ${MOST_POSITIONS} numbers`);
  }
  return Float64Array.from({ length }, (_, n) => {
    const value = (given as ArrayLike<unknown>)[n];
    if (typeof value === 'number' && value > 0 && value < 1) return value;
    const hint = value === 0 ? 'No time has alpha = 0: leave that position out, or give a small number.' : undefined;
    throw invalidOption(`${name}[${n}]`, value, 'a number between 0 and 1, both excluded', { hint });
  });
}

function alphasOf({ alphasCumprod, betas }: CheckedDiscrete, options: unknown): Float64Array {
  if ((alphasCumprod === undefined) === (betas === undefined)) {
    throw invalidOption('discrete', options, 'either alphasCumprod or betas');
  }
  let product = 1;
  const alphas = alphasCumprod ?? betas!.map(one => (product *= 1 - one));
  const rise = alphas.findIndex((one, n) => !(n === 0 || one < alphas[n - 1]));
  if (rise > 0) {
    throw invalidOption(`discrete.alphasCumprod[${rise}]`, alphas[rise], `less than ${alphas[rise - 1]} before it`);
  }
  if (!(alphas[0] < 1) || !(alphas[alphas.length - 1] > 0)) {
    throw invalidOption('discrete.betas', betas, 'betas whose product of 1 − β stays between 0 and 1');
  }
  return alphas;
}

function fromTable(options?: DiscreteOptions): DiscreteSde {
  const checked = checkedTable<DiscreteOptions, CheckedDiscrete>('discrete', options, DISCRETE_OPTIONS);
  const { T, tEnd, dataRange } = checked;
  const alphasCumprod = alphasOf(checked, options);
  const positions = alphasCumprod.length - 1;
  const inner = Array.from({ length: positions }, (_, n) => (T * n) / positions).filter(t => t > tEnd);
  const table = buildTable(interpolated(alphasCumprod, T), tEnd, T, [tEnd, ...inner, T]);
  const data = { kind: 'discrete' as const, T, tEnd, priorStd: 1, dataRange, alphasCumprod, ...table };
  const sde = frozenProcess(data, tableFunctions(table));
  made.add(sde);
  return sde;
}

/** A table takes tens of milliseconds to make: those made in this thread serve as they are. */
const made = new WeakSet<DataOf<DiscreteSde>>();

function again(sde: DataOf<DiscreteSde>): DiscreteSde {
  if (made.has(sde)) return sde as DiscreteSde;
  const { alphasCumprod, T, tEnd, dataRange } = sde;
  return fromTable({ alphasCumprod, T, tEnd, dataRange });
}

/** ln ᾱ by monotone cubics: alpha = √ᾱ, sigma = √(1 − ᾱ), f = (ln ᾱ)′/2, g = √−(ln ᾱ)′. */
function interpolated(alphasCumprod: Float64Array, T: number): CellSource {
  const logs = alphasCumprod.map(Math.log);
  const slopes = pchipSlopes(logs);
  const positions = logs.length - 1;
  const source = 'discrete.alphasCumprod';
  return {
    blames: { alpha: source, sigma: source, f: source, g: source },
    values(from, to) {
      // Both ends lie in one cell of the interpolation, whichever way the knots were rounded.
      const cell = Math.min(Math.floor(((from + to) / 2 / T) * positions), positions - 1);
      const at = NODES.map(node => {
        const position = ((from + node * (to - from)) / T) * positions;
        return hermite(position - cell, logs[cell], logs[cell + 1], slopes[cell], slopes[cell + 1]);
      });
      const fall = at.map(({ slope }) => (-slope * positions) / T);
      return {
        alpha: at.map(({ value }) => Math.exp(value / 2)),
        sigma: at.map(({ value }) => Math.sqrt(-Math.expm1(value))),
        f: fall.map(one => -one / 2),
        g: fall.map(one => Math.sqrt(Math.max(0, one))),
      };
    },
    accepted() {},
  };
}

/**
 * The variance-preserving process that has alpha² = ᾱ_n at the N positions of a table, the first at t = 0, the last at
 * T, evenly spaced; between them ln ᾱ is interpolated by monotone cubics. f = (ln ᾱ)′/2, g² = −(ln ᾱ)′,
 * sigma² = 1 − alpha², prior N(0, I). A network that was trained on positions takes timeInput 'label'.
 *
 * Throws ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const discrete: SdeMaker<DiscreteOptions, DiscreteSde> = Object.assign(fromTable, {
  definition: {
    kind: 'discrete',
    options: DISCRETE_OPTIONS,
    again,
    schedule: ({ edges, cubics }: DiscreteSde) => ({ kind: 'table', edges, cubics }) as const,
  } as const,
});
