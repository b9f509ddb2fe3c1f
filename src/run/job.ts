/** One native job from its start to its outcome: wakes, questions to a callback score, progress, abort. */
import { setImmediate } from 'node:timers';
import { addon } from '../addon.js';
import { fromNative, invalidOption, thrownBy } from '../errors.js';
import type {
  NativeJob,
  NativeJobOptions,
  NativeProgress,
  NativeQuestion,
  NativeResult,
  NativeSteps,
} from '../native.js';
import { allocated } from './allocate.js';

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
  readonly #elements: number;
  #letGo: () => void = () => {};
  #end: (end: JobEnd) => void = () => {};
  /** Room for the largest call, made at the first. */
  #room: NativeQuestion | undefined;
  #answering = false;
  #over = false;
  #failure: { cause: unknown } | undefined;
  #lastCalls = -1;
  #onChange: (() => void) | undefined;

  /** Throws what the addon refuses, and ERR_SDE_INVALID_OPTION for a signal that cannot be listened to. */
  constructor(options: NativeJobOptions, hooks: JobHooks) {
    this.#hooks = hooks;
    this.#elements = options.shape.reduce((product, size) => product * size, 1);
    this.ended = new Promise(resolve => {
      this.#end = resolve;
    });
    const self = new WeakRef(this);
    try {
      this.#native = addon().start(options, Job.#waker(self));
    } catch (error) {
      throw fromNative(error);
    }
    held.add(this);
    try {
      this.#listen(self);
    } catch (cause) {
      this.abort();
      throw invalidOption('signal', hooks.signal, 'an AbortSignal that can be listened to', { cause });
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
    const listener = Job.#aborter(self);
    signal.addEventListener('abort', listener, { once: true });
    this.#letGo = remover(signal, listener);
    dropped.register(this, this.#letGo, this);
    if (signal.aborted) this.abort();
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
    const stop = (cause: unknown) => {
      this.#failure ??= { cause: thrownBy('onProgress', cause) };
      this.abort();
    };
    try {
      const pending = onProgress(progress);
      if (isThenable(pending)) Promise.resolve(pending).catch(stop);
    } catch (cause) {
      stop(cause);
    }
  }

  #answer(): void {
    const { answer } = this.#hooks;
    if (!answer || this.#answering) return;
    try {
      const question = this.#question();
      if (!question) return;
      this.#answering = true;
      const pending = answer(question);
      if (pending)
        pending.then(
          () => this.#answered(question),
          cause => this.#failed(cause),
        );
      else this.#answered(question);
    } catch (cause) {
      this.#failed(cause);
    }
  }

  /** What is asked, as views of the room, or undefined. Throws ERR_SDE_OUT_OF_MEMORY. */
  #question(): NativeQuestion | undefined {
    const { rows: most } = this.#native;
    const elements = this.#elements;
    // An array is empty once a callback has transferred it to another thread.
    if (!this.#room || Object.values(this.#room).some(array => array.length === 0)) {
      this.#room = allocated(`${most} questions of ${elements} numbers`, 8 * most * (elements + 2), () => ({
        x: new Float32Array(most * elements),
        time: new Float64Array(most),
        samples: new BigInt64Array(most),
        out: new Float32Array(most * elements),
      }));
    }
    const { x, time, samples, out } = this.#room;
    const rows = this.#native.question(this.#room);
    if (rows === undefined) return undefined;
    return {
      x: x.subarray(0, rows * elements),
      time: time.subarray(0, rows),
      samples: samples.subarray(0, rows),
      out: out.subarray(0, rows * elements),
    };
  }

  #answered({ out }: NativeQuestion): void {
    this.#answering = false;
    // An answer that comes after the job's end (an abort) is nobody's any more.
    if (this.#over) return;
    try {
      this.#native.answer(out);
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

/** What holds no job. What a signal throws here is of no consequence any more. */
function remover(signal: AbortSignal, listener: () => void): () => void {
  return () => {
    try {
      signal.removeEventListener('abort', listener);
    } catch {}
  };
}

/** Promises of other libraries and other realms included. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | undefined | null)?.then === 'function';
}

function asError({ code, message }: { code: string; message: string }): unknown {
  return fromNative(Object.assign(new Error(message), { code }));
}
