/** Solvers as words, and back: the kind, its first option, and others by name: kind:0.05:norm=max. */
import { invalidOption } from '../../errors.js';
import { nearest } from '../../options/checks.js';
import type { AnySolverMaker } from '../../solver/facts.js';
import { SOLVERS, type Solver } from '../../solver/solver.js';

/** The option that stands without its name: steps, or what is first in the solver's table. */
function firstOf({ definition: { options } }: AnySolverMaker): string {
  const names = Object.keys(options);
  return names.find(name => 'positional' in options[name].flag) ?? names[0];
}

/** Throws ERR_SDE_INVALID_OPTION, and what the solver's function throws. */
export function solverOf(option: string, text: string): Solver {
  const [name, ...words] = text.split(':');
  const make = SOLVERS.find(({ definition }) => [definition.kind, definition.command].includes(name));
  if (make === undefined) {
    const kinds = SOLVERS.map(({ definition }) => definition.kind);
    const near = nearest(name, kinds);
    throw invalidOption(option, text, `one of ${kinds.join(', ')}, with its first option after a colon`, {
      hint: near && `Did you mean ${near}?`,
    });
  }
  const given = words.map((word, i) => {
    const [left, ...right] = word.split('=');
    if (right.length > 0) return [left, readValue(right.join('='))];
    if (i > 0) throw invalidOption(option, text, 'name=value for every option after the first');
    return [firstOf(make), readValue(word)];
  });
  return make(Object.fromEntries(given)) as Solver;
}

function readValue(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** Its shortest spelling: the first option, and what differs from the defaults. */
export function spellingOf(solver: Solver): string {
  const make = SOLVERS.find(({ definition }) => definition.kind === solver.kind)!;
  const usual = make() as unknown as Record<string, unknown>;
  const own = solver as unknown as Record<string, unknown>;
  const first = firstOf(make);
  const others = Object.keys(make.definition.options).filter(name => name !== first && own[name] !== usual[name]);
  const head = first === undefined ? [] : [String(own[first])];
  return [solver.kind, ...head, ...others.map(name => `${name}=${own[name]}`)].join(':');
}
