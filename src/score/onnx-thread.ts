/** A thread with an ONNX session: lib/onnx-worker.cjs, since onnxruntime-node computes on the thread that calls it. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { root } from '#binding';
import { messageOf, type SdeError, sdeError } from '../errors.js';
import type { Declared, Feed, Tensor } from './onnx-signature.js';

const PACKAGE = 'onnxruntime-node';

/** What goes to `InferenceSession.create`. */
export interface SessionOptions {
  intraOpNumThreads: number;
  executionProviders?: readonly (string | { readonly name: string })[];
}

/** What the thread says of the model, or why it cannot be loaded. */
type Opened = { inputs: Declared[]; outputs: Declared[]; error?: undefined } | { error: string };

export interface OnnxCall {
  feeds: Feed[];
  output: string;
  /** Of classifier-free guidance the scale: every input doubles its rows. */
  guidance?: number;
}

interface Pending {
  resolve: (answer: Tensor) => void;
  reject: (error: Error) => void;
}

export class OnnxThread {
  readonly inputs: readonly Declared[];
  readonly outputs: readonly Declared[];
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #calls = 0;
  #ended: Error | undefined;

  /**
   * Starts a thread with the model; the bytes are transferred to it. Rejects with ERR_SDE_ONNX_UNAVAILABLE, or with an
   * Error that says what the runtime has against the model.
   */
  static async open(bytes: ArrayBuffer, options: SessionOptions): Promise<OnnxThread> {
    const runtime = resolved(PACKAGE);
    // Errors alone: warnings of the runtime would go to the terminal.
    const workerData = { runtime, bytes, options: { ...options, logSeverityLevel: 3, extra: NO_SPINNING } };
    const file = join(root, 'lib', 'onnx-worker.cjs');
    const worker = new Worker(file, { workerData, transferList: [bytes] });
    const opened = await new Promise<Opened>((resolve, reject) => {
      // What is thrown before there is a session: the runtime itself does not load.
      worker.on('error', cause => reject(unavailable(`${runtime} does not load: ${messageOf(cause)}`, cause)));
      worker.once('message', resolve);
    });
    if (opened.error === undefined) return new OnnxThread(worker, opened);
    await worker.terminate();
    throw new Error(opened.error);
  }

  private constructor(worker: Worker, { inputs, outputs }: { inputs: Declared[]; outputs: Declared[] }) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.#worker = worker;
    OnnxThread.#listen(worker, new WeakRef(this));
    worker.unref();
    dropped.register(this, worker, this);
  }

  // The thread holds these, and these do not hold its owner.
  static #listen(worker: Worker, self: WeakRef<OnnxThread>): void {
    const end = (error: Error) => {
      const thread = self.deref();
      if (thread) thread.#end(error);
    };
    worker.on('message', message => {
      const thread = self.deref();
      if (thread) thread.#answered(message);
    });
    worker.on('error', end);
    worker.on('exit', () => end(new Error('its thread has ended')));
  }

  /** `transfer`: buffers that are the thread's from now on. Rejects with an Error of the runtime's words. */
  ask(call: OnnxCall, transfer: readonly ArrayBuffer[]): Promise<Tensor> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const id = this.#calls++;
      this.#worker.postMessage({ id, ...call }, transfer);
      this.#pending.set(id, { resolve, reject });
      // A call keeps the process alive, and the thread itself does not.
      this.#worker.ref();
      busy.add(this);
    });
  }

  /** Frees the model. No call may be under way. */
  close(): void {
    dropped.unregister(this);
    close(this.#worker);
  }

  #answered({ id, answer, error }: { id: number; answer?: Tensor; error?: string }): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) {
      this.#worker.unref();
      busy.delete(this);
    }
    if (answer) pending?.resolve(answer);
    else pending?.reject(new Error(error));
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#pending.values()) reject(this.#ended);
    this.#pending.clear();
    busy.delete(this);
  }
}

/**
 * Threads of the runtime that wait by spinning take the cores from the solver, and from other jobs: measured on two cores
 * shared with others, calls took up to twice the time and always twice the work.
 */
const NO_SPINNING = { session: { intra_op: { allow_spinning: '0' } } };

/** With calls under way: who waits for an answer need not hold the thread. */
const busy = new Set<OnnxThread>();

/** Of threads whose owner was collected. */
const dropped = new FinalizationRegistry<Worker>(close);

function close(worker: Worker): void {
  worker.postMessage('close');
}

/** '1.30.0'. Throws ERR_SDE_ONNX_UNAVAILABLE. */
export function onnxRuntimeVersion(): string {
  return requireHere()(resolved(`${PACKAGE}/package.json`)).version;
}

/** From where this package lies, where its peer dependencies are. */
function requireHere(): NodeJS.Require {
  return createRequire(join(root, 'package.json'));
}

function resolved(name: string): string {
  try {
    return requireHere().resolve(name);
  } catch (cause) {
    throw unavailable(`${PACKAGE} is not installed where fast-sde is (${root})`, cause);
  }
}

function unavailable(what: string, cause: unknown): SdeError {
  return sdeError('ERR_SDE_ONNX_UNAVAILABLE', `ONNX models cannot be evaluated: ${what}.`, { cause });
}
