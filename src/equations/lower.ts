/** An SDE given by equations, as the addon takes it. */
import type { NativeEquations, NativeProgram } from '../native.js';
import { type Expression, Graph, transferred } from './graph.js';
import { parse } from './parse.js';
import { type Inputs, programOf } from './program.js';
import { type Names, readFunction } from './read.js';
import type { ParamValue } from './spec.js';
import { directionals, jacobian, type System } from './system.js';

/** What a solver needs besides drift and diffusion. */
export type Need = 'milstein' | 'jacobian';

export interface Params {
  readonly names: readonly string[];
  readonly values: readonly ParamValue[];
}

/** Parameters that differ by path, in the order in which a program takes them. */
export function pathParams({ names, values }: Params): { name: string; values: Float64Array | Float32Array }[] {
  return values.flatMap((value, i) => (typeof value === 'number' ? [] : [{ name: names[i], values: value }]));
}

/** The same expressions with the numbers of those parameters that are one number for all paths. */
export function bound(expressions: readonly Expression[], into: Graph, { values }: Params): Expression[] {
  const numbers = values.map((value, i) => (typeof value === 'number' ? i : -1));
  const place = new Map(
    values
      .map((_, i) => i)
      .filter(i => !numbers.includes(i))
      .map((i, k) => [i, k]),
  );
  return transferred(expressions, into, ({ op, value: i }) => {
    if (op !== 'param') return undefined;
    const value = values[i];
    return typeof value === 'number' ? into.constant(value) : into.param(place.get(i)!);
  });
}

/** A system with its parameters' numbers in it. Its zeros are those of the numbers too. */
export function boundSystem(system: System, params: Params): System {
  const graph = new Graph();
  const { drift, entries } = system;
  const images = bound([...drift, ...entries.map(({ value }) => value)], graph, params);
  const values = entries.map((entry, k) => ({ ...entry, value: images[drift.length + k] }));
  return {
    ...system,
    graph,
    drift: images.slice(0, drift.length),
    entries: values.filter(({ value }) => !(value.op === 'constant' && value.value === 0)),
  };
}

/** `system` is bound. `milstein` is to be asked for only where the noise commutes. */
export function nativeEquations(
  system: System,
  domain: readonly Expression[],
  params: number,
  needs: readonly Need[],
): NativeEquations {
  const { states, noises, drift, entries } = system;
  const inputs: Inputs = { states, params };
  const program = (expressions: readonly Expression[]): NativeProgram => programOf(expressions, inputs);
  const values = (list: readonly { readonly value: Expression }[]) => list.map(({ value }) => value);
  const equations: NativeEquations = {
    states,
    noises,
    params,
    drift: program(drift),
    diffusion: program(values(entries)),
    entries: Int32Array.from(entries.flatMap(({ state, noise }) => [state, noise])),
  };
  if (needs.includes('milstein')) {
    const list = directionals(system, (along, noise) => along <= noise);
    const places = list.flatMap(({ state, along, noise }) => [state, along, noise]);
    equations.milstein = { program: program(values(list)), entries: Int32Array.from(places) };
  }
  if (needs.includes('jacobian')) {
    const list = jacobian(system);
    const places = list.flatMap(({ row, column }) => [row, column]);
    equations.jacobian = { program: program(values(list)), entries: Int32Array.from(places) };
  }
  if (domain.length > 0) equations.domain = program(domain);
  return equations;
}

/** A function of the state, the time and the parameters, as events and reductions are given. */
export function nativeFunction(
  option: string,
  text: string,
  names: Names,
  states: number,
  params: Params,
): NativeProgram {
  const [value] = bound([readFunction(parse(option, text), names)], new Graph(), params);
  return programOf([value], { states, params: pathParams(params).length });
}
