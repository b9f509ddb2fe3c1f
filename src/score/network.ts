/** Single network calls, outside of any job: for whoever looks at a network before or after it is put to work. */
import { types } from 'node:util';
import { addon } from '../addon.js';
import { fromNative } from '../errors.js';
import type { NativeScore } from '../native.js';
import type { CheckedSde } from '../sde/sde.js';
import type { Layout, TimeInput } from '../words.js';
import type { ScoreFacts, ScoreKind } from './facts.js';
import type { Asked } from './prepared.js';

/** alpha and sigma of t, the prior's deviation at T. */
export type NoiseLevels = Pick<CheckedSde, 'T' | 'priorStd' | 'alpha' | 'sigma'>;

/** A loaded network, and all it is asked with besides x and t. */
export interface Network extends Asked {
  handle: NativeScore;
}

export interface Request {
  /** [n] */
  x: Float32Array;
  /** In the network's own time input. */
  time: number;
  /** Which row of the condition goes with it. */
  sample: number;
}

/** One call; an answer a request. Rejects with ERR_SDE_MODEL_FAILED, ERR_SDE_MODEL_OUTPUT, ERR_SDE_OUT_OF_MEMORY. */
export async function answersOf(
  network: Network,
  requests: readonly Request[],
  layout: Layout = 'auto',
): Promise<Float32Array[]> {
  const { handle, shape, condition, count, unconditional, guidanceScale, columns } = network;
  const x = pointsOf(requests);
  const call = {
    shape,
    x,
    time: Float32Array.from(requests, ({ time }) => time),
    layout,
    guidanceScale,
    columns,
    unconditional,
    condition:
      condition &&
      conditionOf(
        condition,
        count,
        Array.from(requests, ({ sample }) => sample),
      ),
  };
  try {
    const answers = await addon().askModel(handle, call);
    return split(answers, requests.length);
  } catch (error) {
    throw fromNative(error);
  }
}

/** One call, of a score that answers in JavaScript too. Rejects with ERR_SDE_CALLBACK_FAILED besides. */
export async function answersTo<Score extends ScoreFacts>(
  { answer }: ScoreKind<Score>,
  score: Score,
  network: Network,
  requests: readonly Request[],
): Promise<Float32Array[]> {
  if (answer === undefined) return answersOf(network, requests);
  const x = pointsOf(requests);
  const out = new Float32Array(x.length).fill(Number.NaN);
  const time = Float64Array.from(requests, request => request.time);
  const samples = BigInt64Array.from(requests, request => BigInt(request.sample));
  const question = { x, time, samples, out };
  await answer(score, question, { ...network, firstIndex: 0n });
  return split(question.out, requests.length);
}

function pointsOf(requests: readonly Request[]): Float32Array {
  const elements = requests[0].x.length;
  const x = new Float32Array(requests.length * elements);
  for (const [row, request] of requests.entries()) x.set(request.x, row * elements);
  return x;
}

function split(answers: Float32Array, rows: number): Float32Array[] {
  const elements = answers.length / rows;
  return Array.from({ length: rows }, (_, row) => answers.subarray(row * elements, (row + 1) * elements));
}

/** The rows of a condition, of which there are `count`, that go with some samples. */
export function conditionOf(
  condition: Float32Array | Int32Array,
  count: number,
  samples: readonly number[],
): Float32Array | Int32Array {
  const width = condition.length / count;
  const rows = types.isFloat32Array(condition)
    ? new Float32Array(samples.length * width)
    : new Int32Array(samples.length * width);
  for (const [row, sample] of samples.entries()) {
    rows.set(condition.subarray((sample % count) * width, ((sample % count) + 1) * width), row * width);
  }
  return rows;
}

/** A time in the unit of a network: the formulas are those of native/core/schedule.hpp. */
export function networkTime(timeInput: TimeInput, sde: NoiseLevels, t: number): number {
  switch (timeInput) {
    case 't':
      return t;
    case 'label':
      return 999 * t;
    case 'sigma':
      return sde.sigma(t);
    case 'edm':
      return Math.log(sde.sigma(t)) / 4;
  }
}

/** n standard normals, the same on every machine. */
export function noise(elements: number, index: number): Float32Array {
  return addon().normals(0n, BigInt(index), 0, new Float32Array(elements));
}

/** sigma(t)·z: noise of time t about data that is zero. */
export function noised(sde: NoiseLevels, t: number, z: Float32Array): Float32Array {
  const sigma = t === sde.T ? sde.priorStd : sde.sigma(t);
  return z.map(value => sigma * value);
}
