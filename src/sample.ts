/** Data from noise: `sample` returns all samples at once, `stream` each as it is finished. */

import { SdeError, type SdeErrorResult, sdeError } from './errors.js';
import { cudaNumber } from './options/device.js';
import { type CheckedOptions, checkedOptions } from './options/job.js';
import type { SampleOptions } from './options/sample.js';
import { allocateSamples } from './run/allocate.js';
import { measuredBatch } from './run/auto-batch.js';
import type { JobEnd, JobHooks } from './run/job.js';
import { type AnyJob, cut, type Place, startJob } from './run/shards.js';
import { type SampleStats, sampleStats, summary } from './run/stats.js';
import type { UsedLayout } from './score/prepared.js';
import { kindOf, nativeScore } from './score/score.js';
import type { SampleStatus } from './words.js';

export interface SampleResult {
  /**
   * [count, …shape], row-major, in index order. A failed sample's row is its last state; in the result of an interrupted
   * job the row of a sample not begun is NaN.
   */
  samples: Float32Array;
  /** Of `samples`: [count, …shape of one sample]. */
  shape: number[];
  /** As given. */
  seed: number | bigint;
  stats: SampleStats;
}

export interface StreamedSample {
  /** firstIndex … firstIndex + count − 1. */
  index: number;
  /** [n]; the reader's to keep. The last state of a sample that failed. */
  data: Float32Array;
  evaluations: number;
  accepted: number;
  rejected: number;
  status: SampleStatus;
}

/**
 * Draws `count` samples on a thread of its own; the event loop stays free.
 *
 * Rejects with ERR_SDE_UNKNOWN_OPTION, ERR_SDE_INVALID_OPTION or ERR_SDE_INVALID_SHAPE before any work starts; with
 * ERR_SDE_SAMPLE_FAILED (see `onFailure`), ERR_SDE_ABORTED, ERR_SDE_MODEL_OUTPUT, ERR_SDE_MODEL_FAILED,
 * ERR_SDE_CALLBACK_FAILED or ERR_SDE_OUT_OF_MEMORY with what was finished in the error's `result`; with
 * ERR_SDE_CUDA_UNAVAILABLE, ERR_SDE_ADDON_MISSING; or with whatever `onProgress` threw.
 */
export async function sample(options: SampleOptions): Promise<SampleResult> {
  const checked = checkedOptions('sample', options);
  const started = await start(checked, true);
  const end = await started.job.ended;
  const result = resultOf(started, end, checked);
  const failure = failureOf(end, checked, result.stats, result);
  if (failure !== undefined) throw failure;
  return result;
}

/**
 * The same samples one by one as they are finished, in whatever order that is; only a few batches are held at a time, so
 * the job waits for a slow reader. Leaving the loop stops the job. Failed samples are yielded with their status, and
 * under onFailure 'throw' the error comes after the last one. Otherwise throws what `sample` rejects with; `result` of
 * its errors has the statistics, and no samples.
 */
export async function* stream(options: SampleOptions): AsyncGenerator<StreamedSample, void, undefined> {
  const checked = checkedOptions('stream', options);
  const started = await start(checked, false);
  const { job } = started;
  let over: JobEnd | undefined;
  job.ended.then(end => {
    over = end;
  });
  try {
    while (true) {
      // Asked before taking, so that nothing which comes in between is slept through.
      const last = over !== undefined;
      const change = job.changed();
      const ready = job.take();
      for (const one of ready) yield { ...one, index: Number(one.index) };
      if (ready.length > 0) continue;
      if (last) break;
      await change;
    }
  } finally {
    job.abort();
    await job.ended;
  }
  const end = await job.ended;
  const stats = statsOf(started, end, checked);
  const failure = failureOf(end, checked, stats, { stats });
  if (failure !== undefined) throw failure;
}

interface Started {
  job: AnyJob;
  /** Slots of each device. */
  batch: number;
  /** Those that had samples to draw. */
  device: string;
  /** [count, …shape] where it was asked for. */
  samples: Float32Array;
  /** Of a network, once the job has ended. */
  usedLayout?: () => UsedLayout;
}

