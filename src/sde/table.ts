/** Schedules as piecewise cubics: what the native code reads where there is no formula. */
import { type SdeError, sdeError } from '../errors.js';
import { cubicAt, cubicThrough, NODES } from './chebyshev.js';
import type { ScheduleFunctions } from './facts.js';

/** In the order of the table. */
const SCHEDULE_NAMES = ['alpha', 'sigma', 'f', 'g'] as const;
export type ScheduleName = (typeof SCHEDULE_NAMES)[number];

/** alpha, sigma, f and g at NODES of a cell. */
export type Cell = Record<ScheduleName, number[]>;

/** Where the values come from. Cells are asked for from left to right; one that is too wide is asked for in halves. */
export interface CellSource {
  /** g may be NaN where the other three, if they are resolved on this cell, imply a negative g². */
  values(from: number, to: number): Cell;
  /** The cell has become part of the table. */
  accepted(cell: Cell, from: number, to: number): void;
  /** The option that a fault in each of the four comes from, 'affine.alpha'. */
  readonly blames: Record<ScheduleName, string>;
}

/** Layout: NativeSchedule in native.ts. */
export interface ScheduleTable {
  readonly edges: Float64Array;
  readonly cubics: Float64Array;
}

/** Relative accuracy of the table. */
const TABLE_ACCURACY = 1e-6;
/** Asked at the nodes; between them the error is at most a few per cent larger. */
const ACCURACY_AT_NODES = 0.9 * TABLE_ACCURACY;
const MAX_CELLS = 8192;
const FIRST_CELLS = 8;
/** A cell that needs to be narrower than this, relative to its t, holds a jump or a kink; rounding rules there. */
const NARROWEST = 2 ** -20;

/**
 * Bisects [tEnd, T] until every cell is accurate to TABLE_ACCURACY; throws ERR_SDE_SCHEDULE where that fails. `first`:
 * ends of the cells to begin with, from tEnd to T; between them the functions must be smooth.
 */
export function buildTable(source: CellSource, tEnd: number, T: number, first = evenly(tEnd, T)): ScheduleTable {
  const span = T - tEnd;
  const most = MAX_CELLS + first.length;
  const edges = [tEnd];
  const cubics: number[] = [];
  const add = (from: number, to: number): void => {
    const cell = source.values(from, to);
    const pieces = SCHEDULE_NAMES.map(name => cubicThrough(cell[name]));
    const fault = firstFault(cell, pieces, span);
    if (!fault) {
      cubics.push(...pieces.flat());
      edges.push(to);
      source.accepted(cell, from, to);
      return;
    }
    const option = source.blames[fault.name];
    const t = from + NODES[fault.node] * (to - from);
    if (Number.isNaN(cell[fault.name][fault.node])) {
      throw scheduleError(option, t, 'implies a negative g² = (sigma²)′ − 2·(alpha′/alpha)·sigma²');
    }
    if (to - from < NARROWEST * to) {
      throw scheduleError(option, t, 'is not smooth', 'Smooth the function, or let the process end before that time.');
    }
    if (edges.length > most) {
      throw scheduleError(option, t, `needs more than ${most} cubics for an accuracy of ${TABLE_ACCURACY}`);
    }
    const middle = from + (to - from) / 2;
    add(from, middle);
    add(middle, to);
  };
  for (let i = 1; i < first.length; i++) add(first[i - 1], first[i]);
  return { edges: Float64Array.from(edges), cubics: Float64Array.from(cubics) };
}

function evenly(tEnd: number, T: number): number[] {
  const inner = Array.from({ length: FIRST_CELLS }, (_, i) => tEnd + ((T - tEnd) * i) / FIRST_CELLS);
  return [...inner, T];
}

/**
 * What an error in a value is relative to. f may be zero, and then matters only as far as it changes ln alpha over the
 * whole span; likewise g, as far as it changes sigma.
 */
export function magnitudes(cell: Cell, node: number, span: number): Record<ScheduleName, number> {
  const [alpha, sigma, f, g] = SCHEDULE_NAMES.map(name => Math.abs(cell[name][node]));
  return { alpha, sigma, f: Math.max(f, 1 / span), g: Math.max(g, (0.01 * sigma) / Math.sqrt(span)) };
}

/** The worst node of the first function with a fault: f and g follow from alpha and sigma, or the other way round. */
function firstFault(cell: Cell, pieces: number[][], span: number): { name: ScheduleName; node: number } | undefined {
  const units = NODES.map((_, node) => magnitudes(cell, node, span));
  for (const [i, name] of SCHEDULE_NAMES.entries()) {
    const errors = NODES.map((u, node) => Math.abs(cubicAt(pieces[i], u) - cell[name][node]) / units[node][name]);
    const unknown = cell[name].findIndex(Number.isNaN);
    if (unknown >= 0) return { name, node: unknown };
    const worst = Math.max(...errors);
    if (!(worst <= ACCURACY_AT_NODES)) return { name, node: Math.max(0, errors.indexOf(worst)) };
  }
  return undefined;
}

/** The table as functions of t in [tEnd, T]; outside its first and last cubic go on. */
export function tableFunctions({ edges, cubics }: ScheduleTable): ScheduleFunctions {
  const at = (t: number, which: number): number => {
    let low = 0;
    let high = edges.length - 2;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (edges[middle] <= t) low = middle;
      else high = middle - 1;
    }
    return cubicAt(cubics, (t - edges[low]) / (edges[low + 1] - edges[low]), 16 * low + 4 * which);
  };
  return { alpha: t => at(t, 0), sigma: t => at(t, 1), f: t => at(t, 2), g: t => at(t, 3) };
}

export function scheduleError(option: string, t: number, problem: string, hint?: string, cause?: unknown): SdeError {
  const message = `${option} at t = ${Number(t.toPrecision(6))}: ${problem}.${hint ? ` ${hint}` : ''}`;
  return sdeError('ERR_SDE_SCHEDULE', message, {
    option,
    value: t,
    expected: `a finite smooth function, accurate to ${TABLE_ACCURACY} as a table`,
    ...(hint ? { hint } : {}),
    ...(cause === undefined ? {} : { cause }),
  });
}
