/** Path solvers of any kind: which there are, which fits a problem, and their numbers in the addon's form. */

import type { Need } from '../../equations/lower.js';
import type { NoiseClass } from '../../equations/noise-class.js';
import { type Equations, mostNoises, notLangevin, outsideOf } from '../../equations/sde.js';
import { invalidOption } from '../../errors.js';
import type { NativeControl } from '../../native-paths.js';
import { readable } from '../../options/checks.js';
import { eulerMaruyamaOfPaths } from './euler-maruyama.js';
import type { PathSolver, PathSolverFacts, PathSolverMaker } from './facts.js';
import * as listed from './list.js';

const PATH_SOLVERS: readonly PathSolverMaker<never>[] = [eulerMaruyamaOfPaths, ...Object.values(listed)];

/** What every path solver declares. */
export function pathSolvers(): PathSolverFacts[] {
  return PATH_SOLVERS.map(({ facts }) => facts);
}

/** The solver of that kind, with the options beside `kind`. `steps` takes the place of its own choice of steps. */
export function pathSolver(option: string, { kind, ...options }: { kind: string }, steps?: number): PathSolver {
  const make = makerOf(kind);
  if (make === undefined) {
    const kinds = PATH_SOLVERS.map(({ facts }) => facts.kind);
    throw invalidOption(option, kind, `one of ${kinds.join(', ')}`);
  }
  return make(steps === undefined ? options : { steps });
}

function makerOf(kind: unknown): PathSolverMaker | undefined {
  return PATH_SOLVERS.find(({ facts }) => facts.kind === kind) as PathSolverMaker | undefined;
}

/** A solver that fits, with the equations in the calculus it takes. */
export interface ChosenSolver {
  facts: PathSolverFacts;
  solver: PathSolver;
  sde: Equations;
  /** Where it was not the caller's choice. */
  why?: string;
}

/** Throws ERR_SDE_INVALID_OPTION where `given` is no path solver, or cannot solve these equations; says what can. */
export function fittingSolver(option: string, given: unknown, sde: Equations): ChosenSolver {
  if (given === undefined) return defaultSolver(option, sde);
  return readable(option, () => chosenSolver(option, given, sde));
}

function chosenSolver(option: string, given: unknown, sde: Equations): ChosenSolver {
  const make = makerOf((given as { kind?: unknown } | null)?.kind);
  if (make === undefined) {
    const makers = PATH_SOLVERS.map(({ facts }) => `${facts.kind}()`).join(', ');
    throw invalidOption(option, given, 'a path solver', { hint: `They are ${makers}.` });
  }
  const { facts } = make;
  refuseOtherCalculus(option, given, facts, sde);
  refuseNoise(option, given, facts, sde);
  refuseForm(option, given, facts, sde);
  refuseNeeds(option, given, facts, sde);
  return { facts, solver: checkedAgain(make, given as PathSolver), sde };
}

/** The object may come from another thread or by hand, and eulerMaruyama's is made for samples too. */
function checkedAgain(make: PathSolverMaker, given: PathSolver): PathSolver {
  const { steps, numbers = {} } = given;
  const own = Object.fromEntries(make.own.map(name => [name, (numbers as Record<string, unknown>)[name]]));
  if (steps > 0) return make({ steps, ...own });
  const { rtol, atol, norm, h0, hMax, controller, maxSteps } = given;
  return make({ rtol, atol, norm, h0, hMax, controller, maxSteps, ...own });
}

function defaultSolver(option: string, sde: Equations): ChosenSolver {
  const { noiseClass, calculus } = sde;
  const pick = (kind: string, equations: Equations, why: string): ChosenSolver => {
    const make = makerOf(kind)!;
    return { facts: make.facts, solver: make({}), sde: equations, why: `${kind}: ${why}` };
  };
  if (noiseClass === 'additive') return pick('shark', sde, 'the noise is additive');
  if (calculus === 'ito' && (noiseClass === 'diagonal' || noiseClass === 'scalar')) {
    const why = noiseClass === 'diagonal' ? 'each state has a noise of its own' : 'there is one noise';
    return pick('sriw1', sde, `Itô, and ${why}`);
  }
  if (calculus === 'ito' && outsideOf(sde)) {
    throw invalidOption(option, undefined, `a solver for ${noiseClass} noise in the Itô calculus`, {
      hint: `A function cannot be converted to the Stratonovich calculus. Take ${ableOnes(sde)}, with { steps }.`,
    });
  }
  const converted = calculus === 'ito' ? ', converted to the Stratonovich calculus' : '';
  return pick('heun', sde.toStratonovich(), `${noiseClass} noise${converted}`);
}

