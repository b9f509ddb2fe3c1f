/** Data from noise: `sample` returns all samples at once, `stream` each as it is finished. */

import { setImmediate } from 'node:timers/promises';
import { SdeError, type SdeErrorResult, sdeError, withResult } from './errors.js';
import type { NativeFigures } from './native.js';
import { cudaNumber } from './options/device.js';
import { type CheckedOptions, checkedOptions } from './options/job.js';
import type { SampleOptions } from './options/sample.js';
import type { JobStats, SampleResult, StreamedSample, UsedLayout } from './result.js';
import { allocated, allocateSamples } from './run/allocate.js';
import { measuredBatch } from './run/auto-batch.js';
import type { JobEnd, JobHooks } from './run/job.js';
import { privateCopy } from './run/private-copy.js';
import { ENOUGH, RangeWatch } from './run/range-watch.js';
import { type AnyJob, cut, type Place, startJob } from './run/shards.js';
import { aborted } from './run/signal.js';
import { jobStats, sampleStats } from './run/stats.js';
import { trajectoryOf } from './run/trajectory.js';
import { answersTo, type Network, type Request } from './score/network.js';
import { nonFiniteAnswer } from './score/non-finite.js';
import { holdScore, kindOf, nativeScore } from './score/score.js';
import { STATUSES } from './words.js';

/**
 * Draws `count` samples on a thread of its own; the event loop stays free.
 *
 * Rejects with ERR_SDE_UNKNOWN_OPTION, ERR_SDE_INVALID_OPTION or ERR_SDE_INVALID_SHAPE before any work starts; with
 * ERR_SDE_SAMPLE_FAILED (see `onFailure`), ERR_SDE_ABORTED, ERR_SDE_MODEL_OUTPUT, ERR_SDE_MODEL_FAILED,
 * ERR_SDE_CALLBACK_FAILED or ERR_SDE_OUT_OF_MEMORY with what was finished in the error's `result`; with
 * ERR_SDE_CUDA_UNAVAILABLE, ERR_SDE_ADDON_MISSING; or with the error that `onProgress` threw.
 */
export async function sample(options: SampleOptions): Promise<SampleResult> {
  const checked = checkedOptions('sample', options);
  const release = holdScore(checked.score);
  try {
    return await drawn(checked);
  } finally {
    release();
  }
}

async function drawn(checked: CheckedOptions): Promise<SampleResult> {
  const output = () => outputFor(checked.native.count, checked.elements);
  const started = await start(checked, output);
  const { samples, figures } = started.output!;
  const end = await started.job.ended;
  const { native, seed } = checked;
  const stats = sampleStats(await statsOf(started, end, checked), figures);
  const result: SampleResult = { samples, shape: [native.count, ...native.shape], seed, stats };
  watchRange(checked, started.output!);
  try {
    if (native.trajectory) result.trajectory = await trajectoryOf(started.job, end.result.steps);
  } catch (error) {
    end.failure ??= error;
  }
  const failure = failureOf(end, checked, result);
  if (failure !== undefined) throw failure;
  return result;
}

/**
 * The same samples one by one as they are finished, in whatever order that is; only a few batches are held at a time, so
 * the job waits for a slow reader. Leaving the loop stops the job, and so does the collector where the iterator is dropped.
 * Failed samples are yielded with their status, and under onFailure 'throw' the error comes after the last one. Otherwise
 * throws what `sample` rejects with; `result` of its errors has the statistics of the whole job, and no samples.
 */
export async function* stream(options: SampleOptions): AsyncGenerator<StreamedSample, void, undefined> {
  const checked = checkedOptions('stream', options);
  const release = holdScore(checked.score);
  try {
    yield* streamed(checked);
  } finally {
    release();
  }
}

async function* streamed(checked: CheckedOptions): AsyncGenerator<StreamedSample, void, undefined> {
  const started = await start(checked);
  const { job } = started;
  const watch = RangeWatch.of(checked.score, checked.sde.dataRange);
  let over: JobEnd | undefined;
  job.ended.then(end => {
    over = end;
  });
  // Between two steps of the reader nothing holds the job but this iterator.
  const wait = async <T>(coming: Promise<T>): Promise<T> => {
    job.hold(true);
    const come = await coming;
    job.hold(false);
    return come;
  };
  job.hold(false);
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
      // A job that is faster than its reader would leave the event loop no turn.
      if (ready.length > 0) await setImmediate();
      else if (last) break;
      else await wait(change);
    }
  } finally {
    job.abort();
    await wait(job.ended);
    watch?.end();
  }
  const end = await job.ended;
  const failure = failureOf(end, checked, { stats: await statsOf(started, end, checked) });
  if (failure !== undefined) throw failure;
}

/** Where all samples go, [count, …shape], and what each of them cost. */
interface Output {
  samples: Float32Array;
  figures: NativeFigures;
}

interface Started {
  job: AnyJob;
  /** Slots of each device. */
  batch: number;
  /** Those that had samples to draw. */
  device: string;
  output: Output | undefined;
  /** Of a network, once the job has ended. */
  usedLayout?: () => UsedLayout;
  network?: Network;
}

function outputFor(count: number, elements: number): Output {
  const samples = allocateSamples(count, elements);
  const figures = allocated(`the figures of ${count} samples`, 13 * count, () => ({
    evaluations: new Uint32Array(count),
    accepted: new Uint32Array(count),
    rejected: new Uint32Array(count),
    status: new Uint8Array(count),
  }));
  return { samples, figures };
}

