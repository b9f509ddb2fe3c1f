/** Whether a network's `predicts` and `timeInput` are what it was trained with: seen from its answers to noise. */
import { invalidOption } from './errors.js';
import { readable } from './options/checks.js';
import { checkedOptions } from './options/job.js';
import type { SampleOptions } from './options/sample.js';
import type { CallbackScore } from './score/callback.js';
import { answersTo, type Network, networkTime, noise, type Request } from './score/network.js';
import type { OnnxScore } from './score/onnx.js';
import { type Answered, RATIOS, type Reading, ranked, reading } from './score/readings.js';
import { kindOf, nativeScore } from './score/score.js';
import type { TorchScore } from './score/torch.js';
import type { CheckedSde } from './sde/sde.js';
import { PREDICTIONS, TIME_INPUTS } from './words.js';

export interface InspectOptions extends Pick<SampleOptions, 'sde' | 'shape' | 'condition' | 'guidance' | 'device'> {
  /** Rows of `condition`. Default 1. */
  count?: number;
}

export interface Inspection {
  /** Whether what the score says of itself fits. */
  fits: boolean;
  /** That, in a sentence; what fits better, where something does. */
  verdict: string;
  /** What the score says of itself. */
  declared: Reading;
  /** Every way to read the answers, the best first. */
  readings: readonly Reading[];
}

/** Numbers that the slopes are taken over, at least: an error of 3 % at the worst. */
const NUMBERS = 2048;
const MOST_ROWS = 256;

/**
 * Asks a network once in each time input, with a few rows of noise of five times: prior noise at T, and noise about data
 * in the middle of dataRange. Reads its answers in each way there is. A right noise predictor answers the noise: slope 1 and
 * correlation 1. Some pairs cannot be told apart by this, such as noise and velocity under ve(): then both fit.
 *
 * Rejects with what `sample` rejects with before its work starts, and with ERR_SDE_INVALID_OPTION for a mixture, which is
 * its own truth.
 */
export async function inspect(
  score: TorchScore | OnnxScore | CallbackScore,
  options: InspectOptions,
): Promise<Inspection> {
  const given = readable('inspect options', () => ({ ...options, score }));
  const { native, sde, score: checked, devices, elements } = checkedOptions('inspect', given);
  if (checked.kind === 'mixture') {
    throw invalidOption('score', score, 'a torchScore, an onnxScore or a callbackScore', {
      hint: 'A mixture is exact.',
    });
  }
  const rows = Math.min(MOST_ROWS, Math.max(4, Math.ceil(NUMBERS / elements)));
  const { shape, condition, unconditional, guidanceScale, count } = native;
  const handle = await nativeScore(checked, devices[0]);
  const network: Network = { handle, shape, condition, unconditional, guidanceScale, count };
  await kindOf(checked).prepare?.(checked, handle, { ...network, sde, rows, padBatch: false });

  const { predicts, timeInput } = checked;
  const points = pointsOf(sde, rows, elements);
  const readings: Reading[] = [];
  for (const time of TIME_INPUTS) {
    const requests = points.flatMap(({ t, x }) => requestsOf(x, rows, networkTime(time, sde, t)));
    const answers = await answersTo(kindOf(checked), checked, network, requests).catch(error => {
      // A time of another kind may be none that the network can take.
      if (time === timeInput) throw error;
      return undefined;
    });
    const answered =
      answers && points.map((point, i) => ({ ...point, y: joined(answers.slice(i * rows, (i + 1) * rows)) }));
    for (const what of PREDICTIONS) readings.push(reading(what, time, answered));
  }
  const sorted = ranked(readings);
  const declared = sorted.find(one => one.predicts === predicts && one.timeInput === timeInput)!;
  return { fits: declared.fits, verdict: verdictOn(declared, sorted), declared, readings: sorted };
}

type Point = Omit<Answered, 'y'> & { t: number };

/** Noise about the middle of the data range at T, and where it is so many half widths. */
function pointsOf(sde: CheckedSde, rows: number, elements: number): Point[] {
  const [low, high] = sde.dataRange;
  const middle = (low + high) / 2;
  const times = [sde.T, ...RATIOS.map(ratio => timeOf(sde, (ratio * (high - low)) / 2))];
  return times.map((t, i) => {
    const z = joined(Array.from({ length: rows }, (_, row) => noise(elements, i * rows + row)));
    const alpha = sde.alpha(t);
    const sigma = t === sde.T ? sde.priorStd : sde.sigma(t);
    // The prior has no mean.
    const x = z.map(value => (t === sde.T ? 0 : alpha * middle) + sigma * value);
    return { t, alpha, sigma, z, x };
  });
}

/** When sigma/alpha, which grows with t, is `level`; tEnd or T where it never is. */
function timeOf({ tEnd, T, alpha, sigma }: CheckedSde, level: number): number {
  let [early, late] = [tEnd, T];
  for (let halvings = 0; halvings < 50; halvings++) {
    const middle = (early + late) / 2;
    if (sigma(middle) / alpha(middle) < level) early = middle;
    else late = middle;
  }
  return (early + late) / 2;
}

function requestsOf(x: Float32Array, rows: number, time: number): Request[] {
  const elements = x.length / rows;
  return Array.from({ length: rows }, (_, sample) => {
    return { x: x.subarray(sample * elements, (sample + 1) * elements), time, sample };
  });
}

function joined(rows: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(rows.length * rows[0].length);
  for (const [row, numbers] of rows.entries()) all.set(numbers, row * numbers.length);
  return all;
}

function verdictOn(declared: Reading, readings: readonly Reading[]): string {
  const name = ({ predicts, timeInput }: Reading) => `predicts '${predicts}' with timeInput '${timeInput}'`;
  const others = readings.filter(one => one !== declared && one.fits).map(name);
  if (declared.fits)
    return others.length === 0 ? `${name(declared)} fits.` : `${name(declared)} fits; so does ${others.join(', ')}.`;
  const answer = `${name(declared)} does not fit: of the noise at T its answers have slope ${declared.slope.toFixed(2)} and correlation ${declared.correlation.toFixed(2)}`;
  if (others.length > 0) return `${answer}. What fits is ${others.join(', or ')}.`;
  return `${answer}, and no other reading fits. Check sde, its parameters and dataRange, shape and condition, and whether the network is trained.`;
}