function refuseOtherCalculus(option: string, given: unknown, facts: PathSolverFacts, sde: Equations): void {
  const { calculus } = sde;
  if (facts.calculus === 'either' || facts.calculus === calculus || sde.noiseClass === 'additive') return;
  const conversion = facts.calculus === 'ito' ? 'toIto()' : 'toStratonovich()';
  const words = { ito: 'Itô', stratonovich: 'Stratonovich' };
  throw invalidOption(option, given, `a solver for the ${words[calculus]} calculus, as the equations are`, {
    got: `${facts.kind}()`,
    hint: outsideOf(sde)
      ? `${facts.kind} solves ${words[facts.calculus]} SDEs. Take ${ableOnes(sde)}.`
      : `${facts.kind} solves ${words[facts.calculus]} SDEs: give it problem.${conversion}, the same process.`,
  });
}

function refuseNoise(option: string, given: unknown, facts: PathSolverFacts, sde: Equations): void {
  const { noiseClass, calculus } = sde;
  if (canDo(facts, sde)) return;
  const { pair } = sde.commutation;
  const why = pair ? ` (${pair.noises.join(' and ')} do not commute in ${pair.state})` : '';
  const converted = calculus === 'ito' && !outsideOf(sde) ? ', or heun() with problem.toStratonovich()' : '';
  throw invalidOption(option, given, `a solver for ${noiseClass} noise${why}`, {
    got: `${facts.kind}()`,
    hint: `${facts.kind} can do ${classesOf(facts)}. Take ${ableOnes(sde)}${converted}.`,
  });
}

/** Solvers for these equations, by name. */
function ableOnes(sde: Equations): string {
  const { noiseClass, calculus } = sde;
  const able = PATH_SOLVERS.filter(
    ({ facts }) =>
      facts.orders[noiseClass] !== undefined &&
      facts.form === undefined &&
      missingNeed(facts, sde) === undefined &&
      (facts.calculus === 'either' || facts.calculus === calculus || noiseClass === 'additive'),
  );
  return able.map(({ facts }) => facts.kind).join(', ') || 'another';
}

function refuseForm(option: string, given: unknown, { kind, form }: PathSolverFacts, sde: Equations): void {
  const fault = form && notLangevin(sde);
  if (fault === undefined) return;
  throw invalidOption(option, given, 'a solver for these equations', {
    got: `${kind}()`,
    hint: `${kind} is for positions, then as many velocities: dx = v*dt, dv = (F(x) - g*v)*dt + s*dW. Here ${fault}.`,
  });
}

/** What a function does not give. */
const NEEDS: Readonly<Record<Need, { of: 'drift' | 'diffusion'; words: string }>> = {
  milstein: { of: 'diffusion', words: 'derivatives of the diffusion' },
  columns: { of: 'diffusion', words: 'single columns of the diffusion' },
  jacobian: { of: 'drift', words: 'derivatives of the drift' },
  friction: { of: 'drift', words: 'derivatives of the drift' },
};

function missingNeed({ needs = [] }: PathSolverFacts, sde: Equations): Need | undefined {
  const outside = outsideOf(sde);
  return needs.find(need => outside?.[NEEDS[need].of]);
}

function refuseNeeds(option: string, given: unknown, facts: PathSolverFacts, sde: Equations): void {
  const need = missingNeed(facts, sde);
  if (need === undefined) return;
  const { of, words } = NEEDS[need];
  throw invalidOption(option, given, `a solver for a ${of} that is a function`, {
    got: `${facts.kind}()`,
    hint: `${facts.kind} needs ${words}, which a function does not give. Take ${ableOnes(sde)}.`,
  });
}

/** Noise that is 0 is any, and additive noise is also each state's own where none has two. */
function canDo({ orders, noiseless }: PathSolverFacts, sde: Equations): boolean {
  const { noiseClass } = sde;
  if (!noiseless && orders[noiseClass] !== undefined) return true;
  if (noiseClass !== 'additive') return false;
  const most = mostNoises(sde);
  return most === 0 || (most === 1 && (orders.diagonal ?? orders.scalar) !== undefined);
}

function classesOf({ orders, noiseless }: PathSolverFacts): string {
  return noiseless ? 'equations without noise' : `${(Object.keys(orders) as NoiseClass[]).join(', ')} noise`;
}

/** Exponents and steps of the controller for a span. */
export function nativeControl({ facts, solver, sde }: ChosenSolver, span: number): NativeControl {
  const { p, i, d, safety, factorMin, factorMax } = solver.controller;
  const order = facts.errorOrder ?? 1;
  // Areas between noises that do not commute are in no error estimate.
  const longest = sde.noiseClass === 'general' ? span / 100 : span;
  const hMax = Math.min(solver.hMax ?? longest, span);
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
