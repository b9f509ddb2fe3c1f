/** From a checked description to expressions: both forms lead to the same f and G. */
import { cut } from '../errors.js';
import { MOST_STATES } from '../options/limits.js';
import { equationFault, optionFault, type Place, quoted } from './fault.js';
import { type Expression, Graph } from './graph.js';
import { entriesOf, isOutside, type OutsideCoefficient } from './outside.js';
import { parse, stepsOf } from './parse.js';
import { type Names, readCondition, readDifferentials, readFunction } from './read.js';
import { type CheckedSpec, CONSTANTS, type Text } from './spec.js';
import { type Entry, type System, sorted } from './system.js';
import { type Token, tokensOf } from './tokens.js';

/** An SDE as expressions of states, time and parameters by their position. */
export interface SdeExpressions {
  readonly system: System;
  readonly noiseNames: readonly string[];
  readonly domain: readonly Expression[];
  /** Where each expression was written, for errors. */
  readonly places: Map<Expression, Place>;
  readonly values: ReadonlyMap<string, Expression>;
}

/** Characters of all texts together: some seconds. */
const MOST_CHARACTERS = 4_000_000;

/** Throws ERR_SDE_INVALID_EQUATION, with the place in the text. */
export function expressionsOf(where: string, spec: CheckedSpec): SdeExpressions {
  refuseTooLong(where, spec);
  const { states, params } = spec;
  const graph = new Graph();
  const places = new Map<Expression, Place>();
  const values = new Map<string, Expression>([
    ...states.map((name, i): [string, Expression] => [name, graph.state(i)]),
    ...[...params.keys()].map((name, i): [string, Expression] => [name, graph.param(i)]),
    ['t', graph.time()],
    ...[...CONSTANTS].map(([name, value]): [string, Expression] => [name, graph.constant(value)]),
  ]);
  const functions: Names = { graph, values, places, isDifferential: () => false };
  const read =
    spec.form.kind === 'equations'
      ? fromEquations(spec, spec.form.equations, functions)
      : fromCoefficients(where, spec, spec.form, functions);
  const domain = spec.domain.map(({ option, text }) => readCondition(parse(option, text), functions));
  const { drift, entries, noiseNames } = read;
  const { form, declared } = spec;
  const outside =
    form.kind === 'coefficients' && (isOutside(form.drift) || declared)
      ? { drift: isOutside(form.drift), diffusion: declared !== undefined }
      : undefined;
  const system = { graph, states: states.length, noises: noiseNames.length, drift, entries: sorted(entries), outside };
  return { system, noiseNames, domain, places, values };
}

interface Read {
  readonly drift: Expression[];
  readonly entries: Entry[];
  readonly noiseNames: readonly string[];
}

function fromCoefficients(
  where: string,
  { states, noiseNames, shape, declared }: CheckedSpec,
  { drift, diffusion }: Extract<CheckedSpec['form'], { kind: 'coefficients' }>,
  names: Names,
): Read {
  // Large matrices repeat few texts, 0 above all.
  const known = new Map<string, Expression>();
  const read = ({ option, text }: Text): Expression => {
    const expression = known.get(text) ?? readFunction(parse(option, text), names);
    known.set(text, expression);
    return expression;
  };
  const texts = isOutside(drift) ? [] : drift.map(read);
  const numbered = (noises: number) => Array.from({ length: noises }, (_, i) => `W${i + 1}`);
  if (isOutside(diffusion)) {
    const value = names.graph.constant(1); // in place of what nobody knows here
    const entries = entriesOf(states.length, declared!).map(place => ({ ...place, value }));
    return { drift: texts, entries, noiseNames: numbered(declared!.noises) };
  }
  const noises = shape === 'own' ? states.length : diffusion[0].length;
  if (noiseNames && noiseNames.length !== noises) {
    const problem = `there are ${noiseNames.length} names for ${noises} noises`;
    throw optionFault(`${where}.noise`, noiseNames, problem, 'Give one for each noise.');
  }
  return {
    drift: texts,
    entries: diffusion.flatMap((row, state) =>
      row.map((text, column) => ({ state, noise: shape === 'own' ? state : column, value: read(text) })),
    ),
    noiseNames: noiseNames ?? numbered(noises),
  };
}

