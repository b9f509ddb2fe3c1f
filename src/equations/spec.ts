/** What an SDE may be described by, and its checks: names, parameters, lengths. What the texts mean is in expressions.ts. */
import { types } from 'node:util';
import { invalidOption } from '../errors.js';
import { optionsObject, readable } from '../options/checks.js';
import { MOST_STATES } from '../options/limits.js';
import { optionFault } from './fault.js';
import type { NoiseClass } from './noise-class.js';
import { type DeclaredNoise, declaredNoise, isOutside, type OutsideCoefficient } from './outside.js';
import { isForeignWord, isName, isOperatorWord } from './tokens.js';
import { FUNCTIONS } from './vocabulary.js';

/** A number for all paths, or one for each path. */
export type ParamValue = number | Float64Array | Float32Array;

/** An expression as text; a number stands for itself. */
export type ExpressionText = string | number;

interface CommonSpec {
  /** Names of the states, in the order of x. At most 4096. */
  readonly state: readonly string[];
  /** Parameters by name: a number, or an array with a number for each path. */
  readonly params?: Readonly<Record<string, ParamValue>>;
  /** Where paths may be: conditions such as 'v >= 0', all of which must hold. Default: everywhere. */
  readonly domain?: readonly string[];
}

/** The equations as they are written: 'dS = r*S*dt + sqrt(v)*S*dW1'. */
export interface EquationsSpec extends CommonSpec {
  /** One for each state, in any order. */
  readonly equations: readonly string[];
  /** Names of the noises, in their order. Default: each W… whose dW… appears, in the order of the equations. */
  readonly noise?: readonly string[];
}

/** The coefficients f and G of dx = f dt + G dW. */
export interface CoefficientsSpec extends CommonSpec {
  /** One for each state. */
  readonly drift: readonly ExpressionText[];
  /**
   * One for each state, each with a noise of its own (or all with the same: noise 'scalar'); or a row for each state with
   * an entry for each noise.
   */
  readonly diffusion: readonly ExpressionText[] | readonly (readonly ExpressionText[])[];
  /** 'scalar': the list of diffusions is driven by one noise. Or the noises' names. Default: 'W1', 'W2', … */
  readonly noise?: 'scalar' | readonly string[];
}

/** Coefficients one or both of which are no text: a JavaScript function, or a module of torchCoefficient(). */
export interface OutsideSpec extends CommonSpec {
  readonly drift: readonly ExpressionText[] | OutsideCoefficient;
  readonly diffusion: CoefficientsSpec['diffusion'] | OutsideCoefficient;
  /** Of a diffusion as text: as ever. Of any other the class of its noise, which cannot be found. */
  readonly noise?: NoiseClass | readonly string[];
  /**
   * Of a diffusion that is no text: its noises, for an answer [paths, states, noises]. Left out it is [paths, states], of
   * additive noise with a noise for each state, as diagonal noise has; scalar noise is one.
   */
  readonly noises?: number;
}

export type SdeSpec = EquationsSpec | CoefficientsSpec;

/** A text, and the option it came as. */
export interface Text {
  readonly option: string;
  readonly text: string;
}

export interface CheckedSpec {
  readonly states: readonly string[];
  readonly params: ReadonlyMap<string, ParamValue>;
  readonly domain: readonly Text[];
  /** The noises' names, if they were given. */
  readonly noiseNames?: readonly string[];
  readonly form:
    | { readonly kind: 'equations'; readonly equations: readonly Text[] }
    | {
        readonly kind: 'coefficients';
        readonly drift: readonly Text[] | OutsideCoefficient;
        readonly diffusion: readonly (readonly Text[])[] | OutsideCoefficient;
      };
  /** Of the diffusions: a list with one noise for all, or with one for each; or a matrix. */
  readonly shape: 'scalar' | 'own' | 'matrix';
  /** Where the diffusion is no text. */
  readonly declared?: DeclaredNoise;
}

/** Names of what describes an SDE. */
export const SDE_OPTIONS = ['state', 'params', 'noise', 'noises', 'equations', 'drift', 'diffusion', 'domain'] as const;

/** Names that mean something already. */
export const CONSTANTS: ReadonlyMap<string, number> = new Map([
  ['pi', Math.PI],
  ['e', Math.E],
]);

/** Throws ERR_SDE_INVALID_OPTION, ERR_SDE_UNKNOWN_OPTION, ERR_SDE_INVALID_EQUATION. */
export function checkedSpec(where: string, spec: SdeSpec | OutsideSpec): CheckedSpec {
  return readable(where, () => {
    const given = optionsObject<Record<(typeof SDE_OPTIONS)[number], unknown>>(where, spec as never, SDE_OPTIONS);
    const states = namesOption(`${where}.state`, given.state, 1, 'a list of names, one a state');
    const params = paramsOption(`${where}.params`, given.params);
    const declared = isOutside(given.diffusion) ? declaredNoise(where, given as never, states.length) : undefined;
    if (!declared && given.noises !== undefined) {
      throw invalidOption(`${where}.noises`, given.noises, 'nothing beside a diffusion as text');
    }
    const noiseNames =
      declared || given.noise === undefined || given.noise === 'scalar'
        ? undefined
        : namesOption(`${where}.noise`, given.noise, 0, "a list of names, or 'scalar'");
    refuseCollisions(where, [...states, ...params.keys()], noiseNames ?? []);
    const domain = given.domain === undefined ? [] : texts(`${where}.domain`, given.domain);
    const common = { states, params, domain, noiseNames };
    if (given.equations !== undefined) {
      for (const name of ['drift', 'diffusion'] as const) {
        if (given[name] !== undefined) throw invalidOption(`${where}.${name}`, given[name], 'nothing beside equations');
      }
      if (given.noise === 'scalar') {
        throw invalidOption(`${where}.noise`, given.noise, 'names, or nothing, beside equations', {
          hint: 'Write the same dW1 in all of them.',
        });
      }
      const equations = texts(`${where}.equations`, given.equations, states.length);
      return { ...common, form: { kind: 'equations', equations }, shape: 'matrix' };
    }
    if (given.drift === undefined)
      throw invalidOption(`${where}.equations`, undefined, 'equations, or drift and diffusion');
    const drift = isOutside(given.drift) ? given.drift : texts(`${where}.drift`, given.drift, states.length);
    if (isOutside(given.diffusion)) {
      return {
        ...common,
        form: { kind: 'coefficients', drift, diffusion: given.diffusion },
        shape: 'matrix',
        declared,
      };
    }
    const { diffusion, shape } = diffusionOption(
      `${where}.diffusion`,
      given.diffusion,
      states.length,
      given.noise === 'scalar',
    );
    return { ...common, form: { kind: 'coefficients', drift, diffusion }, shape };
  });
}

