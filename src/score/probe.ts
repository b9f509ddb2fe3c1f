/**
 * A look at a network before its first job with samples of a shape: a few calls of at most three rows show whether it
 * answers row by row, the same each time, and in which memory layout. They count in no statistics.
 */
import { addon } from '../addon.js';
import type { NativeModelFacts, NativeScore } from '../native.js';
import type { UsedLayout } from '../result.js';
import type { Layout } from '../words.js';
import type { ScoreFacts } from './facts.js';
import {
  answersByChance,
  answersNothing,
  ignoresTime,
  isForOneBatch,
  type Module,
  mixesRows,
  takesOneTime,
  weightsConverted,
} from './module-faults.js';
import { answersOf, networkTime, noise, noised, type Request } from './network.js';
import type { Asked, Probed, ProbeOptions } from './prepared.js';

/** After a job. */
export function usedLayout(score: Module, handle: NativeScore, { layout, reason }: Probed): UsedLayout {
  if (layout === 'contiguous') return { used: 'contiguous', reason };
  const { layoutMatters, fellBack } = addon().describeModel(handle);
  if (!layoutMatters) return { used: score.layout === 'channels_last' ? 'channels_last' : 'contiguous' };
  return {
    used: 'channels_last',
    ...(fellBack && { reason: 'calls that failed in channels_last ran in contiguous memory' }),
  };
}

/** Differences up to this share of an answer are rounding: sums in another order, or a short mantissa. */
const ROUNDING = { float32: 1e-4, tf32: 1e-2, bfloat16: 5e-2, float16: 1e-2 } as const;
/** Of one call made twice, in whatever precision. */
const REPEATED = 1e-4;

/** Rows to try where one, two and three fail: a module may be made for one batch. */
const BATCHES = [4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 48, 64, 100, 128, 256];

/** Names of the requests. */
const [FIRST, SECOND, THIRD, FIRST_AT_THIRD, SECOND_AT_FIRST] = [0, 1, 2, 3, 4];

/** How a network is asked. */
export interface Asking {
  /** Of a TorchScript module: what knows how it was exported, and has memory layouts. */
  native?: NativeScore;
  ask(requests: readonly Request[], layout: Layout): Promise<Float32Array[]>;
}

/** A network that the addon asks. */
export function askedNatively(handle: NativeScore, options: Asked): Asking {
  const network = { ...options, handle };
  return { native: handle, ask: (requests, layout) => answersOf(network, requests, layout) };
}

/** Of a model that says nothing of its export. */
const UNKNOWN: NativeModelFacts = {
  layoutMatters: false,
  fellBack: false,
  normsByBatch: false,
  trainMode: '',
  random: '',
  foreignWeights: '',
};

const known = new WeakMap<object, Map<string, Promise<Probed>>>();

/**
 * Once a model, shape and kind of call; `model` is what there is one of. Rejects with ERR_SDE_MODEL_INVALID where the
 * network does not answer row by row, or not the same each time; with ERR_SDE_MODEL_FAILED or ERR_SDE_MODEL_OUTPUT where it does not answer.
 */
export function probe(
  score: Module & Pick<ScoreFacts, 'timeInput'>,
  model: object,
  asking: Asking,
  options: ProbeOptions,
): Promise<Probed> {
  const { shape, condition, count, unconditional, rows, padBatch, sde } = options;
  const kind = [condition?.constructor.name, (condition?.length ?? 0) / count, unconditional !== undefined];
  const key = JSON.stringify([shape, kind, Math.min(rows, 3), padBatch && rows, sde.kind, sde.T, sde.tEnd]);
  const all = known.get(model) ?? new Map<string, Promise<Probed>>();
  known.set(model, all);
  const found = all.get(key);
  if (found !== undefined) return found;
  const elements = shape.reduce((product, size) => product * size, 1);
  const at = [1, 0.5, 0.05].map(u => sde.tEnd + u * (sde.T - sde.tEnd));
  const points = at.map((t, i) => noised(sde, t, noise(elements, i)));
  const times = at.map(t => networkTime(score.timeInput, sde, t));
  const probed = new Probe(score, asking, { rows, padBatch, points, times }).run();
  all.set(key, probed);
  // What failed is looked at again by the next job, which may bring what was missing.
  probed.catch(() => all.delete(key));
  return probed;
}

