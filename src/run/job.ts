/** One native job from its start to its outcome: wakes, questions to a callback score, progress, abort. */
import { addon } from '../addon.js';
import { fromNative } from '../errors.js';
import type { NativeJob, NativeJobOptions, NativeProgress, NativeQuestion, NativeResult } from '../native.js';

export interface JobHooks {
  /** Fills `question.out`; throws (or rejects with) what the job is to fail with. */
  answer?: (question: NativeQuestion) => void | Promise<void>;
  /** What it throws ends the job and is what `ended` carries for its failure. */
  onProgress?: (progress: NativeProgress) => void;
  signal?: AbortSignal;
}

export interface JobEnd {
  result: NativeResult;
  /** By the signal or by `abort`. */
  aborted: boolean;
  /** What to reject with: an `SdeError`, or whatever onProgress threw. */
  failure?: unknown;
}

export class Job {
  /** Resolves when the native thread is done with the job, whatever became of it; never rejects. */
  readonly ended: Promise<JobEnd>;
  readonly #native: NativeJob;
  readonly #hooks: JobHooks;
  readonly #abort = () => this.#native.abort();
  #end: (end: JobEnd) => void = () => {};
  #answering = false;
  #over = false;
  #failure: { cause: unknown } | undefined;
  #lastCalls = -1;
  #onChange: (() => void) | undefined;

  /** Throws what the addon refuses. */
  constructor(options: NativeJobOptions, hooks: JobHooks) {
    this.#hooks = hooks;
    this.ended = new Promise(resolve => {
      this.#end = resolve;
    });
    try {
      this.#native = addon().start(options, () => this.#wake());
    } catch (error) {
      throw fromNative(error);
    }
    hooks.signal?.addEventListener('abort', this.#abort, { once: true });
    if (hooks.signal?.aborted) this.abort();
  }

  abort(): void {
    this.#native.abort();
  }

  /** Finished samples not taken yet. */
  take() {
    return this.#native.take();
  }

  /** Resolves at the next wake: there may be samples to take. */
  changed(): Promise<void> {
    if (this.#over) return Promise.resolve();
    return new Promise(resolve => {
      this.#onChange = resolve;
    });
  }

  /** Called by the addon on this thread; must not throw. */
  #wake(): void {
    if (this.#over) return;
    const outcome = this.#native.outcome();
    this.#report();
    if (outcome === undefined) {
      this.#answer();
    } else {
      this.#over = true;
      this.#hooks.signal?.removeEventListener('abort', this.#abort);
      const { result, aborted, error } = outcome;
      const failure = this.#failure ? this.#failure.cause : error && asError(error);
      this.#end({ result, aborted, failure });
    }
    const onChange = this.#onChange;
    this.#onChange = undefined;
    onChange?.();
  }

  #report(): void {
    const { onProgress } = this.#hooks;
    if (!onProgress || this.#failure) return;
    const progress = this.#native.progress();
    // A callback's questions wake us far more often than anything moves.
    if (progress.networkCalls === this.#lastCalls && progress.finished < progress.count) return;
    this.#lastCalls = progress.networkCalls;
    try {
      onProgress(progress);
    } catch (cause) {
      this.#failure = { cause };
      this.abort();
    }
  }

  #answer(): void {
    const { answer } = this.#hooks;
    if (!answer || this.#answering) return;
    const question = this.#native.question();
    if (!question) return;
    this.#answering = true;
    try {
      const pending = answer(question);
      if (pending)
        pending.then(
          () => this.#answered(),
          cause => this.#failed(cause),
        );
      else this.#answered();
    } catch (cause) {
      this.#failed(cause);
    }
  }

  #answered(): void {
    this.#answering = false;
    // An answer that comes after the job's end (an abort) is nobody's any more.
    if (this.#over) return;
    try {
      this.#native.answer();
    } catch (error) {
      this.#failed(fromNative(error));
    }
  }

  #failed(cause: unknown): void {
    this.#answering = false;
    if (this.#over) return;
    this.#failure ??= { cause };
    this.#native.fail();
  }
}

function asError({ code, message }: { code: string; message: string }): unknown {
  return fromNative(Object.assign(new Error(message), { code }));
}
