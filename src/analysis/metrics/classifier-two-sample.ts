/**
 * The accuracy with which a classifier tells samples from the reference (C2ST): 0.5 where the laws are equal, 1 where they
 * do not overlap.
 *
 *   accuracy = ½ P(called a sample | sample) + ½ P(called reference | reference),   on points the classifier was not given
 *
 * The classifier is that of the k nearest neighbours, k the odd number next to √(points it was given). Every other point is
 * given to it and the rest are called, then the other way round. The bootstrap draws from the answers and leaves the
 * classifiers as they are. Lopez-Paz and Oquab, "Revisiting classifier two-sample tests", arXiv:1610.06545.
 *
 * Cost: (n + m)²·d/2 operations once; clusters a draw of the bootstrap.
 */
import { turn } from '../../run/turn.js';
import { clustersOf, meanOf } from './clusters.js';
import { nearest } from './neighbours.js';
import {
  type CheckedPoints,
  checkedPair,
  everyOther,
  type MetricOptions,
  metricOptions,
  type Points,
} from './points.js';
import { ofPair, type Statistic } from './statistic.js';

/** `value`: the accuracy. Rejects with ERR_SDE_INVALID_SHAPE, ERR_SDE_INVALID_OPTION, ERR_SDE_UNKNOWN_OPTION. */
export async function classifierTwoSample(
  samples: Points,
  reference: Points,
  options?: MetricOptions,
): Promise<Statistic> {
  const { seeds } = metricOptions('classifierTwoSample', options);
  const { x, y } = await checkedPair(samples, reference, 10);
  const [first, second] = [clustersOf(x.n, seeds), clustersOf(y.n)];
  const [rightOfX, rightOfY] = [new Uint8Array(x.n), new Uint8Array(y.n)];
  for (const fold of [0, 1]) {
    const classifier = learnt(everyOther(x, 1 - fold), everyOther(y, 1 - fold));
    for (let row = fold; row < x.n; row += 2) {
      rightOfX[row] = Number(classifier(x, row));
      await turn();
    }
    for (let row = fold; row < y.n; row += 2) {
      rightOfY[row] = Number(!classifier(y, row));
      await turn();
    }
  }
  const [called, refused] = [meanOf(rightOfX, first), meanOf(rightOfY, second)];
  return ofPair('classifierTwoSample', first, second, (v, w) => (called(v) + refused(w)) / 2, 0.5);
}

/** Whether a point looks like one of the samples. Each side's neighbours count as one over how many points it has. */
function learnt(x: CheckedPoints, y: CheckedPoints): (points: CheckedPoints, row: number) => boolean {
  const both = { data: new Float64Array(x.data.length + y.data.length), n: x.n + y.n, d: x.d };
  both.data.set(x.data);
  both.data.set(y.data, x.data.length);
  const k = Math.min(both.n, 2 * Math.floor(Math.sqrt(both.n) / 2) + 1);
  return (points, row) => {
    const samples = nearest(points, row, both, k).rows.filter(place => place < x.n).length;
    return samples / x.n > (k - samples) / y.n;
  };
}
