/** Whether a network's first samples lie where its data is said to lie: a sign of what it is told of wrongly. */
import type { OnnxScore } from '../score/onnx.js';
import type { Score } from '../score/score.js';
import type { TorchScore } from '../score/torch.js';

type FromFile = TorchScore | OnnxScore;

/**
 * Data in [low, high] is never farther from the middle than half the width, in root mean square. Measured on the digits
 * network: 0.96 half widths as it is, 1.7 read as 'denoised', 660 read as 'score'.
 */
const FAR = 1.5;

/** Numbers that tell enough of where samples lie. */
export const ENOUGH = 2 ** 18;

/** Scores whose first job is over. */
const seen = new WeakSet<object>();

export class RangeWatch {
  readonly #score: FromFile;
  readonly #range: readonly [number, number];
  #squares = 0;
  #numbers = 0;

  constructor(score: FromFile, range: readonly [number, number]) {
    this.#score = score;
    this.#range = range;
  }

  /** Nothing is looked at after a score's first job. */
  static of(score: Score, range: readonly [number, number]): RangeWatch | undefined {
    return 'path' in score && !seen.has(score) ? new RangeWatch(score, range) : undefined;
  }

  /** A sample that was finished. Does nothing where enough were seen. */
  add(sample: Float32Array): void {
    const middle = (this.#range[0] + this.#range[1]) / 2;
    const looked = Math.min(sample.length, ENOUGH - this.#numbers);
    for (let i = 0; i < looked; i++) this.#squares += (sample[i] - middle) ** 2; // for … of takes ten times as long
    this.#numbers += looked;
  }

  /** After the job: warns, once a score, where the samples leave the range by far. */
  end(): void {
    if (this.#numbers === 0 || seen.has(this.#score)) return;
    seen.add(this.#score);
    const [low, high] = this.#range;
    const distance = Math.sqrt(this.#squares / this.#numbers) / ((high - low) / 2);
    if (distance <= FAR) return;
    const { path, predicts, timeInput } = this.#score;
    process.emitWarning(
      `The samples of ${path} leave dataRange [${low}, ${high}] by far: they are ${Number(distance.toPrecision(2))} half widths ` +
        `from its middle. Perhaps predicts '${predicts}', timeInput '${timeInput}' or the SDE are not what the network was ` +
        'trained with: `await inspect(score, { sde, shape })` or `npx fast-sde inspect` tells. Or its data has another ' +
        'range: give the SDE its dataRange, which sets the tolerance too.',
      { code: 'FAST_SDE_OUT_OF_RANGE' },
    );
  }
}