async function start(checked: CheckedOptions, withOutput: boolean): Promise<Started> {
  const { native, score, devices, elements, signal, onProgress } = checked;
  if (signal?.aborted) throw aborted(signal, undefined);
  const { answer } = kindOf(score);
  const hooks: JobHooks = { signal, answer: answer && (question => answer(score, question)) };
  const prepared = await Promise.all(devices.map(device => place(checked, device)));
  const places = prepared.map(one => one.place);
  // The first piece is never the smaller one: its number of slots serves all.
  const slots = checked.batch === 'auto' ? await measuredBatch(cut(native, places)[0], hooks) : checked.batch;
  if (signal?.aborted) throw aborted(signal, undefined);
  const samples = withOutput ? allocateSamples(native.count, elements) : new Float32Array(0);
  const pieces = cut(withOutput ? { ...native, output: samples } : native, places).map(piece => ({
    ...piece,
    // More slots than samples are of use only to keep every call's rows the same.
    batch: native.padBatch ? slots : Math.min(slots, piece.count),
  }));
  const job = startJob(pieces, { ...hooks, onProgress });
  const { usedLayout } = prepared[0];
  return { job, batch: pieces[0].batch, device: devices.slice(0, pieces.length).join(), samples, usedLayout };
}

/** The score on a device, looked at and found fit for the job. */
async function place(
  checked: CheckedOptions,
  device: string,
): Promise<{ place: Place; usedLayout?: () => UsedLayout }> {
  const { native, sde, score, batch } = checked;
  const kind = kindOf(score);
  const handle = nativeScore(score, device);
  const place = { device: cudaNumber(device), score: handle };
  if (!kind.prepare) return { place };
  const { shape, condition, unconditional, guidanceScale, count, padBatch } = native;
  const rows = batch === 'auto' || padBatch ? Number(batch) || count : Math.min(batch, count);
  const asked = { sde, shape, condition, unconditional, guidanceScale, count, padBatch, rows };
  const probed = await kind.prepare(score, handle, asked);
  return { place: { ...place, layout: probed.layout }, usedLayout: () => kind.layout!(score, handle, probed) };
}

function statsOf(started: Started, end: JobEnd, { native }: CheckedOptions): SampleStats {
  const layout = started.usedLayout?.();
  return sampleStats(end.result, { ...started, ...(layout && { layout }) }, native.unconditional ? 2 : 1);
}

function resultOf(started: Started, end: JobEnd, checked: CheckedOptions): SampleResult {
  const { native, elements, seed } = checked;
  const { samples } = started;
  const stats = statsOf(started, end, checked);
  for (const [row, status] of stats.status.entries()) {
    if (status !== 'unfinished' || stats.evaluations[row] > 0) continue;
    samples.fill(Number.NaN, row * elements, (row + 1) * elements);
  }
  return { samples, shape: [native.count, ...native.shape], seed, stats };
}

/** What the caller has to be told, if anything. `result` is what was finished. */
function failureOf(end: JobEnd, checked: CheckedOptions, stats: SampleStats, result: SdeErrorResult): unknown {
  const { failure } = end;
  if (failure instanceof SdeError) {
    const { option, value, expected, hint, cause } = failure;
    return new SdeError(failure.code, failure.message, {
      ...present({ option, value, expected, hint, cause }),
      result,
    });
  }
  if (failure !== undefined) return failure;
  if (end.aborted) return aborted(checked.signal, result);
  const { count, succeeded } = summary(stats);
  if (succeeded === count || checked.onFailure === 'keep') return undefined;
  const first = stats.status.findIndex(status => status !== 'success');
  const index = Number(checked.native.firstIndex) + first;
  const message = `${count - succeeded} of ${count} samples failed, first sample ${index} (${stats.status[first]}).`;
  return sdeError('ERR_SDE_SAMPLE_FAILED', message, { result });
}

function aborted(signal: AbortSignal | undefined, result: SdeErrorResult | undefined): SdeError {
  const details = present({ cause: signal?.reason, result });
  return sdeError('ERR_SDE_ABORTED', 'The job was aborted by its signal.', { option: 'signal', ...details });
}

function present<T extends object>(details: T): Partial<T> {
  return Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined)) as Partial<T>;
}
