/** An own SDE with linear drift, from plain functions of t. */
import { types } from 'node:util';
import { invalidOption, messageOf, shown } from '../errors.js';
import { functionOption, numberOption } from '../options/checks.js';
import { checkedTable, number, type Option, type OptionTable } from '../options/option.js';
import { derivative, integral, NODES } from './chebyshev.js';
import {
  type DataOf,
  dataRangeRow,
  frozenProcess,
  type ProcessData,
  type ProcessOptions,
  type ScheduleFunctions,
  type SdeMaker,
} from './facts.js';
import {
  buildTable,
  type Cell,
  type CellSource,
  magnitudes,
  type ScheduleTable,
  scheduleError,
  tableFunctions,
} from './table.js';

type OfTime = (t: number) => number;

/** alpha and sigma, or drift and diffusion, or all four. They are called a few thousand times, at construction only, and have 0.4 s for that. */
export interface AffineOptions extends ProcessOptions {
  /** Mean coefficient, > 0 on [tEnd, T]. */
  alpha?: OfTime;
  /** Standard deviation of the noise, > 0 on [tEnd, T]. */
  sigma?: OfTime;
  /** f(t) of the drift f(t)·x, on [0, T]. */
  drift?: OfTime;
  /** g(t) ≥ 0, on [0, T]. */
  diffusion?: OfTime;
  /** Data is at t = 0, the prior at T > 0. Default 1. */
  T?: number;
  /** Standard deviation of the prior, > 0. Default sigma(T). */
  priorStd?: number;
  /** With drift and diffusion alone: standard deviation of the noise that is there at t = 0 already (VE's sigmaMin). Default 0. */
  sigma0?: number;
}

export interface AffineSde extends ProcessData, ScheduleFunctions, ScheduleTable {
  readonly kind: 'affine';
}

/** Agreement asked of functions given twice. */
const AGREEMENT = 1e-5;

/** Options found right; the prior's deviation is still to come where it was left out. */
interface CheckedAffine
  extends Omit<ProcessData, 'priorStd'>,
    Pick<AffineOptions, FunctionName | 'sigma0' | 'priorStd'> {}

type FunctionName = 'alpha' | 'sigma' | 'drift' | 'diffusion';

const OF_TIME = 'a function of t, which no command line can give';

const PRIOR_STD = { above: 0, float32: true };

function functionRow(help: string): Option<OfTime | undefined, unknown> {
  return {
    check: (name, given) => functionOption(name, given as OfTime | undefined),
    default: 'none',
    help,
    flag: { none: OF_TIME },
  };
}

const AFFINE_OPTIONS: OptionTable<AffineOptions, CheckedAffine> = {
  alpha: functionRow('mean coefficient, a function of t'),
  sigma: functionRow('standard deviation of the noise, a function of t'),
  drift: functionRow('f(t) of the drift f(t)·x'),
  diffusion: functionRow('g(t)'),
  T: number({ default: 1, range: { above: 0 }, help: 'where the prior is', flag: { none: OF_TIME } }),
  tEnd: number({
    default: { words: '1e-3·T', of: ({ T }: CheckedAffine) => 1e-3 * T },
    range: ({ T }: CheckedAffine) => ({ above: 0, below: T }),
    help: 'where integration stops',
    flag: { none: OF_TIME },
  }),
  dataRange: { ...dataRangeRow([-1, 1]), flag: { none: OF_TIME } },
  priorStd: {
    check: (name, given) => (given === undefined ? undefined : numberOption(name, given, 1, PRIOR_STD)),
    default: 'sigma(T)',
    help: 'standard deviation of the prior',
    flag: { none: OF_TIME },
  },
  sigma0: {
    check: (name, given) => (given === undefined ? undefined : numberOption(name, given, 0, { min: 0 })),
    default: '0',
    help: 'standard deviation of the noise that is there at t = 0 already',
    flag: { none: OF_TIME },
  },
};

function affineFromFunctions(options?: AffineOptions): AffineSde {
  const given = checkedTable<AffineOptions, CheckedAffine>('affine', options, AFFINE_OPTIONS);
  const { T, tEnd, dataRange } = given;
  const solution = pair(given, 'alpha', 'sigma');
  const coefficients = pair(given, 'drift', 'diffusion');
  if (!solution && !coefficients) {
    throw invalidOption('affine', options, 'alpha and sigma, or drift and diffusion, as functions of t');
  }
  if (solution && given.sigma0 !== undefined) {
    throw invalidOption('affine.sigma0', given.sigma0, 'nothing beside alpha and sigma, which say it themselves');
  }
  const source = solution
    ? fromSolution(solution, coefficients, T - tEnd)
    : fromCoefficients(coefficients!, tEnd, given.sigma0 ?? 0);
  const table = buildTable(source, tEnd, T);
  const functions = tableFunctions(table);
  const priorStd = given.priorStd ?? numberOption('affine.priorStd', undefined, functions.sigma(T), PRIOR_STD);
  return frozenProcess({ kind: 'affine' as const, T, tEnd, priorStd, dataRange, ...table }, functions);
}

