/** The times of a sampler with fixed steps: how many there are, and where. */
import { invalidOption } from '../errors.js';
import { nearest } from './checks.js';
import { MOST_PLANNED_STEPS } from './limits.js';
import { number, type Option } from './option.js';

/**
 * Where the steps end: equal in ln(alpha/sigma); equal in t; equal in √t; or equal in (sigma/alpha)^(1/7), as Karras et
 * al. (2022) have them.
 */
const GRIDS = ['logSnr', 'uniform', 'quadratic', 'karras'] as const;

export type GridName = (typeof GRIDS)[number];

export interface GridOptions {
  /** Steps from T to tEnd, 1 … 2^14. A list of times has its own number of them. */
  steps?: number;
  /** A name, or the times themselves: falling, from the SDE's T to its tEnd. */
  grid?: GridName | readonly number[];
}

export interface Gridded {
  readonly steps: number;
  readonly grid: GridName | readonly number[];
}

/** The rows, the grid first: the number of steps may follow from it. */
export function gridRows(steps: number, grid: GridName) {
  const row: Option<GridName | readonly number[], unknown> = {
    check: (name, given) => gridOption(name, given, grid),
    default: `'${grid}'`,
    value: grid,
    help: 'where the steps end',
    flag: { flags: '--grid <name>', takes: 'text', choices: GRIDS },
  };
  const count = number({
    default: { words: String(steps), of: (earlier: Gridded) => lengthOf(earlier) ?? steps },
    range: (earlier: Gridded) => ({
      min: lengthOf(earlier) ?? 1,
      max: lengthOf(earlier) ?? MOST_PLANNED_STEPS,
      integer: true,
    }),
    help: 'steps',
    flag: { positional: 'STEPS' },
  });
  return { grid: row, steps: { ...count, value: steps } };
}

const lengthOf = ({ grid }: Gridded): number | undefined => (Array.isArray(grid) ? grid.length - 1 : undefined);

function gridOption(name: string, given: unknown, fallback: GridName): GridName | readonly number[] {
  const value = given === undefined ? fallback : given;
  if (GRIDS.includes(value as GridName)) return value as GridName;
  const names = GRIDS.map(grid => `'${grid}'`).join(', ');
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) {
    const near = typeof value === 'string' ? nearest(value, GRIDS) : undefined;
    const hint = near && `Did you mean '${near}'?`;
    throw invalidOption(name, value, `one of ${names}, or a list of times`, { hint });
  }
  const times = Array.from(value as ArrayLike<unknown>);
  const falls = times.every((t, k) => Number.isFinite(t) && (k === 0 || (t as number) < (times[k - 1] as number)));
  if (times.length < 2 || times.length > MOST_PLANNED_STEPS + 1 || !falls) {
    throw invalidOption(name, value, `2 to ${MOST_PLANNED_STEPS + 1} falling times, from T to tEnd`);
  }
  return Object.freeze(times as number[]);
}
