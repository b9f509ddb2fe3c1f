/** Path solvers of any kind: which there are, which fits a problem, and their numbers in the addon's form. */
import type { NoiseClass } from '../../equations/noise-class.js';
import type { EquationSde } from '../../equations/sde.js';
import { invalidOption } from '../../errors.js';
import type { NativeControl } from '../../native.js';
import { eulerMaruyama } from '../euler-maruyama.js';
import { EULER_MARUYAMA_FACTS } from './euler-maruyama.js';
import type { PathSolver, PathSolverFacts, PathSolverMaker } from './facts.js';
import * as listed from './list.js';

/** Facts and maker of every path solver. */
export const PATH_SOLVERS: readonly { facts: PathSolverFacts; make: (options: object) => { kind: string } }[] = [
  { facts: EULER_MARUYAMA_FACTS, make: eulerMaruyama },
  ...Object.values(listed)
    .filter((one): one is PathSolverMaker => typeof one === 'function' && 'facts' in one)
    .map(make => ({ facts: make.facts, make })),
];

/** The solver of that kind, with the options beside `kind`. `steps` takes the place of its own choice of steps. */
export function pathSolver(option: string, { kind, ...options }: { kind: string }, steps?: number): { kind: string } {
  const known = PATH_SOLVERS.find(({ facts }) => facts.kind === kind);
  if (known === undefined) {
    const kinds = PATH_SOLVERS.map(({ facts }) => facts.kind);
    throw invalidOption(option, kind, `one of ${kinds.join(', ')}`);
  }
  return known.make(steps === undefined ? options : { steps });
}

/** A solver that fits, with the equations in the calculus it takes. */
export interface ChosenSolver {
  facts: PathSolverFacts;
  solver: PathSolver;
  sde: EquationSde;
  /** Where it was not the caller's choice. */
  why?: string;
}

/** Throws ERR_SDE_INVALID_OPTION where `given` is no path solver, or cannot solve these equations; says what can. */
export function fittingSolver(option: string, given: unknown, sde: EquationSde): ChosenSolver {
  if (given === undefined) return defaultSolver(sde);
  const { kind } = given as { kind?: unknown };
  const known = PATH_SOLVERS.find(({ facts }) => facts.kind === kind);
  if (known === undefined) {
    const makers = PATH_SOLVERS.map(({ facts }) => `${facts.kind}()`).join(', ');
    throw invalidOption(option, given, 'a path solver', { hint: `They are ${makers}.` });
  }
  const { facts } = known;
  refuseOtherCalculus(option, given, facts, sde);
  refuseNoise(option, given, facts, sde);
  const { numbers, ...steps } = given as PathSolver;
  const solver = checkedAgain(known.make, { ...numbers, ...steps }, facts);
  if (solver.steps === 0 && facts.errorOrder === undefined) {
    throw invalidOption(`${option}.steps`, undefined, 'the number of equal steps');
  }
  return { facts, solver, sde };
}

/** The object may come from another thread or by hand. */
function checkedAgain(make: (options: object) => { kind: string }, given: object, facts: PathSolverFacts): PathSolver {
  const { kind: _, name: __, orders: ___, evaluationsPerStep: ____, ...options } = given as Record<string, unknown>;
  const equal = options.steps !== 0 && options.steps !== undefined;
  const own = Object.keys((given as PathSolver).numbers ?? {});
  const names = equal ? ['steps', ...own] : Object.keys(options).filter(name => name !== 'steps');
  const picked = Object.fromEntries(names.filter(name => name in options).map(name => [name, options[name]]));
  const made = make(picked) as PathSolver & { steps: number };
  if (facts !== EULER_MARUYAMA_FACTS) return made;
  return { ...EQUAL, kind: made.kind, steps: made.steps, numbers: {} };
}

/** What equal steps make of the tolerances: nothing. */
const EQUAL: Omit<PathSolver, 'kind' | 'steps' | 'numbers'> = {
  rtol: 0,
  atol: 1,
  norm: 'rms',
  h0: undefined,
  hMax: undefined,
  controller: { p: 0, i: 1, d: 0, safety: 1, factorMin: 0.5, factorMax: 2 },
  maxSteps: 2 ** 31 - 1,
};