function namesOption(option: string, given: unknown, fewest: number, expected: string): string[] {
  if (!Array.isArray(given) || given.length < fewest) throw invalidOption(option, given, expected);
  if (given.length > MOST_STATES) {
    throw optionFault(option, given, `there are ${given.length} names`, `At most ${MOST_STATES} are possible.`);
  }
  const names = Array.from(given as unknown[], (name, i) => nameOption(`${option}[${i}]`, name));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw optionFault(option, given, `'${twice}' stands there twice`, 'Give each a name of its own.');
  return names;
}

function nameOption(option: string, name: unknown): string {
  if (typeof name !== 'string' || !isName(name)) {
    throw invalidOption(option, name, 'a name: letters, digits and _, beginning with no digit');
  }
  const means = FUNCTIONS.has(name)
    ? 'a function'
    : CONSTANTS.has(name)
      ? 'a constant'
      : name === 't'
        ? 'the time'
        : isOperatorWord(name) || isForeignWord(name)
          ? 'a word of its own'
          : undefined;
  if (means) throw optionFault(option, name, `'${name}' is ${means}`, 'Use another name.');
  return name;
}

function paramsOption(option: string, given: unknown): Map<string, ParamValue> {
  if (given === undefined) return new Map();
  if (typeof given !== 'object' || given === null || Array.isArray(given) || ArrayBuffer.isView(given)) {
    throw invalidOption(option, given, 'an object of numbers by name');
  }
  const entries = Object.entries(given);
  if (entries.length > MOST_STATES) {
    throw optionFault(option, given, `there are ${entries.length} parameters`, `At most ${MOST_STATES} are possible.`);
  }
  return new Map(
    entries.map(([name, value]) => [nameOption(`${option}.${name}`, name), paramOption(`${option}.${name}`, value)]),
  );
}

/** Arrays are copied, since what they hold is read whenever the SDE is solved. */
export function paramOption(option: string, value: unknown): ParamValue {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const isArray = types.isFloat64Array(value) || types.isFloat32Array(value);
  if (isArray && value.length > 0) return value.slice();
  throw invalidOption(option, value, 'a finite number, or a Float64Array or Float32Array with one a path');
}

function refuseCollisions(where: string, names: readonly string[], noises: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw optionFault(`${where}.params`, name, `'${name}' is a state too`, 'Use another name.');
    if (name === 'dt' || name.startsWith('dW')) {
      throw optionFault(where, name, `'${name}' is a differential`, 'Use another name.');
    }
    seen.add(name);
  }
  const taken = noises.find(noise => seen.has(noise) || seen.has(`d${noise}`));
  if (taken !== undefined) {
    throw optionFault(`${where}.noise`, taken, `'${taken}' is a state or a parameter too`, 'Use another name.');
  }
}

function texts(option: string, given: unknown, count?: number): Text[] {
  if (!Array.isArray(given)) throw invalidOption(option, given, 'a list of texts');
  if (count !== undefined && given.length !== count) {
    throw optionFault(option, given, `there are ${given.length} for ${count} states`, 'Give one for each state.');
  }
  return Array.from(given as unknown[], (text, i) => textOption(`${option}[${i}]`, text));
}

function textOption(option: string, text: unknown): Text {
  if (typeof text === 'number' && Number.isFinite(text)) return { option, text: String(text) };
  if (typeof text !== 'string') throw invalidOption(option, text, 'a text or a finite number');
  return { option, text };
}

function diffusionOption(
  option: string,
  given: unknown,
  states: number,
  isScalar: boolean,
): { diffusion: Text[][]; shape: CheckedSpec['shape'] } {
  if (!Array.isArray(given) || given.length !== states || !given.some(Array.isArray)) {
    return { diffusion: texts(option, given, states).map(text => [text]), shape: isScalar ? 'scalar' : 'own' };
  }
  if (isScalar) {
    throw invalidOption(option, given, "a list beside noise: 'scalar', not a list of lists");
  }
  const width = Array.isArray(given[0]) ? given[0].length : 0;
  if (width > MOST_STATES) {
    throw optionFault(option, given, `there are ${width} noises`, `At most ${MOST_STATES} are possible.`);
  }
  const diffusion = Array.from(given as unknown[], (row, i) => {
    if (!Array.isArray(row) || row.length !== width) {
      throw invalidOption(`${option}[${i}]`, row, `a list of ${width} texts, one a noise`);
    }
    return texts(`${option}[${i}]`, row);
  });
  return { diffusion, shape: 'matrix' };
}
