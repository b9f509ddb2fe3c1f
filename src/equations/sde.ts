/** SDEs given by equations or functions: what users make, look at and change. */
import { invalidOption } from '../errors.js';
import type { NativeEquations, NativeProgram } from '../native-paths.js';
import { nearest, readable } from '../options/checks.js';
import { convertedDrift } from './convert.js';
import { derivativeBy } from './derivative.js';
import { expressionsOf, type SdeExpressions } from './expressions.js';
import { optionFault } from './fault.js';
import { type Expression, Graph, reachedFrom, statesOf } from './graph.js';
import { langevinFault } from './langevin.js';
import {
  bound,
  boundSystem,
  inReversedTime,
  type Need,
  nativeEquations,
  nativeEvent,
  nativeFunction,
  type Params,
  pathParams,
  reversed,
} from './lower.js';
import { type Commutation, classify, type NoiseClass } from './noise-class.js';
import type { Outside, OutsideCoefficient } from './outside.js';
import { isOutside } from './outside.js';
import { printed } from './print.js';
import { probe } from './probe.js';
import { type CheckedSpec, checkedSpec, type OutsideSpec, type ParamValue, paramOption, type SdeSpec } from './spec.js';
import type { System } from './system.js';

export type Calculus = 'ito' | 'stratonovich';

/** Whether the noises commute, by their names. */
export interface NoiseCommutation extends Pick<Commutation, 'commutes' | 'by'> {
  /** The first two that do not, and a state where that shows. */
  readonly pair?: { readonly noises: readonly [string, string]; readonly state: string };
}

/** dx = f(x, t) dt + G(x, t) dW, of the Itô or the Stratonovich calculus. Made by itoSde() or stratonovichSde(). */
export interface EquationSde {
  readonly calculus: Calculus;
  /** Names, in the order of x. */
  readonly states: readonly string[];
  /** Names, in the order of W. */
  readonly noises: readonly string[];
  /** Of all paths a number, or one a path. */
  readonly params: Readonly<Record<string, ParamValue>>;
  /** Found from the equations with the numbers of their parameters. */
  readonly noiseClass: NoiseClass;
  readonly commutation: NoiseCommutation;
  /** Conditions that hold where paths may be. */
  readonly domain: readonly string[];
  /** f, one text a state. */
  readonly drift: readonly string[];
  /** G: a list where state i has noise i alone, otherwise a row a state with an entry a noise. */
  readonly diffusion: readonly string[] | readonly (readonly string[])[];
  /** The same process in the Itô calculus: f + ½ Σ_j L^j g_j in place of f. */
  toIto(): EquationSde;
  /** The same process in the Stratonovich calculus: f − ½ Σ_j L^j g_j in place of f. */
  toStratonovich(): EquationSde;
  /** The same equations with other values of some parameters. Throws ERR_SDE_INVALID_EQUATION for an unknown name. */
  withParams(changes: Readonly<Record<string, ParamValue>>): EquationSde;
}

/** An SDE whose drift or diffusion is a function or a module. Made by itoSde() or stratonovichSde(). */
export interface FunctionSde extends Omit<EquationSde, 'drift' | 'diffusion' | ChangingName> {
  /** As declared, where the diffusion is no text. */
  readonly noiseClass: NoiseClass;
  readonly drift: EquationSde['drift'] | OutsideCoefficient;
  readonly diffusion: EquationSde['diffusion'] | OutsideCoefficient;
  /** Throws ERR_SDE_INVALID_OPTION where the calculus is another and the noise not additive: a function has no derivatives. */
  toIto(): FunctionSde;
  toStratonovich(): FunctionSde;
  withParams(changes: Readonly<Record<string, ParamValue>>): FunctionSde;
}

type ChangingName = 'toIto' | 'toStratonovich' | 'withParams';

/** What `solve` takes for its equations. */
export type Equations = EquationSde | FunctionSde;

/**
 * An Itô SDE from its equations, `{ state: ['x'], params: { a: 1 }, equations: ['dx = -a*x*dt + 0.2*dW1'] }`, or from its
 * coefficients, `{ state: ['x'], params: { a: 1 }, drift: ['-a*x'], diffusion: ['0.2'] }`; both mean the same. Functions,
 * operators and limits are listed in docs/equations.md.
 *
 * Throws ERR_SDE_INVALID_EQUATION with the place in the text; ERR_SDE_INVALID_OPTION and ERR_SDE_UNKNOWN_OPTION.
 */
