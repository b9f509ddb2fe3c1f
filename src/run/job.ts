/** One native job from its start to its outcome: wakes, questions to a callback score, progress, abort. */
import { setImmediate } from 'node:timers';
import { addon } from '../addon.js';
import { fromNative, thrownBy } from '../errors.js';
import type {
  NativeJob,
  NativeJobOptions,
  NativeProgress,
  NativeQuestion,
  NativeResult,
  NativeSteps,
} from '../native.js';
import { allocated } from './allocate.js';
import { Questions } from './questions.js';
import { listen } from './signal.js';
import { turn } from './turn.js';

export interface JobHooks {
  /** Fills `question.out`; throws (or rejects with) what the job is to fail with. */
  answer?: (question: NativeQuestion) => void | Promise<void>;
  /** What it throws, or rejects with, ends the job and is what `ended` carries for its failure. */
  onProgress?: (progress: NativeProgress) => unknown;
  signal?: AbortSignal;
}

export interface JobEnd {
  result: NativeResult;
  /** By the signal or by `abort`. */
  aborted: boolean;
  /** What to reject with: an `SdeError`, or the error that onProgress threw. */
  failure?: unknown;
}

/** Samples handed out before the event loop gets its turn: some tenths of a millisecond. */
const AT_ONCE = 256;
/** What they may need, besides what large ones bring along. */
const BYTES_AT_ONCE = 2 ** 23;

/** Jobs that go on whether or not anybody else holds them. */
const held = new Set<Job>();

/** Lets go of the signal of a job that was collected. */
const dropped = new FinalizationRegistry<() => void>(letGo => letGo());

export class Job {
  /** Resolves when the native thread is done with the job, whatever became of it; never rejects. */
  readonly ended: Promise<JobEnd>;
  readonly #native: NativeJob;
  readonly #hooks: JobHooks;
  readonly #questions: Questions;
  #letGo: () => void = () => {};
  #end: (end: JobEnd) => void = () => {};
  #answering = false;
  #over = false;
  #failure: { cause: unknown } | undefined;
  #lastCalls = -1;
  #onChange: (() => void) | undefined;

  /** Throws what the addon refuses, and ERR_SDE_INVALID_OPTION for a signal that cannot be listened to. */
  constructor(options: NativeJobOptions, hooks: JobHooks) {
    this.#hooks = hooks;
    this.ended = new Promise(resolve => {
      this.#end = resolve;
    });
    const self = new WeakRef(this);
    try {
      this.#native = addon().start(options, Job.#waker(self));
    } catch (error) {
      throw fromNative(error);
    }
    this.#questions = new Questions(
      this.#native,
      options.shape.reduce((product, size) => product * size, 1),
    );
    held.add(this);
    try {
      this.#listen(self);
    } catch (cause) {
      this.abort();
      throw cause;
    }
  }

  // The addon and the signal hold these, and these do not hold the job.
  static #waker(self: WeakRef<Job>): () => void {
    return () => {
      const job = self.deref();
      if (job) job.#wake();
    };
  }
  static #aborter(self: WeakRef<Job>): () => void {
    return () => self.deref()?.abort();
  }

  #listen(self: WeakRef<Job>): void {
    const { signal } = this.#hooks;
    if (!signal) return;
    this.#letGo = listen(signal, Job.#aborter(self));
    dropped.register(this, this.#letGo, this);
  }

  abort(): void {
    this.#native.abort();
  }

  /**
   * Whether the job keeps itself and the process alive, as it does at first. One that does not, and that nobody holds, is
   * aborted when it is collected.
   */
  hold(wanted: boolean): void {
    if (this.#over) return;
    if (wanted) {
      held.add(this);
      this.#native.ref();
    } else {
      held.delete(this);
      this.#native.unref();
    }
  }

  /** Some of the finished samples not taken yet; none where there are none. Throws ERR_SDE_OUT_OF_MEMORY. */
  take() {
    return allocated('finished samples', BYTES_AT_ONCE, () => this.#native.take(Float32Array, AT_ONCE));
  }

  /**
   * Of a job that is over: moves the next steps into the arrays, with `firstRow` added to the samples' rows; how many
   * there were.
   */
  steps(into: NativeSteps, firstRow = 0): number {
    const taken = this.#native.steps(into);
    for (let i = 0; firstRow > 0 && i < taken; i++) into.sample[i] += firstRow;
    return taken;
  }

  /** Resolves at the next wake: there may be samples to take. Of a job that is over, with `ended`. */
  async changed(): Promise<void> {
    if (this.#over) {
      await this.ended;
      return;
    }
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
      held.delete(this);
      dropped.unregister(this);
      this.#letGo();
      const { result, aborted, error } = outcome;
      // A rejection of the last onProgress is still on its way, some microtasks long where another library made it.
      setImmediate(() => {
        const failure = this.#failure ? this.#failure.cause : error && asError(error);
        this.#end({ result, aborted, failure });
      });
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
    tell(onProgress, progress, cause => {
      this.#failure ??= { cause };
      this.abort();
    });
  }

  /** Never rejects. What comes after the job's end (an abort) is nobody's any more. */
  async #answer(): Promise<void> {
    const { answer } = this.#hooks;
    if (!answer || this.#answering) return;
    this.#answering = true;
    try {
      await turn();
      const question = await this.#questions.next();
      if (question && !this.#over) {
        await answer(question);
        if (!this.#over) await this.#questions.answer(question);
      }
    } catch (cause) {
      if (!this.#over) {
        this.#failure ??= { cause };
        this.#native.fail();
      }
    } finally {
      this.#answering = false;
    }
  }
}

/** `stop` is called with what to reject with, where `onProgress` throws or rejects, perhaps later. */
export function tell<P>(onProgress: (progress: P) => unknown, progress: P, stop: (cause: unknown) => void): void {
  const fail = (cause: unknown) => stop(thrownBy('onProgress', cause));
  try {
    const pending = onProgress(progress);
    if (isThenable(pending)) Promise.resolve(pending).catch(fail);
  } catch (cause) {
    fail(cause);
  }
}

/** Promises of other libraries and other realms included. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | undefined | null)?.then === 'function';
}

/** What the addon says that a job failed with. */
export function asError({ code, message }: { code: string; message: string }): unknown {
  return fromNative(Object.assign(new Error(message), { code }));
}