function fromEquations({ states, noiseNames }: CheckedSpec, equations: readonly Text[], names: Names): Read {
  const changes = new Map(states.map((name, i) => [`d${name}`, i]));
  const split = equations.map(one => splitEquation(one, changes));
  const found = noiseNames ?? noisesIn(split, names);
  const noiseAt = new Map(found.map((name, i) => [`d${name}`, i]));
  const isDifferential = (name: string) => name === 'dt' || noiseAt.has(name);
  const drift = new Map<number, Expression>();
  const entries: Entry[] = [];
  for (const { state, left, right, option, text } of split) {
    if (drift.has(state)) {
      throw equationFault(left, `a second equation for ${states[state]}`, 'Give one for each state.');
    }
    refuseOtherNoises(right, { option, text }, noiseAt);
    const parts = readDifferentials(stepsOf(option, text, right), { ...names, isDifferential });
    drift.set(state, parts.get('dt') ?? names.graph.constant(0));
    for (const [name, value] of parts) if (name !== 'dt') entries.push({ state, noise: noiseAt.get(name)!, value });
  }
  // As many equations as states, and none twice: there is one for each.
  return { drift: states.map((_, i) => drift.get(i)!), entries, noiseNames: found };
}

interface Split extends Text {
  readonly state: number;
  readonly left: Place;
  readonly right: readonly Token[];
}

/** 'dS = …'; `changes` are the left sides that there may be, by state. */
function splitEquation({ option, text }: Text, changes: ReadonlyMap<string, number>): Split {
  const tokens = tokensOf(option, text);
  const [name, sign, ...right] = tokens;
  const left = { option, text, from: name.from, to: name.to };
  const whole = { option, text, from: 0, to: text.length };
  const begin = () => `Begin with ${cut([...changes.keys()].join(', '), 60)} and =.`;
  if (sign?.text !== '=') throw equationFault(whole, 'this is no equation of an SDE', begin());
  const state = changes.get(name.text);
  if (state === undefined) throw equationFault(left, `${quoted(name.text)} is the change of no state`, begin());
  if (right.length === 0) throw equationFault(whole, 'the right side is empty', 'Write 0*dt for no change.');
  const second = right.find(token => token.text === '=');
  if (second) {
    throw equationFault({ ...left, from: second.from, to: second.to }, 'a second =', 'Write == to compare two values.');
  }
  return { option, text, state, left, right };
}

/** In the order in which they appear. */
function noisesIn(split: readonly Split[], { values }: Names): string[] {
  const found = new Set<string>();
  for (const { option, text, right } of split) {
    for (const token of right) {
      if (token.kind !== 'name' || !token.text.startsWith('dW')) continue;
      const noise = token.text.slice(1);
      if (values.has(noise)) {
        const place = { option, text, from: token.from, to: token.to };
        throw equationFault(
          place,
          `${quoted(noise)} is a state or a parameter, no noise`,
          'Use another name for one of them.',
        );
      }
      found.add(noise);
      if (found.size > MOST_STATES) {
        const place = { option, text, from: token.from, to: token.to };
        throw equationFault(place, `more than ${MOST_STATES} noises`, 'Take fewer.');
      }
    }
  }
  return [...found];
}

function refuseOtherNoises(tokens: readonly Token[], at: Text, known: ReadonlyMap<string, number>): void {
  const odd = tokens.find(({ kind, text }) => kind === 'name' && text.startsWith('dW') && !known.has(text));
  if (!odd) return;
  const names = [...known.keys()].join(', ');
  throw equationFault(
    { ...at, from: odd.from, to: odd.to },
    `${quoted(odd.text)} is none of the noises`,
    `They are ${cut(names, 200)}.`,
  );
}

function refuseTooLong(where: string, { form, domain }: CheckedSpec): void {
  const listed = (coefficient: readonly Text[] | readonly (readonly Text[])[] | OutsideCoefficient) =>
    isOutside(coefficient) ? [] : coefficient.flat();
  const all = form.kind === 'equations' ? form.equations : [...listed(form.drift), ...listed(form.diffusion)];
  const characters = [...all, ...domain].reduce((sum, { text }) => sum + text.length, 0);
  if (characters <= MOST_CHARACTERS) return;
  const problem = `the texts have ${characters} characters together`;
  throw optionFault(where, undefined, problem, `At most ${MOST_CHARACTERS} are possible.`);
}
