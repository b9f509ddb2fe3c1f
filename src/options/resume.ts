/** The option `resume` of `solve`: what it goes on from, and its checks. */
import { types } from 'node:util';
import type { Checkpoint, EqualPieces } from '../checkpoint.js';
import type { Equations } from '../equations/sde.js';
import { invalidOption } from '../errors.js';
import { PATH_STATUSES } from '../words.js';
import { numberOption, optionsObject } from './checks.js';

const NAMES: readonly (keyof Checkpoint)[] = [
  't0',
  't',
  'paths',
  'states',
  'W',
  'solver',
  'seed',
  'firstIndex',
  'precision',
  'steps',
  'control',
  'next',
  'cells',
  'attempts',
  'endTimes',
  'status',
];

/** Options of which the checkpoint tells. */
const SAID = ['t0', 'x0', 'paths', 'solver', 'seed', 'firstIndex', 'precision', 'path'] as const;

/** Of the options of solve. */
type Given = Readonly<Partial<Record<(typeof SAID)[number], unknown>>> & { resume?: Checkpoint; saveW?: boolean };

export interface Resumed {
  checkpoint: Checkpoint;
  /** In place of those that the checkpoint tells of. */
  options: Pick<Checkpoint, 'paths' | 'solver' | 'seed' | 'firstIndex' | 'precision'> & {
    t0: number;
    x0: Float64Array;
  };
}

/** Throws ERR_SDE_INVALID_OPTION; the numbers among the options are checked as the caller's own are. */
export function checkedResume(where: string, given: Given, sde: Equations): Resumed | undefined {
  if (given.resume === undefined) return undefined;
  const option = `${where}.resume`;
  for (const name of SAID) {
    if (given[name] === undefined) continue;
    throw invalidOption(`${where}.${name}`, given[name], 'nothing beside resume, which goes on with what it was');
  }
  const checkpoint = optionsObject<Checkpoint>(option, given.resume, NAMES) as Checkpoint;
  const paths = numberOption(`${option}.paths`, checkpoint.paths ?? Number.NaN, 0, { min: 1, integer: true });
  const rows = (name: keyof Checkpoint, width: number, isArray: (value: unknown) => boolean, kind: string) => {
    const array = checkpoint[name] as Float64Array;
    if (isArray(array) && array.length === paths * width) return;
    throw invalidOption(`${option}.${name}`, array, `a ${kind} of ${paths * width}, as result.checkpoint has it`);
  };
  const numbers = (name: keyof Checkpoint, width: number) => rows(name, width, types.isFloat64Array, 'Float64Array');
  numbers('states', sde.states.length);
  numbers('attempts', 1);
  numbers('endTimes', 1);
  rows('status', 1, types.isUint8Array, 'Uint8Array');
  if (given.saveW) numbers('W', sde.noises.length);
  if (checkpoint.steps === undefined) numbers('next', 3);
  for (const name of ['steps', 'cells'] as const) {
    if (checkpoint[name] !== undefined) checkedPieces(`${option}.${name}`, checkpoint[name]);
  }
  if (checkpoint.cells !== undefined && checkpoint.steps === undefined) {
    throw invalidOption(option, given.resume, 'a run of equal steps, or one without path', {
      hint: 'Steps by a tolerance and the pieces of `path` end at other times.',
    });
  }
  const { t0, t, states, status, solver, seed, firstIndex, precision } = checkpoint;
  numberOption(`${option}.t0`, t0 ?? Number.NaN, 0);
  return {
    checkpoint,
    options: {
      t0: t,
      x0: started(states, status),
      paths,
      solver,
      seed,
      firstIndex,
      precision,
    },
  };
}

function checkedPieces(option: string, given: EqualPieces): void {
  const { length, done } = optionsObject<EqualPieces>(option, given, ['length', 'done']);
  numberOption(`${option}.length`, length ?? Number.NaN, 0, { above: 0 });
  numberOption(`${option}.done`, done ?? Number.NaN, 0, { min: 0, integer: true });
}

/** Where paths go on; those that failed have no state, and stay as they are. */
function started(states: Float64Array, status: Uint8Array): Float64Array {
  const width = states.length / status.length;
  return states.map((x, i) => (failed(status[Math.floor(i / width)]) ? 0 : x));
}

function failed(status: number): boolean {
  const word = PATH_STATUSES[status];
  return word !== 'success' && word !== 'event';
}
