/** Statistics of paths that are not kept: what may be asked for, and what comes back. */
import { lowerFunction } from '../equations/sde.js';
import { cut, invalidOption } from '../errors.js';
import type { NativeReductions } from '../native-paths.js';
import { booleanOption, numberOption, optionsObject, readable } from './checks.js';
import type { CheckedSolve } from './solve.js';

export interface HistogramOption {
  /** A name of `of`. */
  of: string;
  low: number;
  high: number;
  /** Equal ones, 1 … 2^20. */
  bins: number;
}

export interface Reductions {
  /** Functions of the states, t and parameters, by a name of your own. Default: each state, by its name. */
  of?: Readonly<Record<string, string>>;
  /** Whether to give all covariances; variances there are always. Default false. */
  covariance?: boolean;
  /** Shares in [0, 1], such as [0.05, 0.5, 0.95]: quantiles to a relative error of 0.1 %. Default none. */
  quantiles?: readonly number[];
  histograms?: readonly HistogramOption[];
  /** Ends the job as soon as the mean of `of` at the last saved time is known to ± halfWidth. */
  stop?: { of: string; halfWidth: number; confidence?: number };
}

export interface CheckedReductions {
  names: string[];
  covariance: boolean;
  quantiles: Float64Array;
  histograms: HistogramOption[];
  native: NativeReductions;
}

export function checkedReductions(
  option: string,
  given: unknown,
  checked: CheckedSolve,
): CheckedReductions | undefined {
  if (given === undefined) return undefined;
  return readable(option, () => checkedParts(option, given, checked));
}

function checkedParts(option: string, given: unknown, checked: CheckedSolve): CheckedReductions {
  const known = ['of', 'covariance', 'quantiles', 'histograms', 'stop'] as const;
  const { of, covariance, quantiles, histograms, stop } = optionsObject<Reductions>(option, given as Reductions, known);
  const functions = checkedFunctions(`${option}.of`, of, checked);
  const names = Object.keys(functions);
  const position = (name: string, value: unknown) => {
    const found = names.indexOf(value as string);
    if (found < 0) throw invalidOption(name, value, `one of ${cut(names.join(', '), 200)}`);
    return found;
  };
  const shares = checkedShares(`${option}.quantiles`, quantiles);
  const lists = checkedHistograms(`${option}.histograms`, histograms);
  const isCovariance = booleanOption(`${option}.covariance`, covariance, false);
  const rule = stop && checkedStop(`${option}.stop`, stop);
  const { sde, t0, t1, times } = checked;
  const backwardsFrom = t1 > t0 ? undefined : t0;
  return {
    names,
    covariance: isCovariance,
    quantiles: shares,
    histograms: lists,
    native: {
      functions: names.map(name => lowerFunction(sde, `${option}.of.${name}`, functions[name], backwardsFrom)),
      covariance: isCovariance,
      quantiles: shares.length > 0,
      histograms: lists.map(({ of: name, low, high, bins }, i) => ({
        function: position(`${option}.histograms[${i}].of`, name),
        low,
        high,
        bins,
      })),
      ...(rule && {
        stop: {
          function: position(`${option}.stop.of`, rule.of),
          save: times.length - 1,
          z: rule.z,
          halfWidth: rule.halfWidth,
        },
      }),
    },
  };
}

function checkedFunctions(option: string, of: unknown, { sde }: CheckedSolve): Record<string, string> {
  if (of === undefined) return Object.fromEntries(sde.states.map(name => [name, name]));
  if (typeof of !== 'object' || of === null || Object.keys(of).length === 0) {
    throw invalidOption(option, of, 'an object of functions, such as { payoff: "max(S - 100, 0)" }');
  }
  for (const [name, text] of Object.entries(of)) {
    if (typeof text !== 'string') throw invalidOption(`${option}.${name}`, text, 'a function as text');
  }
  return { ...(of as Record<string, string>) };
}

function checkedShares(option: string, given: unknown): Float64Array {
  if (given === undefined) return new Float64Array();
  if (!Array.isArray(given)) throw invalidOption(option, given, 'a list of shares from 0 to 1');
  // By a plain list: that of a typed array is made of all, holes too, before the first is looked at.
  const shares = Array.from(given as unknown[], (share, i) =>
    numberOption(`${option}[${i}]`, share ?? Number.NaN, 0, { min: 0, max: 1 }),
  );
  return Float64Array.from(shares);
}

function checkedHistograms(option: string, given: unknown): HistogramOption[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) throw invalidOption(option, given, 'a list of { of, low, high, bins }');
  // Not by map, which leaves holes out.
  return Array.from(given as unknown[], (one, i) => {
    const name = `${option}[${i}]`;
    const { of, low, high, bins } = optionsObject<HistogramOption>(name, one as HistogramOption, [
      'of',
      'low',
      'high',
      'bins',
    ]);
    const from = numberOption(`${name}.low`, low ?? Number.NaN, 0);
    return {
      of: of as string,
      low: from,
      high: numberOption(`${name}.high`, high ?? Number.NaN, 0, { above: from }),
      bins: numberOption(`${name}.bins`, bins, 100, { min: 1, max: 2 ** 20, integer: true }),
    };
  });
}

function checkedStop(option: string, given: unknown) {
  const { of, halfWidth, confidence } = optionsObject<NonNullable<Reductions['stop']>>(
    option,
    given as NonNullable<Reductions['stop']>,
    ['of', 'halfWidth', 'confidence'],
  );
  const share = numberOption(`${option}.confidence`, confidence, 0.95, { above: 0, below: 1 });
  return {
    of,
    halfWidth: numberOption(`${option}.halfWidth`, halfWidth ?? Number.NaN, 0, { above: 0 }),
    z: normalQuantile((1 + share) / 2),
  };
}

/** The z below which a standard normal number lies with that probability: Newton's method on its distribution. */
function normalQuantile(probability: number): number {
  let z = 0;
  for (let k = 0; k < 60; k++) z -= (normalBelow(z) - probability) / (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI));
  return z;
}

/** By the series of erf, which converges fast for the few z that confidence levels ask for. */
function normalBelow(z: number): number {
  let term = z;
  let sum = z;
  for (let k = 1; k < 200; k++) {
    term *= (z * z) / (2 * k + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
}
