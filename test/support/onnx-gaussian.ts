/** The exact score of Gaussian data as an ONNX network, in each convention: truth is mixtureScore's. */
import type { Prediction, TimeInput } from '../../src/index.js';
import { Graph } from './onnx-graph.js';

/** Of samples of shape [1, 2, 4]. */
export const MEAN = [0.3, -0.2, 0.1, 0.5, -0.4, 0, 0.2, -0.1];
export const VARIANCE = 0.04;
const ROWS = ['rows', 1, 2, 4] as const;

export interface Like {
  process?: 'vp' | 've';
  predicts?: Prediction;
  timeInput?: TimeInput;
  /** [rows] unless told otherwise. */
  timeShape?: readonly (number | string)[];
  timeType?: 'float32' | 'float64' | 'int64' | 'float16';
  type?: 'float32' | 'float64' | 'float16';
  /** The first size of x. */
  rows?: number | string;
  /** In place of the mean a condition, by what is made of it. */
  condition?: 'class' | 'mean' | 'square';
  /** As many channels again behind the answer. */
  doubled?: boolean;
  /** Inputs in the order t, x, and an output before the answer. */
  disorder?: boolean;
}

/** The means of classes 0 to 3; the last stands for no class. */
export const CLASSES = [-0.5, 0.25, 0.75, 0];

/** In float64 inside: what is left of a difference to mixtureScore is the float32 of inputs and answers. */
export function onnxGaussian(like: Like = {}): Graph {
  const { process = 'vp', predicts = 'score', timeInput = 't', type = 'float32', timeType = 'float32' } = like;
  const graph = new Graph();
  const inputs = [
    () => graph.input('x', [like.rows ?? 'rows', ...ROWS.slice(1)], type),
    () => graph.input('t', like.timeShape ?? ['rows'], timeType),
  ];
  for (const add of like.disorder ? inputs.reverse() : inputs) add();
  const number = (value: number) => graph.constant([value]);
  const [add, sub, mul, div] = ['Add', 'Sub', 'Mul', 'Div'].map(op => (a: string, b: string) => graph.op(op, [a, b]));
  const exp = (a: string) => graph.op('Exp', [a]);

  const x = graph.cast('x', 'float64');
  const time = graph.op('Reshape', [graph.cast('t', 'float64'), graph.constant([-1, 1, 1, 1], 'int64')]);
  const t = timeInput === 'label' ? div(time, number(999)) : time;
  let [alpha, sigma] = [number(1), time];
  if (process === 'vp') {
    const logAlpha = sub(mul(mul(t, t), number(-0.25 * (20 - 0.1))), mul(t, number(0.05)));
    alpha = exp(logAlpha);
    sigma = graph.op('Sqrt', [sub(number(1), mul(alpha, alpha))]);
  } else if (timeInput === 'edm') sigma = exp(mul(time, number(4)));
  else if (timeInput === 't') sigma = mul(number(0.01), exp(mul(t, number(Math.log(50 / 0.01)))));

  const mean = conditionMean(graph, like.condition) ?? graph.constant(MEAN, 'float64', [1, 2, 4]);
  const variance = add(mul(mul(alpha, alpha), number(VARIANCE)), mul(sigma, sigma));
  const score = div(sub(mul(alpha, mean), x), variance);
  const noise = graph.op('Neg', [mul(sigma, score)]);
  const norm = add(mul(alpha, alpha), mul(sigma, sigma));
  const answer = {
    score: () => score,
    noise: () => noise,
    denoised: () => div(add(x, mul(mul(sigma, sigma), score)), alpha),
    velocity: () => div(sub(mul(norm, noise), mul(sigma, x)), alpha),
  }[predicts]();
  if (like.disorder) graph.output('time', 't', ['rows']);
  const channels = like.doubled ? graph.op('Concat', [answer, x], { axis: 1 }) : answer;
  return graph.output('y', graph.cast(channels, type), [like.rows ?? 'rows', like.doubled ? 2 : 1, 2, 4], type);
}

function conditionMean(graph: Graph, condition: Like['condition']): string | undefined {
  if (condition === 'class') {
    const label = graph.input('label', ['rows'], 'int64');
    const mean = graph.op('Gather', [graph.constant(CLASSES), label]);
    return graph.op('Reshape', [mean, graph.constant([-1, 1, 1, 1], 'int64')]);
  }
  if (condition === undefined) return undefined;
  const mean = graph.input('mean', condition === 'mean' ? ['rows', 8] : ['rows', 2, 'width'], 'float32');
  return graph.op('Reshape', [graph.cast(mean, 'float64'), graph.constant([-1, 1, 2, 4], 'int64')]);
}
