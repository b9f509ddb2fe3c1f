/** The arrays in which a score in JavaScript is asked and answers. */
import { setImmediate } from 'node:timers/promises';
import { fromNative } from '../errors.js';
import type { NativeJob, NativeQuestion } from '../native.js';
import { allocated } from './allocate.js';

/** Numbers copied before the event loop gets its turn: a millisecond or two. */
const AT_ONCE = 2 ** 20;

export class Questions {
  readonly #native: NativeJob;
  /** Numbers of a row. */
  readonly #elements: number;
  /** Room for the largest call, made at the first. */
  #room: NativeQuestion | undefined;

  constructor(native: NativeJob, elements: number) {
    this.#native = native;
    this.#elements = elements;
  }

  /** What is asked now, as views of the room, or undefined. Throws ERR_SDE_OUT_OF_MEMORY. */
  async next(): Promise<NativeQuestion | undefined> {
    const room = this.#roomy();
    const rows = this.#native.question(room, 0, AT_ONCE);
    if (rows === undefined) return undefined;
    const numbers = rows * this.#elements;
    for (let from = AT_ONCE; from < numbers; from += AT_ONCE) {
      await setImmediate();
      if (this.#native.question(room, from, from + AT_ONCE) === undefined) return undefined;
    }
    return {
      x: room.x.subarray(0, numbers),
      time: room.time.subarray(0, rows),
      samples: room.samples.subarray(0, rows),
      out: room.out.subarray(0, numbers),
    };
  }

  /** Lets the job go on. Throws ERR_SDE_CALLBACK_FAILED where the array was transferred away. */
  async answer({ out }: NativeQuestion): Promise<void> {
    try {
      this.#native.answer(out, 0, AT_ONCE);
      for (let from = AT_ONCE; from < out.length; from += AT_ONCE) {
        await setImmediate();
        this.#native.answer(out, from, from + AT_ONCE);
      }
    } catch (error) {
      throw fromNative(error);
    }
  }

  #roomy(): NativeQuestion {
    const { rows } = this.#native;
    const elements = this.#elements;
    // An array is empty once a score has transferred it to another thread.
    const there = <A extends ArrayLike<unknown>>(array: A | undefined) => (array?.length ? array : undefined);
    const { x, time, samples, out } = this.#room ?? {};
    if (there(x) && there(time) && there(samples) && there(out)) return this.#room!;
    this.#room = allocated(`${rows} questions of ${elements} numbers`, 8 * rows * (elements + 2), () => ({
      x: there(x) ?? new Float32Array(rows * elements),
      time: there(time) ?? new Float64Array(rows),
      samples: there(samples) ?? new BigInt64Array(rows),
      out: there(out) ?? new Float32Array(rows * elements),
    }));
    return this.#room;
  }
}
