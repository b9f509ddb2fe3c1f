/** The options of `solve`: what they are, and their checks in the order in which they are made. */
import { types } from 'node:util';
import type { Checkpoint } from '../checkpoint.js';
import { checkedEquations, type Equations } from '../equations/sde.js';

import { invalidOption } from '../errors.js';
import { allocated } from '../run/allocate.js';
import { isNumberList, type NumberList } from '../run/private-copy.js';
import type { PathSolver } from '../solver/paths/facts.js';
import { ON_FAILURE, type OnFailure } from '../words.js';
import {
  booleanOption,
  choiceOption,
  functionOption,
  numberOption,
  optionsObject,
  readable,
  seedOption,
} from './checks.js';
import { type CudaDevice, parsedOneDevice } from './device.js';
import { MOST_STEPS, MOST_THREADS } from './limits.js';
import { checkedResume } from './resume.js';
import { checkedCount, checkedFirstIndex, checkedSignal } from './sample-checks.js';

/** When states are kept: at the end, after every step of a path, at multiples after t0, or at these times. */
export type SaveAt = 'end' | 'steps' | { every: number } | readonly number[] | Float64Array;

export interface SolveProgress {
  /** Paths that are done. */
  finished: number;
  paths: number;
}

/** A solver of samples that paths can have too. */
export interface EqualSteps {
  readonly kind: string;
  readonly steps: number;
}

export interface PathEvent {
  /** A function of the states, t and parameters, as in equations; the event is where it crosses 0. */
  when: string;
  /** Which way: 'up', 'down', or 'both' (default). */
  direction?: 'up' | 'down' | 'both';
  /** Whether the path ends there. Default true. */
  terminal?: boolean;
}

export interface SolveOptions {
  /** Default 0. */
  t0?: number;
  /** Before or after t0. Required. */
  t1: number;
  /** A number a state, for all paths, or [paths, states]. Required, except beside `resume`. */
  x0?: readonly number[] | Float64Array | Float32Array;
  /** At least 1. Default 1. */
  paths?: number;
  /** Default: chosen by calculus and noise class; the result says which and why. */
  solver?: PathSolver | EqualSteps;
  /** Default 'end'. Times are hit by steps, never interpolated. */
  saveAt?: SaveAt;
  /** Integer from 0 to 2^64 − 1. Path k depends on nothing but seed and index. Default 0. */
  seed?: number | bigint;
  /** Paths are firstIndex … firstIndex + paths − 1. Default 0. */
  firstIndex?: number;
  /** Of states and arithmetic; time is always float64. Default 'float64'. */
  precision?: 'float64' | 'float32';
  /** The Brownian path is made of so many equal pieces of the span, whatever the steps: solvers and step sizes share it. */
  path?: { steps: number };
  /** Whether the result has W at the saved times too. Default false. */
  saveW?: boolean;
  events?: readonly PathEvent[];
  /**
   * `result.checkpoint` of an earlier run, whose paths go on to t1. It tells of t0, x0, paths, solver, seed, firstIndex,
   * precision and path, which must be left out; the equations should be the same.
   */
  resume?: Checkpoint;
  /** Threads; 0 (default): one a core. Where drift or diffusion is a function or a module it is one. */
  threads?: number;
  /**
   * Where the paths are solved; they are the same bit for bit. 'auto' (default): 'cuda:0' where the CUDA plugin sees it, the
   * job can run there and has 4096 paths or more; else the CPU.
   */
  device?: 'auto' | 'cpu' | CudaDevice;
  /** LibTorch's threads in modules, 0 … 1024; 0 (default): its own choice. */
  networkThreads?: number;
  /** 'throw' (default): paths that fail reject the promise, with all others in the error's result. 'keep': they do not. */
  onFailure?: OnFailure;
  onProgress?: (progress: SolveProgress) => unknown;
  signal?: AbortSignal;
}

export interface CheckedSolve {
  sde: Equations;
  t0: number;
  t1: number;
  /** As given. */
  x0: NumberList;
  paths: number;
  solver: unknown;
  steps: boolean;
  /** In the direction of time, up to t1. */
  times: Float64Array;
  seed: bigint;
  firstIndex: number;
  float64: boolean;
  cells: number;
  saveW: boolean;
  events: Required<PathEvent>[];
  threads: number;
  /** 'auto', 'cpu' or 'cuda:0': see run/paths-device.ts. */
  device: string;
  networkThreads: number;
  onFailure: OnFailure;
  onProgress: SolveOptions['onProgress'];
  signal: AbortSignal | undefined;
  resume: Checkpoint | undefined;
}

export const SOLVE_OPTIONS: readonly (keyof SolveOptions)[] = [
  't0',
  't1',
  'x0',
  'paths',
  'solver',
  'saveAt',
  'seed',
  'firstIndex',
  'precision',
  'path',
  'saveW',
  'events',
  'threads',
  'device',
  'networkThreads',
  'onFailure',
  'onProgress',
  'signal',
];

/** Saved times of one path. They are looked at before the job starts, which keeps the event loop for so long. */
const MOST_TIMES = 2 ** 22;

/** `given`: what `optionsObject` read. */
export function checkedSolve(where: string, equations: Equations, given: SolveOptions): CheckedSolve {
  const sde = checkedEquations(`${where}.problem`, equations);
  return readable(`${where} options`, () => checkedOptions(where, sde, given));
}