function defaultSolver(sde: EquationSde): ChosenSolver {
  const { noiseClass, calculus } = sde;
  const named = (kind: string) => PATH_SOLVERS.find(({ facts }) => facts.kind === kind);
  const pick = (kinds: readonly string[], equations: EquationSde, why: string): ChosenSolver => {
    const { facts, make } = kinds.map(named).find(found => found !== undefined)!;
    return { facts, solver: make({}) as PathSolver, sde: equations, why: `${facts.kind}: ${why}` };
  };
  if (noiseClass === 'additive') return pick(['shark', 'heun'], sde, 'the noise is additive');
  if (calculus === 'ito' && (noiseClass === 'diagonal' || noiseClass === 'scalar')) {
    const why = noiseClass === 'diagonal' ? 'each state has a noise of its own' : 'there is one noise';
    return pick(['sriw1'], sde, `Itô, and ${why}`);
  }
  const converted = calculus === 'ito' ? ', converted to the Stratonovich calculus' : '';
  return pick(['heun'], sde.toStratonovich(), `${noiseClass} noise${converted}`);
}

function refuseOtherCalculus(option: string, given: unknown, facts: PathSolverFacts, sde: EquationSde): void {
  const { calculus } = sde;
  if (facts.calculus === 'either' || facts.calculus === calculus || sde.noiseClass === 'additive') return;
  const conversion = facts.calculus === 'ito' ? 'toIto()' : 'toStratonovich()';
  const words = { ito: 'Itô', stratonovich: 'Stratonovich' };
  throw invalidOption(option, given, `a solver for the ${words[calculus]} calculus, as the equations are`, {
    hint: `${facts.kind} solves ${words[facts.calculus]} SDEs: give it problem.${conversion}, the same process.`,
  });
}

function refuseNoise(option: string, given: unknown, facts: PathSolverFacts, sde: EquationSde): void {
  const { noiseClass, calculus } = sde;
  if (facts.noiseless && !hasNoise(sde)) return;
  if (!facts.noiseless && facts.orders[noiseClass] !== undefined) return;
  const able = PATH_SOLVERS.filter(
    one =>
      one.facts.orders[noiseClass] !== undefined &&
      (one.facts.calculus === 'either' || one.facts.calculus === calculus || noiseClass === 'additive'),
  ).map(one => one.facts.kind);
  const { pair } = sde.commutation;
  const why = pair ? ` (${pair.noises.join(' and ')} do not commute in ${pair.state})` : '';
  const converted = calculus === 'ito' ? ', or heun() with problem.toStratonovich()' : '';
  throw invalidOption(option, given, `a solver for ${facts.noiseless ? 'SDEs with' : ''} ${noiseClass} noise${why}`, {
    hint: `${facts.kind} can do ${classesOf(facts)}. Take ${able.join(', ') || 'another'}${converted}.`,
  });
}

function hasNoise(sde: EquationSde): boolean {
  return sde.diffusion.flat().some(text => text !== '0');
}

function classesOf({ orders, noiseless }: PathSolverFacts): string {
  return noiseless ? 'equations without noise' : `${(Object.keys(orders) as NoiseClass[]).join(', ')} noise`;
}

/** Exponents and steps of the controller for a span. */
export function nativeControl({ facts, solver }: ChosenSolver, span: number): NativeControl {
  const { p, i, d, safety, factorMin, factorMax } = solver.controller;
  const order = facts.errorOrder ?? 1;
  const hMax = Math.min(solver.hMax ?? span, span);
  return {
    rtol: solver.rtol,
    atol: solver.atol,
    norm: solver.norm,
    h0: Math.min(solver.h0 ?? span / 100, hMax),
    hMax,
    safety,
    factorMin,
    factorMax,
    pNow: (p + i + d) / order,
    pBefore: (p + 2 * d) / order,
    pEarlier: d / order,
  };
}
