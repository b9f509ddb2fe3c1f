/** Data from noise: `sample` returns all samples at once, `stream` each as it is finished. */

import { SdeError, type SdeErrorResult, sdeError } from './errors.js';
import { cudaNumber } from './options/device.js';
import { type CheckedOptions, checkedOptions } from './options/job.js';
import type { SampleOptions } from './options/sample.js';
import type { SampleResult, SampleStats, StreamedSample, UsedLayout } from './result.js';
import { allocateSamples } from './run/allocate.js';
import { measuredBatch } from './run/auto-batch.js';
import type { JobEnd, JobHooks } from './run/job.js';
import { RangeWatch } from './run/range-watch.js';
import { type AnyJob, cut, type Place, startJob } from './run/shards.js';
import { sampleStats, summary } from './run/stats.js';
import type { Network } from './score/network.js';
import { nonFiniteAnswer } from './score/non-finite.js';
import { kindOf, nativeScore } from './score/score.js';

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
  const result = await resultOf(started, end, checked);
  watchRange(checked, result);
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
  const watch = RangeWatch.of(checked.score, checked.sde.dataRange);
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
      for (const one of ready) {
        if (one.status === 'success') watch?.add(one.data);
        yield { ...one, index: Number(one.index) };
      }
      if (ready.length > 0) continue;
      if (last) break;
      await change;
    }
  } finally {
    job.abort();
    await job.ended;
    watch?.end();
  }
  const end = await job.ended;
  const stats = await statsOf(started, end, checked);
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
  network?: Network;
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
  const { usedLayout, network } = prepared[0];
  return { job, batch: pieces[0].batch, device: devices.slice(0, pieces.length).join(), samples, usedLayout, network };
}

/** The score on a device, looked at and found fit for the job. */
async function place(
  checked: CheckedOptions,
  device: string,
): Promise<{ place: Place } & Pick<Started, 'usedLayout' | 'network'>> {
  const { native, sde, score, batch } = checked;
  const kind = kindOf(score);
  const handle = nativeScore(score, device);
  const place = { device: cudaNumber(device), score: handle };
  if (!kind.prepare) return { place };
  const { shape, condition, unconditional, guidanceScale, count, padBatch } = native;
  const rows = batch === 'auto' || padBatch ? Number(batch) || count : Math.min(batch, count);
  const network = { handle, shape, condition, unconditional, guidanceScale, count };
  const probed = await kind.prepare(score, handle, { ...network, sde, padBatch, rows });
  const usedLayout = () => kind.layout!(score, handle, probed);
  return { place: { ...place, layout: probed.layout }, usedLayout, network };
}

async function statsOf(started: Started, end: JobEnd, checked: CheckedOptions): Promise<SampleStats> {
  const layout = started.usedLayout?.();
  const rowsPerEvaluation = checked.native.unconditional ? 2 : 1;
  const stats = sampleStats(end.result, { ...started, ...(layout && { layout }) }, rowsPerEvaluation);
  const cause = await causeOf(started, checked, stats);
  return cause === undefined ? stats : { ...stats, cause };
}

/** Of the first sample that is not finite. */
async function causeOf({ network, samples }: Started, { score, sde, elements }: CheckedOptions, stats: SampleStats) {
  const sample = stats.status.indexOf('nonFinite');
  if (network === undefined || sample < 0) return undefined;
  const state = samples.length > 0 ? samples.slice(sample * elements, (sample + 1) * elements) : undefined;
  return nonFiniteAnswer(score, network, sde, { sample, state });
}

async function resultOf(started: Started, end: JobEnd, checked: CheckedOptions): Promise<SampleResult> {
  const { native, elements, seed } = checked;
  const { samples } = started;
  const stats = await statsOf(started, end, checked);
  for (const [row, status] of stats.status.entries()) {
    if (status !== 'unfinished' || stats.evaluations[row] > 0) continue;
    samples.fill(Number.NaN, row * elements, (row + 1) * elements);
  }
  return { samples, shape: [native.count, ...native.shape], seed, stats };
}

function watchRange({ score, sde, elements }: CheckedOptions, { samples, stats }: SampleResult): void {
  const watch = RangeWatch.of(score, sde.dataRange);
  for (const [row, status] of stats.status.entries()) {
    if (status === 'success') watch?.add(samples.subarray(row * elements, (row + 1) * elements));
  }
  watch?.end();
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
  const why = stats.cause === undefined ? '' : `: ${stats.cause}`;
  const message = `${count - succeeded} of ${count} samples failed, first sample ${index} (${stats.status[first]})${why}.`;
  return sdeError('ERR_SDE_SAMPLE_FAILED', message, { result });
}

function aborted(signal: AbortSignal | undefined, result: SdeErrorResult | undefined): SdeError {
  const details = present({ cause: signal?.reason, result });
  return sdeError('ERR_SDE_ABORTED', 'The job was aborted by its signal.', { option: 'signal', ...details });
}

function present<T extends object>(details: T): Partial<T> {
  return Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined)) as Partial<T>;
}