function checkedOptions(where: string, sde: Equations, own: SolveOptions): CheckedSolve {
  const resumed = checkedResume(where, own, sde);
  const given = { ...own, ...resumed?.options };
  const name = (option: string) => `${where}.${option}`;
  const t0 = numberOption(name('t0'), given.t0, 0);
  const t1 = numberOption(name('t1'), given.t1 ?? Number.NaN, 0);
  if (t0 === t1) throw invalidOption(name('t1'), t1, 'another time than t0');
  if (!Number.isFinite(t1 - t0))
    throw invalidOption(name('t1'), t1, `a time that is less than 1.8e308 from t0 = ${t0}`);
  const paths = checkedCount(name('paths'), given.paths);
  const saveAt = given.saveAt ?? 'end';
  return {
    sde,
    t0,
    t1,
    paths,
    x0: checkedStart(name('x0'), given.x0, sde.states.length, paths),
    solver: given.solver,
    steps: saveAt === 'steps',
    times: checkedTimes(name('saveAt'), saveAt, t0, t1),
    seed: seedOption(name('seed'), given.seed),
    firstIndex: checkedFirstIndex(name('firstIndex'), given.firstIndex, { count: paths }),
    float64: choiceOption(name('precision'), given.precision, ['float64', 'float32'], 'float64') === 'float64',
    cells: checkedCells(name('path'), given.path),
    saveW: booleanOption(name('saveW'), given.saveW, false),
    events: checkedEvents(name('events'), given.events),
    threads: numberOption(name('threads'), given.threads, 0, { min: 0, max: MOST_THREADS, integer: true }),
    device: parsedOneDevice(name('device'), given.device),
    networkThreads: numberOption(name('networkThreads'), given.networkThreads, 0, {
      min: 0,
      max: MOST_THREADS,
      integer: true,
    }),
    onFailure: choiceOption(name('onFailure'), given.onFailure, ON_FAILURE, 'throw'),
    onProgress: functionOption(name('onProgress'), given.onProgress),
    signal: checkedSignal(name('signal'), given.signal),
    resume: resumed?.checkpoint,
  };
}

/** Looks at the length alone: there may be many millions of numbers. See `privateNumbers`. */
export function checkedStart(option: string, given: unknown, states: number, paths: number): NumberList {
  if (!isNumberList(given)) throw invalidOption(option, given, `${states} numbers, one a state`);
  if (given.length !== states && given.length !== paths * states) {
    const expected = `${states} numbers, one a state${paths > 1 ? `, or ${paths * states}, as many a path` : ''}`;
    throw invalidOption(option, given, expected, { code: 'ERR_SDE_INVALID_SHAPE' });
  }
  return given;
}

function checkedTimes(option: string, saveAt: unknown, t0: number, t1: number): Float64Array {
  if (saveAt === 'end' || saveAt === 'steps') return Float64Array.of(t1);
  if (Array.isArray(saveAt) || types.isFloat64Array(saveAt)) return checkedListOfTimes(option, saveAt, t0, t1);
  if (typeof saveAt !== 'object' || saveAt === null) {
    throw invalidOption(option, saveAt, "'end', 'steps', { every: interval } or a list of times");
  }
  const { every } = optionsObject<{ every?: number }>(option, saveAt, ['every']);
  const interval = numberOption(`${option}.every`, every ?? Number.NaN, 0, { above: 0 });
  const forward = t1 > t0;
  const span = Math.abs(t1 - t0);
  const count = Math.ceil((span / interval) * (1 - 1e-12));
  if (!(count <= MOST_TIMES)) throw invalidOption(`${option}.every`, every, `at least ${span / MOST_TIMES}`);
  const times = newTimes(count);
  for (let i = 0, before = t0; i < count; before = times[i++]) {
    times[i] = i === count - 1 ? t1 : t0 + (forward ? interval : -interval) * (i + 1);
    if (!(forward ? times[i] > before : times[i] < before)) {
      throw invalidOption(`${option}.every`, every, `an interval that a time near ${before} can tell`);
    }
  }
  return times;
}

function checkedListOfTimes(option: string, given: ArrayLike<unknown>, t0: number, t1: number): Float64Array {
  const { length } = given;
  if (length === 0 || length > MOST_TIMES) throw invalidOption(option, given, `1 … ${MOST_TIMES} times`);
  const forward = t1 > t0;
  const times = newTimes(length);
  for (let i = 0, before = t0; i < length; before = times[i++]) {
    const time = given[i];
    const fits = typeof time === 'number' && (forward ? time > before && time <= t1 : time < before && time >= t1);
    if (!fits) {
      const expected = `times that ${forward ? 'increase' : 'decrease'} from t0 = ${t0} (left out) to t1 = ${t1}`;
      throw invalidOption(`${option}[${i}]`, time, expected);
    }
    times[i] = time;
  }
  return times;
}

function newTimes(length: number): Float64Array {
  return allocated(`${length} times`, 8 * length, () => new Float64Array(length), { option: 'saveAt' });
}

function checkedCells(option: string, given: unknown): number {
  if (given === undefined) return 0;
  const { steps } = optionsObject<{ steps?: number }>(option, given as object, ['steps']);
  return numberOption(`${option}.steps`, steps ?? Number.NaN, 0, { min: 1, max: MOST_STEPS, integer: true });
}

const DIRECTIONS = ['up', 'down', 'both'] as const;

function checkedEvents(option: string, given: unknown): Required<PathEvent>[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) throw invalidOption(option, given, 'an array of { when, direction, terminal }');
  // Not by map, which leaves holes out.
  return Array.from(given as unknown[], (event, i) => {
    const name = `${option}[${i}]`;
    const { when, direction, terminal } = optionsObject<PathEvent>(name, event as PathEvent, [
      'when',
      'direction',
      'terminal',
    ]);
    if (typeof when !== 'string') throw invalidOption(`${name}.when`, when, 'a function as text, such as "x - 1"');
    return {
      when,
      direction: choiceOption(`${name}.direction`, direction, DIRECTIONS, 'both'),
      terminal: booleanOption(`${name}.terminal`, terminal, true),
    };
  });
}
