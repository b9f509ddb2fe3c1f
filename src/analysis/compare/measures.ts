/** Which metrics suit a target, at what they may cost, and which differences of them do not matter. */
import { bandVariance } from '../metrics/band-variance.js';
import { energyDistance } from '../metrics/energy-distance.js';
import { modeWeights } from '../metrics/mode-weights.js';
import type { Points } from '../metrics/points.js';
import { slicedWasserstein } from '../metrics/sliced-wasserstein.js';
import type { Statistic } from '../metrics/statistic.js';
import type { CompareTarget } from './target.js';

export const MEASURES = ['slicedWasserstein', 'energyDistance', 'modeWeights', 'bandVariance'] as const;

export type MeasureName = (typeof MEASURES)[number];

/** A statistic with the name that tables show, and what is too little to matter. */
export interface Measured {
  readonly name: string;
  readonly statistic: Statistic;
  readonly margin: number;
}

/** Samples of a target, those of one seed after those of another, held against the reference. */
export interface Question {
  readonly target: CompareTarget;
  readonly samples: Points;
  readonly seeds: number;
  readonly reference: Points;
  /** In standard deviations of the data. */
  readonly margin: number;
}

/** Directions of the sliced distance: intervals take it hundreds of times. */
const PROJECTIONS = 32;

/** Of distances between all pairs: some seconds. */
const MOST_OPERATIONS = 4e9;

/** Modes that samples can be told to belong to. */
const MOST_MODES = 64;

/** Principal components of more dimensions take seconds without a turn of the event loop: they are to be asked for by name. */
const MOST_COMPONENTS = 256;

/** By the target and the number of samples alone, so that all solvers are measured alike. */
export function measuresFor(target: CompareTarget, reference: Points): MeasureName[] {
  const n = target.shape.reduce((product, size) => product * size, 1);
  const pairs = 2 * reference.shape[0] ** 2 * n;
  const modes = target.exact && target.score.kind === 'mixture' ? target.score.weights.length : 0;
  const suits: Record<MeasureName, boolean> = {
    slicedWasserstein: true,
    energyDistance: pairs <= MOST_OPERATIONS,
    modeWeights: 2 <= modes && modes <= MOST_MODES,
    bandVariance: 2 <= n && n <= MOST_COMPONENTS,
  };
  return MEASURES.filter(name => suits[name]);
}

/** Rejects with what the metric rejects with. */
export async function measured(name: MeasureName, question: Question): Promise<Measured[]> {
  const { samples, reference, seeds, margin, target } = question;
  switch (name) {
    // A shift by m standard deviations is m²·variance away, in each direction.
    case 'slicedWasserstein': {
      const statistic = await slicedWasserstein(samples, reference, { seeds, projections: PROJECTIONS });
      return [{ name, statistic, margin: margin ** 2 * varianceOf(reference) }];
    }
    // The same shift of one Gaussian number gives m²·E|y − y'|/2.
    case 'energyDistance': {
      const statistic = await energyDistance(samples, reference, { seeds });
      return [{ name, statistic, margin: (margin ** 2 * meanDistance(reference)) / 2 }];
    }
    // Every share wrong by m of itself.
    case 'modeWeights': {
      if (target.score.kind !== 'mixture') return [];
      return [{ name, statistic: await modeWeights(samples, target.score, { seeds }), margin: margin ** 2 }];
    }
    // A standard deviation wrong by m of itself.
    case 'bandVariance': {
      const bands = await bandVariance(samples, reference, { seeds });
      return bands.map(({ band, ...statistic }) => ({
        name: `${name} ${band.join('–')}`,
        statistic,
        margin: 2 * margin,
      }));
    }
  }
}

/** Of one number, over all of them. */
function varianceOf({ samples, shape: [n] }: Points): number {
  const d = samples.length / n;
  let variance = 0;
  for (let k = 0; k < d; k++) {
    let [sum, squares] = [0, 0];
    for (let at = k; at < samples.length; at += d) sum += samples[at];
    for (let at = k; at < samples.length; at += d) squares += (samples[at] - sum / n) ** 2;
    variance += squares / (n - 1) / d;
  }
  return variance;
}

/** E|y − y'|, of neighbours in the list, which are independent. */
function meanDistance({ samples, shape: [n] }: Points): number {
  const d = samples.length / n;
  let distance = 0;
  for (let row = 1; row < n; row++) {
    let square = 0;
    for (let k = row * d; k < (row + 1) * d; k++) square += (samples[k] - samples[k - d]) ** 2;
    distance += Math.sqrt(square);
  }
  return distance / (n - 1);
}
