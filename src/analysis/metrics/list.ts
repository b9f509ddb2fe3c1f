/** `metrics`: what is measured of samples, how sure it is, and what may be said of two samplers. docs/metrics.md is its guide. */
export { type Band, type BandVariance, type BandVarianceOptions, bandVariance } from './band-variance.js';
export { buresWasserstein } from './bures-wasserstein.js';
export { classifierTwoSample } from './classifier-two-sample.js';
export type { Clusters, Weights } from './clusters.js';
export { type Cost, cost } from './cost.js';
export { energyDistance } from './energy-distance.js';
export { type Floor, type FloorOptions, noiseFloor, subsets } from './floor.js';
export { frechet } from './frechet.js';
export { gaussianKl } from './gaussian-kl.js';
export { acrossSeeds, difference, type Estimate, type IntervalOptions, interval } from './interval.js';
export { type MmdOptions, mmd } from './mmd.js';
export { type ModeWeights, modeWeights } from './mode-weights.js';
export type { MetricOptions, Points } from './points.js';
export { type PrecisionRecall, type PrecisionRecallOptions, precisionRecall } from './precision-recall.js';
export { type SlicedWassersteinOptions, slicedWasserstein } from './sliced-wasserstein.js';
export type { Statistic } from './statistic.js';
export { type Verdict, type VerdictOptions, type VerdictWord, verdict } from './verdict.js';
