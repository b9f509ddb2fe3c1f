/** The steps of paths as they were kept. */

import { setImmediate } from 'node:timers/promises';
import type { NativePathsJob } from '../native-paths.js';
import type { CheckedSolve } from '../options/solve.js';
import type { PathStats, SolvedSteps } from '../result.js';
import { allocated } from './allocate.js';

/** Numbers, and paths, that are handed out before the event loop gets its turn: some milliseconds. */
const AT_ONCE = 2 ** 16;
const PATHS_AT_ONCE = 2 ** 12;

/** `x0`: [states] or [paths, states]. Throws ERR_SDE_OUT_OF_MEMORY. */
export async function keptSteps(
  job: NativePathsJob,
  checked: CheckedSolve,
  x0: Float64Array,
  stats: PathStats,
): Promise<SolvedSteps> {
  const { t0, t1, paths: count, sde, resume } = checked;
  const begin = resume?.t0 ?? t0;
  const width = 1 + sde.states.length;
  const sizes = job.stepSizes(new Float64Array(count)) ?? new Float64Array(count);
  const paths: SolvedSteps['paths'] = [];
  while (paths.length < count) {
    const first = paths.length;
    let end = first;
    let room = 0;
    const most = Math.min(count, first + PATHS_AT_ONCE);
    while (end < most && (end === first || room + sizes[end] <= AT_ONCE)) room += sizes[end++];
    const numbers = allocated(`the steps of ${count} paths`, 24 * room, () => new Float64Array(room));
    job.steps(numbers, first);
    for (let path = first, from = 0; path < end; from += sizes[path++]) {
      paths.push(unfolded(numbers.subarray(from, from + sizes[path]), path));
    }
    await setImmediate();
  }
  return { paths, stats };

  function unfolded(list: Float64Array, path: number) {
    const steps = list.length / width;
    const times = new Float64Array(steps + 1);
    const states = new Float64Array((steps + 1) * (width - 1));
    const start = x0.length === width - 1 ? 0 : path * (width - 1);
    times[0] = t0;
    states.set(x0.subarray(start, start + width - 1));
    for (let k = 0; k < steps; k++) {
      times[k + 1] = t1 > t0 ? list[k * width] : begin - list[k * width];
      states.set(list.subarray(k * width + 1, (k + 1) * width), (k + 1) * (width - 1));
    }
    return { times, states };
  }
}
