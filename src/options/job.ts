/** The checked options of a job in the addon's form. */
import { invalidOption } from '../errors.js';
import type { NativeJobOptions } from '../native.js';
import type { Score } from '../score/score.js';
import type { CheckedSde } from '../sde/sde.js';
import type { OnFailure } from '../words.js';
import { readable } from './checks.js';
import { MOST_SAMPLES } from './limits.js';
import { checkedTable } from './option.js';
import type { Progress, SampleOptions } from './sample.js';
import { elementsOf } from './sample-checks.js';
import { type CheckedSample, SAMPLE_OPTIONS } from './sample-table.js';

/** Score handle, device, slots and output are still to come. */
export interface CheckedOptions {
  native: Omit<NativeJobOptions, 'score' | 'device' | 'batch' | 'output'>;
  sde: CheckedSde;
  score: Score;
  /** ['cpu'], or CUDA devices such as ['cuda:0', 'cuda:1']. */
  devices: readonly string[];
  batch: number | 'auto';
  /** Numbers of one sample. */
  elements: number;
  /** As given. */
  seed: number | bigint;
  onFailure: OnFailure;
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

/** Throws ERR_SDE_UNKNOWN_OPTION, ERR_SDE_INVALID_OPTION, ERR_SDE_INVALID_SHAPE, ERR_SDE_CUDA_UNAVAILABLE. */
export function checkedOptions(where: string, options: SampleOptions): CheckedOptions {
  const checked = checkedTable<SampleOptions, CheckedSample>(where, options, SAMPLE_OPTIONS, '');
  if (where === 'sample') checkSizeOfResult(checked);
  else if (checked.trajectory) {
    throw invalidOption('trajectory', true, 'false for a stream', { hint: 'sample() keeps the steps of its samples.' });
  }
  const { sde, score, shape, firstIndex, guidance, device: devices, batch, onFailure, onProgress, signal } = checked;
  const native = {
    ...asTheyAre(checked),
    firstIndex: BigInt(firstIndex),
    schedule: sde.schedule,
    tStart: sde.T,
    tEnd: sde.tEnd,
    priorStd: sde.priorStd,
    predicts: score.predicts,
    timeInput: score.timeInput,
    ...(guidance && { guidanceScale: guidance.scale, unconditional: guidance.unconditional }),
  } as CheckedOptions['native'];
  const seed = readable('seed', () => options.seed ?? 0);
  return { native, sde, score, devices, batch, elements: elementsOf(shape), seed, onFailure, onProgress, signal };
}

/** A stream may be of any length: it keeps nothing of each sample. */
function checkSizeOfResult({ count, shape }: CheckedSample): void {
  if (count > MOST_SAMPLES) {
    throw invalidOption('count', count, 'at most 2^26', {
      hint: 'Use stream(), or draw more in pieces, by firstIndex.',
    });
  }
  if (count * elementsOf(shape) > Number.MAX_SAFE_INTEGER) {
    const code = 'ERR_SDE_INVALID_SHAPE';
    throw invalidOption('count', count, 'fewer than 2^53 numbers in all', { code });
  }
}

/** The options that go to the addon under the name their row gives. */
function asTheyAre(checked: CheckedSample): Record<string, unknown> {
  const native: Record<string, unknown> = {};
  for (const [option, row] of Object.entries(SAMPLE_OPTIONS)) {
    if (row.native !== undefined) native[row.native] = checked[option as keyof CheckedSample];
  }
  return native;
}
