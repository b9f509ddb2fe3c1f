/** A score of any kind: the union type that follows from the list, its check, and its native half. */
import { fromNative, invalidOption } from '../errors.js';
import type { NativeScore } from '../native.js';
import { PREDICTIONS, TIME_INPUTS } from '../words.js';
import type { ScoreFacts, ScoreKind } from './facts.js';
import { SCORES } from './list.js';

type Of<Kind> = Kind extends ScoreKind<infer Score> ? Score : never;

export type Score = Of<(typeof SCORES)[number]>;

/** How a job deals with this score. */
export function kindOf(score: Score): ScoreKind<ScoreFacts> {
  return SCORES.find(({ kind }) => kind === score.kind) as ScoreKind<ScoreFacts>;
}

/** Throws ERR_SDE_INVALID_OPTION where `score` is none. */
export function checkedScore(option: string, score: unknown): Score {
  const { kind, predicts, timeInput } = (score ?? {}) as Partial<Score>;
  const known = SCORES.some(one => one.kind === kind);
  if (!known || !PREDICTIONS.includes(predicts!) || !TIME_INPUTS.includes(timeInput!)) {
    const hint = `Make one with ${SCORES.map(({ maker }) => maker).join(', ')}.`;
    throw invalidOption(option, score, 'a score', { hint });
  }
  kindOf(score as Score).check(score as Score);
  return score as Score;
}

/** Keeps the score in memory for a job, until what is returned is called. */
export function holdScore(score: Score): () => void {
  return kindOf(score).hold?.(score) ?? (() => {});
}

/** The score's native half on a device, one of those where its job runs. */
export async function nativeScore(score: Score, device: string): Promise<NativeScore> {
  await kindOf(score).ready?.(score);
  try {
    return kindOf(score).native(score, device);
  } catch (error) {
    throw fromNative(error);
  }
}