/** The SDE again from its data, as it comes from another thread. Throws ERR_SDE_INVALID_OPTION. */
function affineFromTable(sde: DataOf<AffineSde>): AffineSde {
  const { edges, cubics, T, tEnd, priorStd, dataRange } = sde;
  const cells = types.isFloat64Array(edges) ? edges.length - 1 : 0;
  const usable =
    cells > 0 &&
    types.isFloat64Array(cubics) &&
    cubics.length === 16 * cells &&
    cubics.every(Number.isFinite) &&
    edges.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > edges[i - 1])) &&
    edges[0] === tEnd &&
    edges[cells] === T;
  if (!usable) throw invalidOption('sde', sde, 'an SDE made by affine()');
  const data = {
    kind: 'affine',
    T,
    tEnd: numberOption('sde.tEnd', tEnd, tEnd, { above: 0, below: T }),
    priorStd: numberOption('sde.priorStd', priorStd, 1, PRIOR_STD),
    dataRange: AFFINE_OPTIONS.dataRange.check('sde.dataRange', dataRange, sde),
    edges,
    cubics,
  } as const;
  return frozenProcess(data, tableFunctions(data));
}

/**
 * dx = f(t)·x dt + g(t) dW from its solution (alpha, sigma), or from its coefficients (drift, diffusion). What is not
 * given follows: f = alpha′/alpha and g² = (sigma²)′ − 2f·sigma², or alpha = exp ∫f and
 * sigma² = alpha²·(sigma0² + ∫(g/alpha)²). Compiled to a table accurate to 1e-6 relative on [tEnd, T].
 *
 * Throws ERR_SDE_SCHEDULE where a function is not finite, negative, not smooth, or where the two pairs disagree by more
 * than 1e-5; ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export const affine: SdeMaker<AffineOptions, AffineSde> = Object.assign(affineFromFunctions, {
  definition: {
    kind: 'affine',
    options: AFFINE_OPTIONS,
    again: affineFromTable,
    schedule: ({ edges, cubics }: AffineSde) => ({ kind: 'table', edges, cubics }) as const,
  } as const,
});

type Pair = { first: (t: number) => number; second: (t: number) => number };

/** Two functions that only make sense together, with their values checked at every call. */
function pair(given: AffineOptions, first: 'alpha' | 'drift', second: 'sigma' | 'diffusion'): Pair | undefined {
  const [one, other] = [
    functionOption(`affine.${first}`, given[first]),
    functionOption(`affine.${second}`, given[second]),
  ];
  if (!one && !other) return undefined;
  if (!one || !other)
    throw invalidOption(`affine.${one ? second : first}`, undefined, `a function of t beside ${one ? first : second}`);
  return {
    first: checked(first, one, value => first === 'drift' || value > 0),
    second: checked(second, other, value => value > 0 || (second === 'diffusion' && value === 0)),
  };
}

/** Milliseconds inside a function: the event loop stands still meanwhile, and most functions need less than one. */
const LONGEST = 400;

function checked(name: string, fn: OfTime, inRange: (value: number) => boolean): OfTime {
  let [calls, spent] = [0, 0];
  return t => {
    let value: number;
    const start = performance.now();
    try {
      value = fn(t);
    } catch (error) {
      throw scheduleError(`affine.${name}`, t, `threw: ${messageOf(error)}`, undefined, error);
    }
    calls++;
    spent += performance.now() - start;
    if (spent > LONGEST) {
      const problem = `is too slow: ${calls} calls took ${Math.round(spent)} ms, and more are needed`;
      throw scheduleError(`affine.${name}`, t, problem, 'Compute what is slow beforehand.');
    }
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw scheduleError(`affine.${name}`, t, `is no finite number, but ${shown(value)}`);
    if (!inRange(value)) throw scheduleError(`affine.${name}`, t, `is negative or zero (${value})`);
    return value;
  };
}

const timesOf = (from: number, to: number) => NODES.map(u => from + u * (to - from));

