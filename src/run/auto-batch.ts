/** `batch: 'auto'`: how many slots make this score fastest on this machine. */

import { SdeError } from '../errors.js';
import type { NativeJobOptions } from '../native.js';
import { eulerMaruyama } from '../solver/euler-maruyama.js';
import { allocateSamples } from './allocate.js';
import { Job, type JobHooks } from './job.js';

type Piece = Omit<NativeJobOptions, 'batch' | 'output'>;
type Hooks = Pick<JobHooks, 'answer' | 'signal'>;

/** Ascending. The last is the most, and a smaller number of samples takes its place. */
const CANDIDATES = { cpu: [8, 16, 32, 64, 128], cuda: [64, 128, 256, 512, 1024, 2048] };
/** More slots have to be worth it: they waste more rows at the end. */
const WORTH = 1.05;

/**
 * Runs two steps of Euler-Maruyama on prior noise for every candidate, twice: the first time is the warm-up. Rejects with
 * what the score fails with; resolves with the best so far where the signal aborts, or where memory ends.
 */
export async function measuredBatch(options: Piece, hooks: Hooks): Promise<number> {
  const sizes = CANDIDATES[options.device === undefined ? 'cpu' : 'cuda'];
  const most = Math.min(options.count, sizes[sizes.length - 1]);
  const candidates = [...sizes.filter(slots => slots < most), most];
  if (candidates.length === 1) return most;
  let best = { slots: candidates[0], rate: 0 };
  for (const slots of candidates) {
    let rate = 0;
    try {
      for (let attempt = 0; attempt < 2; attempt++) {
        if (hooks.signal?.aborted) return best.slots;
        rate = await rowsPerMs(options, slots, hooks);
      }
    } catch (error) {
      const tooMany = error instanceof SdeError && error.code === 'ERR_SDE_OUT_OF_MEMORY';
      if (tooMany && slots > candidates[0]) return best.slots;
      throw error;
    }
    if (rate > WORTH * best.rate) best = { slots, rate };
  }
  return best.slots;
}

async function rowsPerMs(options: Piece, slots: number, hooks: Hooks): Promise<number> {
  const { condition, count } = options;
  const elements = options.shape.reduce((product, size) => product * size, 1);
  const job = new Job(
    {
      ...options,
      solver: { ...eulerMaruyama({ steps: 2 }) },
      maxEvaluations: 0,
      trajectory: false,
      count: slots,
      batch: slots,
      initial: undefined,
      condition: condition?.subarray(0, (slots * condition.length) / count),
      output: allocateSamples(slots, elements),
    },
    hooks,
  );
  const { result, failure } = await job.ended;
  if (failure !== undefined) throw failure;
  return result.network.rows / Math.max(result.timing.scoreMs, 1e-6);
}
