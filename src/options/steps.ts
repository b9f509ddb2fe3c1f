/** How a path solver chooses its steps: equal ones, or by a tolerance. */
import { invalidOption } from '../errors.js';
import { NORMS, type Norm } from '../words.js';
import { numberOption, optionsObject } from './checks.js';
import { MOST_STEPS } from './limits.js';
import { type AnyOptionTable, checkedTable, choice, number, type OptionTable } from './option.js';

/**
 * A PID controller of E, the error in units of what is allowed (Söderlind 2003):
 * h ← h · safety · E^−(p+i+d)/k · E_before^(p+2d)/k · E_earlier^−d/k, with k the order of the error estimate.
 */
export interface Controller {
  /** Default 0.1. */
  p?: number;
  /** Default 0.3. */
  i?: number;
  /** Default 0. */
  d?: number;
  /** Factor on every step, in (0, 1]. Default 0.9. */
  safety?: number;
  /** The step shrinks by this factor at most, in (0, 1). Default 0.2. */
  factorMin?: number;
  /** The step grows by this factor at most, > 1. Default 5. */
  factorMax?: number;
}

/** Either `steps`, or tolerances. */
export interface StepOptions {
  /** Equal steps over the whole span, 1 … 2^31 − 1. */
  steps?: number;
  /** Relative tolerance, ≥ 0: of each state, an error of atol + rtol·max(|x before|, |x after|) a step. Default 1e-3. */
  rtol?: number;
  /** Absolute tolerance, > 0. Default 1e-6. */
  atol?: number;
  /** Over the states of one path. Default 'rms'. */
  norm?: Norm;
  /** The first step that is tried. Default: a hundredth of the span. */
  h0?: number;
  /**
   * No step is longer. Default: the span; a hundredth of it where noises do not commute, since the areas between them are in
   * no error estimate.
   */
  hMax?: number;
  controller?: Controller;
  /** Steps tried, a path: one that needs more ends as 'maxSteps'. Default 1e6. */
  maxSteps?: number;
}

export interface CheckedSteps {
  /** 0: by the tolerances. */
  steps: number;
  rtol: number;
  atol: number;
  norm: Norm;
  /** Undefined: a hundredth of the span. */
  h0: number | undefined;
  /** Undefined: the span, or a hundredth of it. */
  hMax: number | undefined;
  controller: Required<Controller>;
  maxSteps: number;
}

const CONTROLLER: OptionTable<Controller, Required<Controller>> = {
  p: controllerNumber(0.1, 'proportional part', { min: 0, max: 2 }),
  i: controllerNumber(0.3, 'integral part', { above: 0, max: 2 }),
  d: controllerNumber(0, 'derivative part', { min: 0, max: 2 }),
  safety: controllerNumber(0.9, 'factor on every proposed step', { above: 0, max: 1 }),
  factorMin: controllerNumber(0.2, 'a step shrinks by this factor at most', { above: 0, below: 1 }),
  factorMax: controllerNumber(5, 'a step grows by this factor at most', { above: 1, max: 1e6 }),
};

function controllerNumber(value: number, help: string, range: Parameters<typeof numberOption>[3]) {
  return number({ default: value, range, help, flag: { none: 'stands in the problem file' } });
}

const inFile = { none: 'stands in the problem file' };

export const STEP_OPTIONS: OptionTable<StepOptions, CheckedSteps> = {
  steps: {
    check: (name, given) =>
      given === undefined ? 0 : numberOption(name, given, 0, { min: 1, max: MOST_STEPS, integer: true }),
    default: 'by the tolerances',
    help: 'equal steps',
    flag: inFile,
  },
  rtol: number({ default: 1e-3, range: { min: 0, max: 1 }, help: 'relative tolerance', flag: inFile }),
  atol: number({ default: 1e-6, range: { above: 0 }, help: 'absolute tolerance', flag: inFile }),
  norm: choice({ default: 'rms', choices: NORMS, help: 'error norm over one path', flag: inFile }),
  h0: {
    check: (name, given) => (given === undefined ? undefined : numberOption(name, given, 1, { above: 0 })),
    default: 'a hundredth of the span',
    help: 'first step',
    flag: inFile,
  },
  hMax: {
    check: (name, given) => (given === undefined ? undefined : numberOption(name, given, 1, { above: 0 })),
    default: 'the span, or a hundredth',
    help: 'longest step',
    flag: inFile,
  },
  controller: {
    check: (name, given) => checkedTable(name, given as Controller | undefined, CONTROLLER),
    default: 'p 0.1, i 0.3, d 0',
    help: 'how the error sets the next step',
    flag: inFile,
  },
  maxSteps: number({
    default: 1e6,
    range: { min: 1, max: MOST_STEPS, integer: true },
    help: 'steps tried, a path',
    flag: inFile,
  }),
};

/** Names that mean nothing beside `steps`. */
const OF_TOLERANCES = ['rtol', 'atol', 'norm', 'h0', 'hMax', 'controller', 'maxSteps'];

/**
 * The checked options of a solver: its steps, and its `own` numbers. Throws ERR_SDE_INVALID_OPTION where steps and
 * tolerances are both given, or neither suits the solver.
 */
export function checkedSteps<Own extends object>(
  { kind, errorOrder }: { kind: string; errorOrder?: number },
  options: (StepOptions & Own) | undefined,
  table: AnyOptionTable,
  own: readonly string[],
): { steps: CheckedSteps; numbers: Record<string, number> } {
  const given = optionsObject<Record<string, unknown>>(kind, options as Record<string, unknown>, Object.keys(table));
  const tolerances = OF_TOLERANCES.filter(name => given[name] !== undefined);
  if (given.steps !== undefined && tolerances.length > 0) {
    throw invalidOption(`${kind}.${tolerances[0]}`, given[tolerances[0]], 'nothing beside steps', {
      hint: 'Equal steps have no tolerance: give steps, or rtol and atol.',
    });
  }
  if (given.steps === undefined && errorOrder === undefined) {
    throw invalidOption(`${kind}.steps`, undefined, 'the number of equal steps', {
      hint: `${kind} has no error estimate that could choose its steps.`,
    });
  }
  const checked = checkedTable<Record<string, unknown>, Record<string, unknown>>(kind, given, table as never);
  const pick = (names: readonly string[]) => Object.fromEntries(names.map(name => [name, checked[name]]));
  return {
    steps: pick(Object.keys(STEP_OPTIONS)) as unknown as CheckedSteps,
    numbers: pick(own) as Record<string, number>,
  };
}