/** A call that was made: its requests by name, and what came of it. */
interface Call {
  rows: readonly number[];
  answers?: readonly Float32Array[];
  error?: unknown;
}

/** How the network will be asked, and what it is asked for a look. */
interface Looked extends Pick<ProbeOptions, 'rows' | 'padBatch'> {
  /** Three of each; times in the network's own time input. */
  points: readonly Float32Array[];
  times: readonly number[];
  /** Whether an answer that does not depend on the time is as it should be. */
  mayIgnoreTime?: boolean;
}

export class Probe {
  readonly #score: Module;
  readonly #asking: Asking;
  readonly #options: Looked;
  readonly #requests: readonly Request[];

  constructor(score: Module, asking: Asking, options: Looked) {
    this.#score = score;
    this.#asking = asking;
    this.#options = options;
    const { points, times } = options;
    const request = (point: number, time: number): Request => {
      return { x: points[point], time: times[time], sample: point };
    };
    this.#requests = [request(0, 0), request(1, 1), request(2, 2), request(0, 2), request(1, 0)];
  }

  async run(): Promise<Probed> {
    const { native } = this.#asking;
    const facts = native ? addon().describeModel(native) : UNKNOWN;
    const layout = facts.layoutMatters ? 'contiguous' : 'auto';
    let calls = await this.#look(layout);
    if (facts.foreignWeights !== '' && calls.every(({ error }) => error !== undefined)) {
      await addon().unifyModel(native!);
      const again = await this.#look(layout);
      if (again.some(({ answers }) => answers)) {
        weightsConverted(this.#score, facts);
        calls = again;
      }
    }
    await this.#judge(calls, facts, layout);
    return facts.layoutMatters ? this.#compare(calls) : { layout: 'auto' };
  }

  /** Channels_last, where it gives the answers of contiguous memory. */
  async #compare(calls: readonly Call[]): Promise<Probed> {
    const once = calls.filter(({ rows }, i) => calls.findIndex(other => String(other.rows) === String(rows)) === i);
    const others = await this.#call(
      once.map(({ rows }) => rows),
      'channels_last',
    );
    let reason: string | undefined;
    for (const [i, { rows, answers, error }] of others.entries()) {
      if (error !== undefined) reason ??= `channels_last: ${firstLine(error)}`;
      const off = answers?.some((answer, row) => this.#differs(answer, once[i].answers![row], rows[row]));
      if (off) reason ??= 'channels_last gives other answers than contiguous memory';
    }
    await addon().keepLayout(this.#asking.native!, reason === undefined ? 'channels_last' : 'contiguous');
    return reason === undefined ? { layout: 'auto' } : { layout: 'contiguous', reason };
  }

  /** The same requests alone and in company, and one of them twice. */
  async #look(layout: 'auto' | 'contiguous' | 'channels_last'): Promise<Call[]> {
    const { rows, padBatch } = this.#options;
    const together = [FIRST, SECOND, THIRD];
    const sets =
      rows === 1
        ? [[FIRST], [FIRST], [FIRST_AT_THIRD]]
        : [together, together, [FIRST], [THIRD, SECOND], [FIRST_AT_THIRD]];
    const calls = await this.#call(sets, layout);
    // A module that is made for this very batch.
    const padded = padBatch && rows > 1 && calls.some(({ error }) => error !== undefined);
    if (!padded) return calls;
    const inBatch = await this.#call(
      [cycle(together, rows), cycle(together, rows), cycle([THIRD, FIRST], rows)],
      layout,
    );
    return inBatch.every(({ answers }) => answers) ? inBatch : calls;
  }

  async #call(sets: readonly (readonly number[])[], layout: 'auto' | 'contiguous' | 'channels_last'): Promise<Call[]> {
    const calls: Call[] = [];
    for (const rows of sets) {
      const requests = rows.map(name => this.#requests[name]);
      const call = await this.#asking.ask(requests, layout).then(
        answers => ({ rows, answers }),
        error => ({ rows, error }),
      );
      calls.push(call);
    }
    return calls;
  }

  /** Throws what is wrong with the network; warns of what may be. */
  async #judge(calls: readonly Call[], facts: NativeModelFacts, layout: 'auto' | 'contiguous'): Promise<void> {
    const score = this.#score;
    const failed = calls.filter(({ error }) => error !== undefined);
    if (failed.length === calls.length) {
      const fits = this.#options.rows === 1 ? undefined : await this.#batchThatFits(layout);
      throw fits === undefined ? answersNothing(score, failed[0].error) : isForOneBatch(score, [fits], failed[0].error);
    }
    if (failed.length > 0) {
      const [other] = score.layout === 'channels_last' ? await this.#call([failed[0].rows], 'contiguous') : [];
      if (other?.answers) throw answersNothing(score, failed[0].error);
      const fitting = calls.filter(({ answers }) => answers).map(({ rows }) => rows.length);
      throw isForOneBatch(score, [...new Set(fitting)], failed[0].error);
    }
    const first = answers(calls, FIRST);
    if (this.#differs(calls[1].answers![0], first[0], FIRST, REPEATED)) throw answersByChance(score, facts);
    if (facts.normsByBatch && this.#options.rows > 1) throw mixesRows(score, facts);
    const names = [FIRST, SECOND, THIRD];
    if (names.some(name => answers(calls, name).some((one, _, all) => this.#differs(one, all[0], name)))) {
      const [other] = await this.#call([[FIRST, SECOND_AT_FIRST]], layout);
      const alone = calls.find(({ rows }) => rows.length === 1)?.answers?.[0];
      const sameTime = other.answers && alone && !this.#differs(other.answers[0], alone, FIRST);
      throw sameTime ? takesOneTime(score) : mixesRows(score, facts);
    }
    const [alone] = calls.flatMap(({ rows, answers }) =>
      rows.length === 1 && rows[0] === FIRST ? (answers ?? []) : [],
    );
    const [elsewhen] = answers(calls, FIRST_AT_THIRD);
    if (this.#options.mayIgnoreTime) return;
    if (alone && elsewhen?.every((value, i) => value === alone[i])) ignoresTime(score);
  }

  async #batchThatFits(layout: 'auto' | 'contiguous'): Promise<number | undefined> {
    for (const rows of BATCHES) {
      const [call] = await this.#call([cycle([FIRST, SECOND, THIRD], rows)], layout);
      if (call.answers) return rows;
    }
    return undefined;
  }

  /** By more than rounding: relative to the answer, and to the input where the answer is a small difference. */
  #differs(a: Float32Array, b: Float32Array, name: number, rounding = ROUNDING[this.#score.dtype]): boolean {
    const { x } = this.#requests[name];
    let [off, size, input] = [0, 0, 0];
    for (let i = 0; i < a.length; i++) {
      if (Number.isFinite(a[i]) !== Number.isFinite(b[i])) return true;
      if (!Number.isFinite(a[i])) continue;
      off += (a[i] - b[i]) ** 2;
      size += Math.max(a[i] ** 2, b[i] ** 2);
    }
    for (const value of x) input += value ** 2;
    return Math.sqrt(off) > rounding * (Math.sqrt(size) + 0.02 * Math.sqrt(input));
  }
}

/** All answers to one request. */
function answers(calls: readonly Call[], name: number): Float32Array[] {
  return calls.flatMap(call => call.answers?.filter((_, row) => call.rows[row] === name) ?? []);
}

function cycle(names: readonly number[], rows: number): number[] {
  return Array.from({ length: rows }, (_, row) => names[row % names.length]);
}

function firstLine(error: unknown): string {
  return String((error as Error).message).split('\n', 1)[0];
}
