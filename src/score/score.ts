/** Who answers requests for the score, as the rest of the package sees it. */
import { addon } from '../addon.js';
import { fromNative, invalidOption } from '../errors.js';
import type { NativeScore, Prediction, TimeInput } from '../native.js';
import type { CallbackScore } from './callback.js';
import { isMixture, type MixtureScore } from './mixture.js';
import type { TorchScore } from './torch.js';

export type Score = TorchScore | MixtureScore | CallbackScore;

/** What every score declares. */
export interface ScoreFacts {
  /** How its answer is to be read: the score ∇ln p, the noise ε, the denoised data, or v = alpha·ε − sigma·x0. */
  readonly predicts: Prediction;
  /** What it takes for its time: t, 'label' 999·t, 'sigma' sigma(t), or 'edm' ln(sigma(t))/4. */
  readonly timeInput: TimeInput;
}

export const PREDICTIONS: readonly Prediction[] = ['score', 'noise', 'denoised', 'velocity'];
export const TIME_INPUTS: readonly TimeInput[] = ['t', 'label', 'sigma', 'edm'];

/** Handles live beside the plain objects, which may be copied, frozen and printed; a handle belongs to its thread. */
const mixtures = new WeakMap<MixtureScore, NativeScore>();
/** By device. */
const models = new WeakMap<TorchScore, ReadonlyMap<string, NativeScore>>();

export function keepModels(score: TorchScore, handles: ReadonlyMap<string, NativeScore>): void {
  models.set(score, handles);
}

/** Where the model is, at least one device. Throws ERR_SDE_INVALID_OPTION where it is in no place that we could reach. */
export function loadedOn(score: TorchScore): readonly string[] {
  return [...handlesOf(score).keys()];
}

function handlesOf(score: TorchScore): ReadonlyMap<string, NativeScore> {
  const handles = models.get(score);
  if (handles !== undefined) return handles;
  throw invalidOption('score', score, 'a model loaded in this thread', {
    hint: 'A copy has no model: await torchScore(…) in this very thread.',
  });
}

/**
 * The score's native half on a device, one of `loadedOn` for a model. Mixtures and callbacks get theirs at first use, a
 * mixture one for all devices, a callback one for every job.
 */
export function nativeScore(score: Score, device: string): NativeScore {
  try {
    switch (score.kind) {
      case 'callback':
        return addon().createCallback();
      case 'mixture': {
        const handle = mixtures.get(score) ?? addon().createMixture(score.weights, score.means, score.variances);
        mixtures.set(score, handle);
        return handle;
      }
      case 'torch':
        return handlesOf(score).get(device)!;
    }
  } catch (error) {
    throw fromNative(error);
  }
}

/** Throws ERR_SDE_INVALID_OPTION where `score` is none. */
export function checkedScore(score: Score): Score {
  const made = ['torch', 'mixture', 'callback'].includes(score?.kind);
  if (!made || !PREDICTIONS.includes(score.predicts) || !TIME_INPUTS.includes(score.timeInput)) {
    const hint = 'Make one with await torchScore(), mixtureScore() or callbackScore().';
    throw invalidOption('score', score, 'a score', { hint });
  }
  if (score.kind === 'callback' && typeof score.evaluate !== 'function') {
    throw invalidOption('score', score, 'a callback score with its function', {
      hint: 'Make it with callbackScore(), in this very thread.',
    });
  }
  // One that has its handle was found right before.
  if (score.kind === 'mixture' && !mixtures.has(score) && !isMixture(score)) {
    throw invalidOption('score', score, 'a mixture with its numbers', { hint: 'Make it with mixtureScore().' });
  }
  return score;
}
