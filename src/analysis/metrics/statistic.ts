/** What a metric gives: its value, and its value had the samples counted otherwise, which is all that the bootstrap asks. */
import { type Clusters, equalWeights, type Weights } from './clusters.js';

export interface Statistic {
  /** The metric's name. */
  readonly metric: string;
  /** On the samples as they are. */
  readonly value: number;
  /** The value of perfect samples, where smaller is not simply better: 1 of a ratio, 0.5 of an accuracy. */
  readonly target?: number;
  readonly samples: Clusters;
  /** Absent where the truth is known and not sampled. */
  readonly reference?: Clusters;
  /** The value where each cluster counts so often. A pure function; see the metric for its cost. */
  readonly at: (samples: Weights, reference?: Weights) => number;
}

/** A metric of samples against known truth. */
export function ofSamples(
  metric: string,
  samples: Clusters,
  at: (samples: Weights) => number,
  target?: number,
): Statistic {
  return { metric, value: at(equalWeights(samples)), target, samples, at };
}

/** A metric of two sets of samples. */
export function ofPair(
  metric: string,
  samples: Clusters,
  reference: Clusters,
  at: (samples: Weights, reference: Weights) => number,
  target?: number,
): Statistic {
  const all = equalWeights(reference);
  const value = at(equalWeights(samples), all);
  return { metric, value, target, samples, reference, at: (weights, others = all) => at(weights, others) };
}