export function itoSde(spec: SdeSpec): EquationSde;
/**
 * The same with a function or a module of torchCoefficient() in place of drift, diffusion or both,
 * `{ state: ['x'], drift: (x, t, out) => …, diffusion: (x, t, out) => …, noise: 'diagonal' }`; see docs/equations.md.
 */
export function itoSde(spec: OutsideSpec): FunctionSde;
export function itoSde(spec: SdeSpec | OutsideSpec): Equations {
  return made('ito', spec);
}

/** The same in the Stratonovich calculus. */
export function stratonovichSde(spec: SdeSpec): EquationSde;
export function stratonovichSde(spec: OutsideSpec): FunctionSde;
export function stratonovichSde(spec: SdeSpec | OutsideSpec): Equations {
  return made('stratonovich', spec);
}

interface Parts {
  /** The function that made it, as errors name options. */
  readonly where: string;
  readonly calculus: Calculus;
  readonly states: readonly string[];
  readonly params: Params;
  readonly expressions: SdeExpressions;
  readonly domain: readonly string[];
  /** What is no text. */
  readonly outside?: Outside;
  /** Found, or declared. */
  readonly noise: ReturnType<typeof classify>;
  /** With the numbers of its parameters in it. */
  readonly bound: System;
}

/** Of every SDE made here. What came from elsewhere, by postMessage say, is none. */
const partsOf = new WeakMap<object, Parts>();

function made(calculus: Calculus, spec: SdeSpec | OutsideSpec): Equations {
  const where = calculus === 'ito' ? 'itoSde' : 'stratonovichSde';
  const checked = checkedSpec(where, spec);
  const { states, params: given } = checked;
  const params = { names: [...given.keys()], values: [...given.values()] };
  const domain = checked.domain.map(({ text }) => text);
  const expressions = expressionsOf(where, checked);
  return sdeOf({ where, calculus, states, params, expressions, domain, outside: outsideIn(checked) }, checked.declared);
}

function outsideIn({ form, declared }: CheckedSpec): Outside | undefined {
  if (form.kind === 'equations') return undefined;
  const { drift, diffusion } = form;
  const found = { ...(isOutside(drift) && { drift }), ...(isOutside(diffusion) && { diffusion }) };
  return found.drift || found.diffusion ? { ...found, columns: declared?.columns ?? 0 } : undefined;
}

function sdeOf(parts: Omit<Parts, 'bound' | 'noise'>, declared?: { noiseClass: NoiseClass }): Equations {
  const system = boundSystem(parts.expressions.system, parts.params);
  const noise = declared ? asDeclared(declared.noiseClass) : classify(system);
  const all = { ...parts, noise, bound: system };
  const sde = new CompiledSde(all);
  partsOf.set(sde, all);
  return Object.freeze(sde) as Equations;
}

function asDeclared(noiseClass: NoiseClass): Parts['noise'] {
  return { noiseClass, commutation: { commutes: noiseClass !== 'general', by: 'declared' } };
}

/** The declaration again, for an SDE made from these parts. */
function declaredIn({ outside, noise }: Parts): { noiseClass: NoiseClass } | undefined {
  return outside?.diffusion ? noise : undefined;
}

class CompiledSde {
  readonly calculus: Calculus;
  readonly states: readonly string[];
  readonly noises: readonly string[];
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly noiseClass: NoiseClass;
  readonly commutation: NoiseCommutation;
  readonly domain: readonly string[];

  constructor({ calculus, states, params, expressions, domain, noise }: Parts) {
    const { noiseClass, commutation } = noise;
    const { noiseNames } = expressions;
    this.calculus = calculus;
    this.states = Object.freeze([...states]);
    this.noises = Object.freeze([...noiseNames]);
    this.params = Object.freeze(Object.fromEntries(params.names.map((name, i) => [name, params.values[i]])));
    this.noiseClass = noiseClass;
    this.commutation = Object.freeze(named(commutation, states, noiseNames));
    this.domain = Object.freeze([...domain]);
  }

