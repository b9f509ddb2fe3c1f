/** Which steps a job over paths takes, and where it leaves them for a later run. */

import type { Checkpoint, EqualPieces } from '../checkpoint.js';
import { invalidOption } from '../errors.js';
import type { NativeControl, NativeEarlier, NativePathFigures } from '../native-paths.js';
import type { CheckedSolve } from '../options/solve.js';
import { type ChosenSolver, nativeControl } from '../solver/paths/solver.js';
import { PATH_STATUSES } from '../words.js';

export interface StepsPlan {
  /** Equal ones of this run; 0: as `control` says. */
  steps: number;
  /** Equal pieces that the Brownian path is made of in this run; 0: a piece an attempt. */
  cells: number;
  stepLength: number;
  cellLength: number;
  control?: NativeControl;
}

export function stepsPlan(checked: CheckedSolve, chosen: ChosenSolver): StepsPlan {
  const { t0, t1, resume } = checked;
  const span = Math.abs(t1 - t0);
  if (resume === undefined) {
    const { steps } = chosen.solver;
    const cells = checked.cells || steps;
    const control = steps === 0 ? nativeControl(chosen, span) : undefined;
    return { steps, cells, stepLength: span / steps, cellLength: span / cells, control };
  }
  const { steps, cells = steps, control } = resume;
  return {
    steps: steps === undefined ? 0 : whole(checked, steps),
    cells: cells === undefined ? 0 : whole(checked, cells),
    stepLength: steps?.length ?? 0,
    cellLength: cells?.length ?? 0,
    control,
  };
}

/** How many pieces lead from where the paths are to t1. */
function whole({ t0, t1, resume }: CheckedSolve, { length, done }: EqualPieces): number {
  const isWhole = (pieces: number) => Math.abs(pieces - Math.round(pieces)) < 1e-9 * Math.max(1, pieces);
  const over = Math.abs(t0 - (resume?.t0 ?? t0)) / length;
  if (!isWhole(over) || Math.round(over) !== done) {
    throw invalidOption('solve.resume', t0, 'a run that ended where one of its equal steps does');
  }
  const count = Math.abs(t1 - t0) / length;
  if (!isWhole(count) || Math.round(count) === 0) {
    const after = (pieces: number) => t0 + Math.sign(t1 - t0) * pieces * length;
    const fitting = [Math.floor(count), Math.ceil(count)].filter(pieces => pieces > 0);
    throw invalidOption('solve.t1', t1, `a whole number of the run's steps of ${length} after ${t0}`, {
      hint: `Such are ${fitting.map(after).join(' and ')}.`,
    });
  }
  return Math.round(count);
}

/** What the addon is told of the runs before. */
export function earlierRun({ resume, saveW, t1 }: CheckedSolve): NativeEarlier | undefined {
  if (resume === undefined) return undefined;
  const { t0, W, attempts, next, status, steps, cells = steps } = resume;
  const forward = t1 > resume.t;
  return {
    t0: forward ? t0 : 0,
    step: steps?.length ?? 0,
    steps: steps?.done ?? 0,
    cell: cells?.length ?? 0,
    cells: cells?.done ?? 0,
    attempts,
    status,
    ended: forward ? resume.endTimes : resume.endTimes.map(time => t0 - time),
    ...(next && { next }),
    ...(saveW && { W }),
  };
}

/** Where a run leaves its paths. Undefined where some were not begun. */
export function checkpoint(
  checked: CheckedSolve,
  plan: StepsPlan,
  figures: NativePathFigures,
  endTimes: Float64Array,
  states: Float64Array | Float32Array,
  W: Float64Array | Float32Array | undefined,
): Checkpoint | undefined {
  const { resume, times, paths, seed, firstIndex, float64, sde } = checked;
  if (figures.status.includes(PATH_STATUSES.indexOf('unfinished'))) return undefined;
  const t0 = resume?.t0 ?? checked.t0;
  const t = times[times.length - 1];
  const pieces = (length: number): EqualPieces => ({ length, done: Math.round(Math.abs(t - t0) / length) });
  const { steps, cells, stepLength, cellLength, control } = plan;
  return {
    t0,
    t,
    paths,
    states: lastRows(states, paths, times.length, sde.states.length),
    ...(W && { W: lastRows(W, paths, times.length, sde.noises.length) }),
    solver: resume ? resume.solver : (checked.solver as Checkpoint['solver']),
    seed,
    firstIndex,
    precision: float64 ? 'float64' : 'float32',
    ...(steps > 0 && { steps: pieces(stepLength) }),
    ...(cells !== steps && { cells: pieces(cellLength) }),
    ...(control && { control, next: figures.next }),
    attempts: Float64Array.from(
      figures.accepted,
      (accepted, i) => (resume?.attempts[i] ?? 0) + accepted + figures.rejected[i],
    ),
    endTimes,
    status: figures.status,
  };
}

/** Of [paths, times, width] the last time: [paths, width]. */
function lastRows(all: Float64Array | Float32Array, paths: number, times: number, width: number): Float64Array {
  const last = new Float64Array(paths * width);
  for (let path = 0; path < paths; path++) {
    const from = ((path + 1) * times - 1) * width;
    last.set(all.subarray(from, from + width), path * width);
  }
  return last;
}
