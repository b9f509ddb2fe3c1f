/** An SDE given by equations, as the addon takes it. */
import type { NativeEquations, NativeProgram } from '../native-paths.js';
import { derivativeBy } from './derivative.js';
import { type Expression, Graph, statesOf, transferred } from './graph.js';
import { frictions } from './langevin.js';
import { parse } from './parse.js';
import { type Inputs, programOf } from './program.js';
import { type Names, readFunction } from './read.js';
import type { ParamValue } from './spec.js';
import { directionals, jacobian, type System } from './system.js';

/** What a solver needs besides drift and diffusion. */
export type Need = 'milstein' | 'jacobian' | 'friction' | 'columns';

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

/** The system of s = from − t, for paths backwards in time: −f and G at t = from − s. */
export function reversed(system: System, from: number): System {
  const graph = new Graph();
  const { drift, entries } = system;
  const images = inReversedTime([...drift, ...entries.map(({ value }) => value)], graph, from);
  return {
    ...system,
    graph,
    drift: images.slice(0, drift.length).map(f => graph.apply('neg', f)),
    entries: entries.map((entry, k) => ({ ...entry, value: images[drift.length + k] })),
  };
}

export function inReversedTime(expressions: readonly Expression[], into: Graph, from: number): Expression[] {
  const time = into.apply('sub', into.constant(from), into.time());
  return transferred(expressions, into, ({ op }) => (op === 'time' ? time : undefined));
}

/** `system` is bound. `milstein` is to be asked for only where the noise commutes. */
export function nativeEquations(
  system: System,
  domain: readonly Expression[],
  params: number,
  { needs, ito }: { needs: readonly Need[]; ito: boolean },
): NativeEquations {
  const { states, noises, drift, entries } = system;
  const inputs: Inputs = { states, params };
  const program = (expressions: readonly Expression[]): NativeProgram => programOf(expressions, inputs);
  const values = (list: readonly { readonly value: Expression }[]) => list.map(({ value }) => value);
  const equations: NativeEquations = {
    states,
    noises,
    params,
    ito,
    drift: program(drift),
    diffusion: program(values(entries)),
    entries: Int32Array.from(entries.flatMap(({ state, noise }) => [state, noise])),
  };
  if (needs.includes('milstein')) {
    const list = directionals(system, (along, noise) => along <= noise);
    const places = list.flatMap(({ state, along, noise }) => [state, along, noise]);
    equations.milstein = { program: program(values(list)), entries: Int32Array.from(places) };
  }
  if (needs.includes('jacobian') || needs.includes('friction')) {
    const list = needs.includes('jacobian') ? jacobian(system) : frictions(system);
    const places = list.flatMap(({ row, column }) => [row, column]);
    equations.jacobian = { program: program(values(list)), entries: Int32Array.from(places) };
  }
  if (needs.includes('columns')) {
    const column = (noise: number) => values(entries.filter(entry => entry.noise === noise));
    equations.columns = Array.from({ length: noises }, (_, noise) => program(column(noise)));
  }
  if (domain.length > 0) equations.domain = program(domain);
  return equations;
}

/** What the functions of a job have in common. `backwardsFrom`: see `reversed`. */
export interface FunctionInputs {
  names: Names;
  states: number;
  params: Params;
  backwardsFrom: number | undefined;
}

/** A function of the state, the time and the parameters, as reductions are given. */
export function nativeFunction(option: string, text: string, { names, ...of }: FunctionInputs): NativeProgram {
  const { states, params, backwardsFrom } = of;
  const graph = new Graph();
  const [value] = bound([readFunction(parse(option, text), names)], graph, params);
  const [inTime] = backwardsFrom === undefined ? [value] : inReversedTime([value], graph, backwardsFrom);
  return programOf([inTime], { states, params: pathParams(params).length });
}

/** The same as an event: the function, and its variance a unit of time, the square of its gradient times G. */
export function nativeEvent(option: string, text: string, system: System, of: FunctionInputs): NativeProgram {
  const { names, states, params, backwardsFrom } = of;
  const graph = new Graph();
  const isTold = system.outside?.diffusion === true;
  const entries = isTold ? [] : system.entries.map(({ value }) => value);
  const found = bound([readFunction(parse(option, text), names), ...entries], graph, params);
  const [value, ...known] = backwardsFrom === undefined ? found : inReversedTime(found, graph, backwardsFrom);
  // A diffusion outside is asked by the engine, which puts it after the parameters.
  const given = pathParams(params).length;
  const g = isTold ? system.entries.map((_, k) => graph.param(given + k)) : known;
  const columns = new Map<number, Expression>();
  for (const state of [...statesOf(value)].sort((a, b) => a - b)) {
    const slope = derivativeBy(graph, state)(value);
    for (const [k, entry] of system.entries.entries()) {
      if (entry.state !== state) continue;
      const term = graph.apply('mul', slope, g[k]);
      const before = columns.get(entry.noise);
      columns.set(entry.noise, before === undefined ? term : graph.apply('add', before, term));
    }
  }
  const squares = [...columns.values()].map(column => graph.apply('mul', column, column));
  const variance = squares.reduce((sum, square) => graph.apply('add', sum, square), graph.constant(0));
  return programOf([value, variance], { states, params: given + (isTold ? g.length : 0) });
}