  get drift(): Equations['drift'] {
    const { expressions, outside } = partsOf.get(this)!;
    if (outside?.drift) return outside.drift;
    return expressions.system.drift.map(f => printed(f, this.names()));
  }

  get diffusion(): Equations['diffusion'] {
    const { expressions, outside } = partsOf.get(this)!;
    if (outside?.diffusion) return outside.diffusion;
    const { entries, states, noises } = expressions.system;
    const rows = this.states.map(() => Array.from({ length: noises }, () => '0'));
    for (const { state, noise, value } of entries) rows[state][noise] = printed(value, this.names());
    const isOwn = states === noises && entries.every(({ state, noise }) => state === noise);
    return isOwn ? rows.map((row, i) => row[i]) : rows;
  }

  toIto(): Equations {
    return this.in('ito');
  }

  toStratonovich(): Equations {
    return this.in('stratonovich');
  }

  withParams(changes: Readonly<Record<string, ParamValue>>): Equations {
    const parts = partsOf.get(this)!;
    const { names, values } = parts.params;
    const option = 'withParams';
    const changed = readable(option, () => {
      if (typeof changes !== 'object' || changes === null) throw invalidOption(option, changes, 'an object of numbers');
      return Object.entries(changes).map(([name, value]) => {
        if (!names.includes(name)) {
          const near = nearest(name, names);
          const hint = near ? `Did you mean ${near}?` : `They are ${names.join(', ') || 'none'}.`;
          throw optionFault(`${option}.${name}`, value, 'unknown parameter', hint);
        }
        return [name, paramOption(`${option}.${name}`, value)] as const;
      });
    });
    const other = new Map(changed);
    const changedParams = { names, values: values.map((value, i) => other.get(names[i]) ?? value) };
    return sdeOf({ ...parts, params: changedParams }, declaredIn(parts));
  }

  private in(calculus: Calculus): Equations {
    if (calculus === this.calculus) return this as unknown as Equations;
    const parts = partsOf.get(this)!;
    const { system } = parts.expressions;
    if (parts.outside) {
      if (this.noiseClass === 'additive') return sdeOf({ ...parts, calculus }, declaredIn(parts));
      const [name, which] = parts.outside.diffusion ? ['diffusion', 'the diffusion'] : ['drift', 'the drift'];
      throw invalidOption(`${parts.where}.${name}`, this[name as 'drift'], 'equations as text, to be converted', {
        hint: `The two calculi differ by ½ Σ_j L^j g_j in the drift, and ${which} is a function: put that into it yourself.`,
      });
    }
    const drift = convertedDrift(system, calculus === 'stratonovich' ? -1 : 1);
    return sdeOf({ ...parts, calculus, expressions: { ...parts.expressions, system: { ...system, drift } } });
  }

  private names() {
    return { states: this.states, params: partsOf.get(this)!.params.names };
  }
}

function named(
  { commutes, by, pair }: Commutation,
  states: readonly string[],
  noises: readonly string[],
): NoiseCommutation {
  if (!pair) return { commutes, by };
  const [one, other] = pair.noises;
  return { commutes, by, pair: { noises: [noises[one], noises[other]], state: states[pair.state] } };
}

/** Throws ERR_SDE_INVALID_OPTION where it is not made here. */
export function checkedEquations(option: string, given: unknown): Equations {
  if (typeof given === 'object' && given !== null && partsOf.has(given)) return given as Equations;
  throw invalidOption(option, given, 'an SDE made by itoSde() or stratonovichSde()', {
    hint: 'It does not survive postMessage or a copy: make it where it is solved.',
  });
}

/** Programs made before, by what was needed: `step` wants the same ones again and again. */
const lowered = new WeakMap<Equations, Map<string, NativeEquations>>();

/**
 * The equations as programs, with what the solver needs. With `backwardsFrom` those of s = backwardsFrom − t.
 */
export function lower(
  sde: Equations,
  { needs = [], backwardsFrom }: { needs?: readonly Need[]; backwardsFrom?: number } = {},
): NativeEquations {
  if (backwardsFrom !== undefined) return lowerAnew(sde, needs, backwardsFrom);
  const known = lowered.get(sde) ?? new Map<string, NativeEquations>();
  lowered.set(sde, known);
  const key = [...needs].sort().join();
  const equations = known.get(key) ?? lowerAnew(sde, needs);
  known.set(key, equations);
  return equations;
}

