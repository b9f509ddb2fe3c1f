/** Every step of a job's samples, as arrays. */
import { setImmediate } from 'node:timers/promises';
import type { NativeSteps } from '../native.js';
import type { Trajectory } from '../result.js';
import { allocated } from './allocate.js';
import type { AnyJob } from './shards.js';

/** Steps moved before the event loop gets its turn: a millisecond or two. */
const AT_ONCE = 2 ** 16;

/** Of a job that is over and has so many steps. Throws ERR_SDE_OUT_OF_MEMORY. */
export async function trajectoryOf(job: AnyJob, steps: number): Promise<Trajectory> {
  const all = allocated(`the ${steps} steps of the trajectory`, 29 * steps, () => ({
    sample: new Uint32Array(steps),
    t: new Float64Array(steps),
    h: new Float64Array(steps),
    error: new Float64Array(steps),
    accepted: new Uint8Array(steps),
  }));
  for (let from = 0; from < steps; ) {
    if (from > 0) await setImmediate();
    from += job.steps(rows(all, from, from + AT_ONCE));
  }
  return all;
}

function rows({ sample, t, h, error, accepted }: NativeSteps, from: number, to: number): NativeSteps {
  return {
    sample: sample.subarray(from, to),
    t: t.subarray(from, to),
    h: h.subarray(from, to),
    error: error.subarray(from, to),
    accepted: accepted.subarray(from, to),
  };
}
