/** An own SDE with linear drift, from plain functions of t. */
import { invalidOption } from '../errors.js';
import { functionOption, numberOption, optionsObject } from '../options/checks.js';
import { derivative, integral, NODES } from './chebyshev.js';
import {
  dataRangeOption,
  endOption,
  frozenProcess,
  type ProcessData,
  type ProcessOptions,
  type ScheduleFunctions,
} from './process.js';
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

/** alpha and sigma, or drift and diffusion, or all four. They are called a few thousand times, at construction only. */
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

/**
 * dx = f(t)·x dt + g(t) dW from its solution (alpha, sigma), or from its coefficients (drift, diffusion). What is not
 * given follows: f = alpha′/alpha and g² = (sigma²)′ − 2f·sigma², or alpha = exp ∫f and
 * sigma² = alpha²·(sigma0² + ∫(g/alpha)²). Compiled to a table accurate to 1e-6 relative on [tEnd, T].
 *
 * Throws ERR_SDE_SCHEDULE where a function is not finite, negative, not smooth, or where the two pairs disagree by more
 * than 1e-5; ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export function affine(options: AffineOptions): AffineSde {
  const known = ['alpha', 'sigma', 'drift', 'diffusion', 'T', 'tEnd', 'dataRange', 'priorStd', 'sigma0'] as const;
  const given = optionsObject('affine', options, known);
  const T = numberOption('affine.T', given.T, 1, { above: 0 });
  const tEnd = endOption('affine', given.tEnd, T, 1e-3 * T);
  const solution = pair(given, 'alpha', 'sigma');
  const coefficients = pair(given, 'drift', 'diffusion');
  if (!solution && !coefficients) {
    throw invalidOption('affine', options, 'alpha and sigma, or drift and diffusion, as functions of t');
  }
  if (solution && given.sigma0 !== undefined) {
    throw invalidOption('affine.sigma0', given.sigma0, 'nothing beside alpha and sigma, which say it themselves');
  }
  const sigma0 = numberOption('affine.sigma0', given.sigma0, 0, { min: 0 });
  const source = solution
    ? fromSolution(solution, coefficients, T - tEnd)
    : fromCoefficients(coefficients!, tEnd, sigma0);
  const table = buildTable(source, tEnd, T);
  const functions = tableFunctions(table);
  const data = {
    kind: 'affine',
    T,
    tEnd,
    priorStd: numberOption('affine.priorStd', given.priorStd, functions.sigma(T), { above: 0, float32: true }),
    dataRange: dataRangeOption('affine', given.dataRange, [-1, 1]),
    ...table,
  } as const;
  return frozenProcess(data, functions);
}

/** The SDE again from its data, as it comes from another thread. Throws ERR_SDE_INVALID_OPTION. */
export function affineFromTable(sde: Omit<AffineSde, keyof ScheduleFunctions>): AffineSde {
  const { edges, cubics, T, tEnd, priorStd, dataRange } = sde;
  const cells = edges instanceof Float64Array ? edges.length - 1 : 0;
  const usable =
    cells > 0 &&
    cubics instanceof Float64Array &&
    cubics.length === 16 * cells &&
    cubics.every(Number.isFinite) &&
    edges.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > edges[i - 1])) &&
    edges[0] === tEnd &&
    edges[cells] === T;
  if (!usable) throw invalidOption('sde', sde, 'an SDE made by affine()');
  const data = {
    kind: 'affine',
    T,
    tEnd: endOption('sde', tEnd, T, tEnd),
    priorStd: numberOption('sde.priorStd', priorStd, 1, { above: 0, float32: true }),
    dataRange: dataRangeOption('sde', dataRange, [-1, 1]),
    edges,
    cubics,
  } as const;
  return frozenProcess(data, tableFunctions(data));
}

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

function checked(name: string, fn: OfTime, inRange: (value: number) => boolean): OfTime {
  return t => {
    let value: number;
    try {
      value = fn(t);
    } catch (error) {
      throw scheduleError(name, t, `threw ${error}`, undefined, error);
    }
    if (typeof value !== 'number' || !Number.isFinite(value)) throw scheduleError(name, t, `is not finite (${value})`);
    if (!inRange(value)) throw scheduleError(name, t, `is negative or zero (${value})`);
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
    ? { alpha: 'alpha', sigma: 'sigma', f: 'drift', g: 'diffusion' }
    : { alpha: 'alpha', sigma: 'sigma', f: 'alpha', g: 'sigma' };
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
          throw scheduleError(option, from + u * (to - from), problem, 'Correct one pair, or give only one.');
        }
      }
    },
  };
}

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
  const advance = (from: number, to: number): void => {
    const [all, middle] = [growth(from, to), from + (to - from) / 2];
    const [left, right] = [growth(from, middle), growth(middle, to)];
    const logAlpha = left.logAlpha[last] + right.logAlpha[last];
    const added = left.variance[last] + right.variance[last] * Math.exp(-2 * left.logAlpha[last]);
    const settled =
      Math.abs(all.logAlpha[last] - logAlpha) <= allowed.logAlpha &&
      Math.abs(all.variance[last] - added) <= allowed.variance;
    if (settled) {
      step(logAlpha, added);
      return;
    }
    if (to - from < 2 ** -40 * tEnd) {
      throw scheduleError('drift', from, 'cannot be integrated from t = 0', 'Give alpha and sigma instead.');
    }
    advance(from, middle);
    advance(middle, to);
  };
  advance(0, tEnd);
  if (!(variance > 0))
    throw scheduleError('diffusion', tEnd, 'has added no noise yet, and sigma may not be zero', 'Raise tEnd.');

  return {
    blames: { alpha: 'drift', sigma: 'diffusion', f: 'drift', g: 'diffusion' },
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