async function start(checked: CheckedOptions, makeOutput?: () => Output): Promise<Started> {
  const { score, devices, signal, onProgress } = checked;
  if (signal?.aborted) throw aborted(signal);
  const native = { ...checked.native, ...(await ownArrays(checked.native)) };
  const { answer } = kindOf(score);
  const hooks: JobHooks = { signal, answer: answer && (question => answer(score, question, native)) };
  const prepared = await Promise.all(devices.map(device => place({ ...checked, native }, device)));
  const places = prepared.map(one => one.place);
  // The first piece is never the smaller one: its number of slots serves all.
  const slots = checked.batch === 'auto' ? await measuredBatch(cut(native, places)[0], hooks) : checked.batch;
  if (signal?.aborted) throw aborted(signal);
  const output = makeOutput?.();
  const pieces = cut({ ...native, output: output?.samples, figures: output?.figures }, places).map(piece => ({
    ...piece,
    // More slots than samples are of use only to keep every call's rows the same.
    batch: native.padBatch ? slots : Math.min(slots, piece.count),
  }));
  const job = startJob(pieces, { ...hooks, onProgress });
  const { usedLayout, network } = prepared[0];
  return { job, batch: pieces[0].batch, device: devices.slice(0, pieces.length).join(), output, usedLayout, network };
}

/** The job reads its arrays while the caller goes on. */
async function ownArrays({ initial, condition, unconditional }: CheckedOptions['native']) {
  const [first, second, third] = await Promise.all([
    initial && privateCopy('initial', initial),
    condition && privateCopy('condition', condition),
    unconditional && privateCopy('guidance.unconditional', unconditional),
  ]);
  return { initial: first, condition: second, unconditional: third };
}

/** The score on a device, looked at and found fit for the job. */
async function place(
  checked: CheckedOptions,
  device: string,
): Promise<{ place: Place } & Pick<Started, 'usedLayout' | 'network'>> {
  const { native, sde, score, batch } = checked;
  const kind = kindOf(score);
  const handle = await nativeScore(score, device);
  const place = { device: cudaNumber(device), score: handle };
  if (!kind.prepare) return { place };
  const { shape, condition, unconditional, guidanceScale, count, padBatch } = native;
  const rows = batch === 'auto' || padBatch ? Number(batch) || count : Math.min(batch, count);
  const network = { handle, shape, condition, unconditional, guidanceScale, count };
  const probed = await kind.prepare(score, handle, { ...network, sde, padBatch, rows });
  const usedLayout = kind.layout && (() => kind.layout!(score, handle, probed));
  return { place: { ...place, layout: probed.layout }, usedLayout, network };
}

async function statsOf(started: Started, end: JobEnd, checked: CheckedOptions): Promise<JobStats> {
  const layout = started.usedLayout?.();
  const cause = await causeOf(started, end, checked);
  const rowsPerEvaluation = checked.native.unconditional ? 2 : 1;
  const { network } = end.result;
  // What answers in JavaScript doubles the rows out of the addon's sight.
  const rows = network.rows * (kindOf(checked.score).answer ? rowsPerEvaluation : 1);
  const result = { ...end.result, network: { ...network, rows } };
  return jobStats(result, { ...started, layout, cause }, rowsPerEvaluation);
}

/** Of a sample that is not finite. */
async function causeOf({ network, output }: Started, end: JobEnd, { score, sde, elements, native }: CheckedOptions) {
  const code = STATUSES.indexOf('nonFinite');
  const { ended, firstFailure } = end.result;
  if (network === undefined || ended[code] === 0) return undefined;
  const first = firstFailure?.status === 'nonFinite' ? firstFailure.index - Number(native.firstIndex) : -1;
  const sample = output ? output.figures.status.indexOf(code) : first;
  if (sample < 0) return undefined;
  const state = output?.samples.slice(sample * elements, (sample + 1) * elements);
  const ask = (requests: readonly Request[]) => answersTo(kindOf(score), score, network, requests);
  return nonFiniteAnswer(score, { shape: network.shape, ask }, sde, { sample, state });
}

function watchRange({ score, sde, elements }: CheckedOptions, { samples, figures }: Output): void {
  const watch = RangeWatch.of(score, sde.dataRange);
  for (let row = 0; watch && row < figures.status.length && row * elements < ENOUGH; row++) {
    if (STATUSES[figures.status[row]] === 'success') watch.add(samples.subarray(row * elements, (row + 1) * elements));
  }
  watch?.end();
}

/** What the caller has to be told, if anything. `result` is what was finished. */
function failureOf(end: JobEnd, checked: CheckedOptions, result: SdeErrorResult): unknown {
  const { failure } = end;
  if (failure instanceof SdeError) return withResult(failure, result);
  if (failure !== undefined) return failure;
  if (end.aborted) return aborted(checked.signal, result);
  const { firstFailure, ended } = end.result;
  if (!firstFailure || checked.onFailure === 'keep') return undefined;
  const { count } = checked.native;
  const { index, status } = firstFailure;
  const { cause } = result.stats;
  const why = cause === undefined ? '' : `: ${cause}`;
  const message = `${count - ended[0]} of ${count} samples failed, first sample ${index} (${status})${why}.`;
  return sdeError('ERR_SDE_SAMPLE_FAILED', message, { result });
}