function fromSolution({ first: alphaOf, second: sigmaOf }: Pair, given: Pair | undefined, span: number): CellSource {
  const derived = (from: number, to: number): Cell => {
    const times = timesOf(from, to);
    const width = to - from;
    const alpha = times.map(alphaOf);
    const sigma = times.map(sigmaOf);
    const f = derivative(alpha.map(Math.log)).map(slope => slope / width);
    const growth = derivative(sigma.map(value => value * value)).map(slope => slope / width);
    const g = growth.map((slope, i) => {
      const lost = 2 * f[i] * sigma[i] ** 2;
      const squared = slope - lost;
      // Rounding may take a g of zero a little below it.
      if (squared >= 0) return Math.sqrt(squared);
      if (squared > -1e-9 * (Math.abs(slope) + Math.abs(lost) + sigma[i] ** 2 / span)) return 0;
      return Number.NaN;
    });
    return { alpha, sigma, f, g };
  };
  const blames = given
    ? { alpha: 'affine.alpha', sigma: 'affine.sigma', f: 'affine.drift', g: 'affine.diffusion' }
    : { alpha: 'affine.alpha', sigma: 'affine.sigma', f: 'affine.alpha', g: 'affine.sigma' };
  return {
    blames,
    values(from, to) {
      const cell = derived(from, to);
      if (!given) return cell;
      const times = timesOf(from, to);
      return { ...cell, f: times.map(given.first), g: times.map(given.second) };
    },
    accepted(cell, from, to) {
      if (!given) return;
      const own = derived(from, to);
      for (const [node, u] of NODES.entries()) {
        const unit = magnitudes(cell, node, span);
        for (const [name, option] of [
          ['f', 'drift'],
          ['g', 'diffusion'],
        ] as const) {
          if (Math.abs(own[name][node] - cell[name][node]) <= AGREEMENT * unit[name]) continue;
          const problem = `is ${cell[name][node]}, but alpha and sigma imply ${own[name][node]}`;
          throw scheduleError(
            `affine.${option}`,
            from + u * (to - from),
            problem,
            'Correct one pair, or give only one.',
          );
        }
      }
    },
  };
}

/** Pieces that the integrals from 0 to tEnd are tried in; a root or a pole at 0 takes some 80. */
const MOST_PIECES = 1024;

function fromCoefficients({ first: fOf, second: gOf }: Pair, tEnd: number, sigma0: number): CellSource {
  /** Growth of ln alpha and of sigma²/alpha² (in units of the alpha at `from`) up to each node. */
  const growth = (from: number, to: number) => {
    const times = timesOf(from, to);
    const width = to - from;
    const f = times.map(fOf);
    const g = times.map(gOf);
    const logAlpha = integral(f).map(value => value * width);
    const variance = integral(g.map((value, i) => (value * Math.exp(-logAlpha[i])) ** 2)).map(value => value * width);
    return { f, g, logAlpha, variance };
  };
  const last = NODES.length - 1;
  let alpha = 1;
  let variance = sigma0 ** 2;
  const step = (logAlpha: number, added: number) => {
    variance = (variance + Math.max(0, added)) * Math.exp(2 * logAlpha);
    alpha *= Math.exp(logAlpha);
  };
  // From t = 0 to tEnd no table is needed, only the integrals.
  const whole = growth(0, tEnd);
  const allowed = { logAlpha: 1e-9, variance: 1e-9 * whole.variance[last] };
  let pieces = 0;
  let odd = 'drift';
  const advance = (from: number, to: number): void => {
    if (++pieces > MOST_PIECES) {
      const problem = `is not smooth enough to be integrated from t = 0 (${MOST_PIECES} pieces)`;
      throw scheduleError(`affine.${odd}`, from, problem, 'Smooth the function, or give alpha and sigma.');
    }
    const [all, middle] = [growth(from, to), from + (to - from) / 2];
    const [left, right] = [growth(from, middle), growth(middle, to)];
    const logAlpha = left.logAlpha[last] + right.logAlpha[last];
    const added = left.variance[last] + right.variance[last] * Math.exp(-2 * left.logAlpha[last]);
    const driftSettled = Math.abs(all.logAlpha[last] - logAlpha) <= allowed.logAlpha;
    if (driftSettled && Math.abs(all.variance[last] - added) <= allowed.variance) {
      step(logAlpha, added);
      return;
    }
    odd = driftSettled ? 'diffusion' : 'drift';
    if (to - from < 2 ** -40 * tEnd) {
      throw scheduleError(`affine.${odd}`, from, 'cannot be integrated from t = 0', 'Give alpha and sigma instead.');
    }
    advance(from, middle);
    advance(middle, to);
  };
  advance(0, tEnd);
  if (!(variance > 0))
    throw scheduleError('affine.diffusion', tEnd, 'has added no noise yet, and sigma may not be zero', 'Raise tEnd.');

  return {
    blames: { alpha: 'affine.drift', sigma: 'affine.diffusion', f: 'affine.drift', g: 'affine.diffusion' },
    values(from, to) {
      const { f, g, logAlpha, variance: added } = growth(from, to);
      return {
        alpha: logAlpha.map(value => alpha * Math.exp(value)),
        sigma: logAlpha.map((value, i) => Math.sqrt(Math.max(0, variance + added[i])) * Math.exp(value)),
        f,
        g,
      };
    },
    accepted(cell) {
      alpha = cell.alpha[last];
      variance = cell.sigma[last] ** 2;
    },
  };
}
