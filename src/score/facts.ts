/** What a score is to the rest of the package. */
import type { NativeQuestion, NativeScore } from '../native.js';
import type { UsedLayout } from '../result.js';
import type { Prediction, TimeInput } from '../words.js';
import type { Asked, Probed, ProbeOptions } from './prepared.js';

/** What every score declares. */
export interface ScoreFacts {
  readonly kind: string;
  /** How its answer is to be read: the score ∇ln p, the noise ε, the denoised data, or v = alpha·ε − sigma·x0. */
  readonly predicts: Prediction;
  /** What it takes for its time: t, 'label' 999·t, 'sigma' sigma(t), or 'edm' ln(sigma(t))/4. */
  readonly timeInput: TimeInput;
}

/** How a job deals with the scores of one kind. */
export interface ScoreKind<Score extends ScoreFacts> {
  readonly kind: Score['kind'];
  /** The function that makes one, for hints. */
  readonly maker: string;
  /** Throws ERR_SDE_INVALID_OPTION where the object lacks what it needs: it may come from another thread or by hand. */
  check(score: Score): void;
  /** Where a job of this score runs; `given` is what the user said, `wanted` the same, parsed. Throws where it cannot. */
  devices(option: string, given: unknown, wanted: 'auto' | readonly string[], score: Score): readonly string[];
  /** Awaited before `native`, by scores whose native half takes longer than the event loop is to wait. */
  ready?(score: Score): Promise<void>;
  /** The score's native half on one of these devices. Throws what the addon throws. */
  native(score: Score, device: string): NativeScore;
  /** Keeps what a job needs in memory, until what is returned is called. */
  hold?(score: Score): () => void;
  /** Numbers of one sample, where the score knows. */
  elements?(score: Score): number;
  /** Whether the score is asked with a condition; `insteadOfCondition` says what to do where it is not. */
  readonly takesCondition: boolean;
  readonly insteadOfCondition?: string;
  /** Looks at the score before a job, for scores that may be unfit; see probe.ts. */
  prepare?(score: Score, native: NativeScore, options: ProbeOptions): Promise<Probed>;
  /** How the score ran, after a job that it was prepared for. */
  layout?(score: Score, native: NativeScore, probed: Probed): UsedLayout;
  /** Why `networkThreads` of a job do not reach its network, and what does, where that is so. */
  readonly insteadOfNetworkThreads?: string;
  /**
   * For scores that answer in JavaScript: fills `question.out`, or puts another array as long in its place; `x` may be
   * transferred away. Samples are counted from `firstIndex`.
   */
  answer?(score: Score, question: NativeQuestion, asked: Asked & { firstIndex: bigint }): void | Promise<void>;
}
