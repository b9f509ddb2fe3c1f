/** `batch: 'auto'`: how many slots make this score fastest on this machine. */
import { Job, type JobHooks } from './job.js';
import type { NativeJobOptions } from './native.js';

const CANDIDATES = [8, 16, 32, 64];
const MOST = 128;
/** More slots have to be worth it: they waste more rows at the end. */
const WORTH = 1.05;

/**
 * Runs two steps of Euler-Maruyama on prior noise for every candidate, twice: the first run is the warm-up. Rejects with
 * what the score fails with; resolves with the best so far where the signal aborts.
 */
export async function measuredBatch(
  options: Omit<NativeJobOptions, 'batch' | 'output'>,
  hooks: Pick<JobHooks, 'answer' | 'signal'>,
): Promise<number> {
  const most = Math.min(options.count, MOST);
  const candidates = [...CANDIDATES.filter(slots => slots < most), most];
  if (candidates.length === 1) return most;
  let best = { slots: candidates[0], rate: 0 };
  for (const slots of candidates) {
    let rate = 0;
    for (let run = 0; run < 2; run++) {
      if (hooks.signal?.aborted) return best.slots;
      rate = await rowsPerMs(options, slots, hooks);
    }
    if (rate > WORTH * best.rate) best = { slots, rate };
  }
  return best.slots;
}

async function rowsPerMs(
  options: Omit<NativeJobOptions, 'batch' | 'output'>,
  slots: number,
  hooks: Pick<JobHooks, 'answer' | 'signal'>,
): Promise<number> {
  const { condition, count } = options;
  const elements = options.shape.reduce((product, size) => product * size, 1);
  const job = new Job(
    {
      ...options,
      solver: { kind: 'eulerMaruyama', steps: 2 },
      maxEvaluations: 0,
      count: slots,
      batch: slots,
      initial: undefined,
      condition: condition?.subarray(0, (slots * condition.length) / count),
      output: new Float32Array(slots * elements),
    },
    hooks,
  );
  const { result, failure } = await job.ended;
  if (failure !== undefined) throw failure;
  return result.network.rows / Math.max(result.timing.scoreMs, 1e-6);
}