function lowerAnew(sde: Equations, needs: readonly Need[], backwardsFrom?: number): NativeEquations {
  const { bound: system, expressions, params } = partsOf.get(sde)!;
  const graph = new Graph();
  const conditions = bound(expressions.domain, graph, params);
  const wanted = { needs, ito: sde.calculus === 'ito' };
  if (backwardsFrom === undefined) return nativeEquations(system, conditions, pathParams(params).length, wanted);
  const domain = inReversedTime(conditions, graph, backwardsFrom);
  return nativeEquations(reversed(system, backwardsFrom), domain, pathParams(params).length, wanted);
}

/** A function of the state, t and the parameters as a program of one output. Throws ERR_SDE_INVALID_EQUATION. */
export function lowerFunction(sde: Equations, option: string, text: string, backwardsFrom?: number): NativeProgram {
  return nativeFunction(option, text, functionInputs(sde, backwardsFrom));
}

/** The same as an event: the function and its variance a unit of time. */
export function lowerEvent(sde: Equations, option: string, text: string, backwardsFrom?: number): NativeProgram {
  const { system } = partsOf.get(sde)!.expressions;
  return nativeEvent(option, text, system, functionInputs(sde, backwardsFrom));
}

function functionInputs(sde: Equations, backwardsFrom: number | undefined) {
  const { expressions, params, states } = partsOf.get(sde)!;
  const { system, values } = expressions;
  const names = { graph: system.graph, values, places: new Map(), isDifferential: () => false };
  return { names, states: states.length, params, backwardsFrom };
}

/** Whether drift and diffusion are known to be linear in the state: their derivatives do not depend on it. */
export function isLinear(sde: Equations): boolean {
  if (outsideOf(sde)) return false;
  const { graph, drift, entries, states } = partsOf.get(sde)!.bound;
  const functions = [...drift, ...entries.map(({ value }) => value)];
  return Array.from({ length: states }, (_, state) => derivativeBy(graph, state)).every(slope =>
    functions.every(one => statesOf(slope(one)).size === 0),
  );
}

/** Noises of the state that has most of them. */
export function mostNoises(sde: Equations): number {
  const { entries, states } = partsOf.get(sde)!.bound;
  const counts = new Uint32Array(states);
  for (const { state } of entries) counts[state]++;
  return counts.reduce((most, count) => Math.max(most, count), 0);
}

/** Whether it is known that no coefficient depends on the time. */
export function isAutonomous(sde: Equations): boolean {
  if (outsideOf(sde)) return false;
  const { drift, entries } = partsOf.get(sde)!.bound;
  return ![...reachedFrom([...drift, ...entries.map(({ value }) => value)])].some(({ op }) => op === 'time');
}

/** Drift and diffusion that are no text, if any. */
export function outsideOf(sde: Equations): Outside | undefined {
  return partsOf.get(sde)!.outside;
}

/** 'itoSde', or what made it. */
export function makerOf(sde: Equations): string {
  return partsOf.get(sde)!.where;
}

/** See langevin.ts. */
export function notLangevin(sde: Equations): string | undefined {
  if (outsideOf(sde)) return 'a coefficient is a function';
  return langevinFault(partsOf.get(sde)!.bound);
}

/** Parameters that differ by path, in the order of the programs' inputs. */
export function paramsByPath(sde: Equations): { name: string; values: Float64Array | Float32Array }[] {
  return pathParams(partsOf.get(sde)!.params);
}

/**
 * Throws ERR_SDE_INVALID_EQUATION, with the place in the text, where drift or diffusion is infinite, complex or undefined
 * at (t, x), or x is outside of the domain. Parameters that differ by path have their values of path `path`.
 */
export function probeAt(sde: Equations, { t, x, path = 0 }: { t: number; x: ArrayLike<number>; path?: number }): void {
  const { where, expressions, params, states } = partsOf.get(sde)!;
  const { system, domain, places } = expressions;
  const functions: Expression[] = [...system.drift, ...system.entries.map(({ value }) => value)];
  const values = params.values.map(value => (typeof value === 'number' ? value : value[path]));
  probe({ where, functions, domain, places, states, params: params.names }, { t, x, params: values });
}
