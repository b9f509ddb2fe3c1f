/** Means and covariances of weighted samples, and what lies between two Gaussians. */
import { CholeskyDecomposition, EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { invalidOption } from '../../errors.js';
import { turn } from '../../run/turn.js';
import { type Clusters, clustersOf, equalWeights, type Weights } from './clusters.js';
import type { CheckedPoints } from './points.js';

/** Decompositions of larger matrices take many seconds, in which the event loop has no turn. */
const MOST_DIMENSIONS = 1024;

export interface Gaussian {
  /** [d] */
  mean: Float64Array;
  /** [d, d], without bias: of n − 1. */
  covariance: Matrix;
}

/** Sums over each cluster's samples, from which the moments of any weights follow without looking at samples again. */
export interface MomentSums {
  readonly clusters: Clusters;
  readonly d: number;
  /** [d]: subtracted from the samples first, against cancellation. */
  readonly centre: Float64Array;
  /** [clusters, d] */
  readonly first: Float64Array;
  /** [clusters, d(d + 1)/2]: products i ≥ j, row by row. */
  readonly second: Float64Array;
}

/** Numbers that all clusters' sums may take: 128 MiB. */
const MOST_NUMBERS = 2 ** 24;

/** n·d²/2 operations; gives the event loop its turns. Throws ERR_SDE_INVALID_OPTION beyond 1024 dimensions. */
export async function momentSums({ data, n, d }: CheckedPoints, seeds?: number): Promise<MomentSums> {
  if (d > MOST_DIMENSIONS) {
    throw invalidOption('samples.shape', d, `at most ${MOST_DIMENSIONS} numbers a sample`, {
      hint: 'Give features of the samples, or take slicedWasserstein, mmd or energyDistance.',
    });
  }
  const triangle = (d * (d + 1)) / 2;
  const clusters = clustersOf(n, seeds, Math.floor(MOST_NUMBERS / triangle));
  const centre = new Float64Array(d);
  for (let at = 0; at < n * d; at++) centre[at % d] += data[at] / n;
  const first = new Float64Array(clusters.count * d);
  const second = new Float64Array(clusters.count * triangle);
  const row = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < d; k++) row[k] = data[i * d + k] - centre[k];
    const [base, cluster] = [clusters.ofRow[i] * d, clusters.ofRow[i] * triangle];
    for (let k = 0, at = cluster; k < d; k++) {
      first[base + k] += row[k];
      for (let l = 0; l <= k; l++) second[at++] += row[k] * row[l];
    }
    if (i % 64 === 0) await turn();
  }
  return { clusters, d, centre, first, second };
}

/** clusters·d²/2 operations. */
export function gaussianOf({ clusters, d, centre, first, second }: MomentSums, weights: Weights): Gaussian {
  const triangle = (d * (d + 1)) / 2;
  const [sum, products] = [new Float64Array(d), new Float64Array(triangle)];
  let n = 0;
  for (let c = 0; c < clusters.count; c++) {
    const weight = weights[c];
    if (weight === 0) continue;
    n += weight * clusters.sizes[c];
    for (let k = 0, at = c * d; k < d; k++) sum[k] += weight * first[at++];
    for (let k = 0, at = c * triangle; k < triangle; k++) products[k] += weight * second[at++];
  }
  const covariance = Matrix.zeros(d, d);
  for (let k = 0, at = 0; k < d; k++) {
    for (let l = 0; l <= k; l++) {
      const value = (products[at++] - (sum[k] * sum[l]) / n) / (n - 1);
      covariance.set(k, l, value);
      covariance.set(l, k, value);
    }
  }
  return { mean: sum.map((value, k) => centre[k] + value / n), covariance };
}

/** A Gaussian and the root of its covariance. */
export interface Rooted extends Gaussian {
  root: Matrix;
}

/**
 * Those of any weights, times `mask`; of equal weights they are made once, since many bootstraps leave the reference as it
 * is.
 */
export function rootedGaussians(sums: MomentSums, mask = equalWeights(sums.clusters)): (weights: Weights) => Rooted {
  const make = (weights: Weights) => {
    const gaussian = gaussianOf(sums, masked(weights, mask));
    return { ...gaussian, root: rootOf(gaussian.covariance) };
  };
  const plain = make(equalWeights(sums.clusters));
  return weights => (weights.every(weight => weight === 1) ? plain : make(weights));
}

export function masked(weights: Weights, mask: Weights): Weights {
  return weights.map((weight, c) => weight * mask[c]);
}

/** Ascending eigenvalues, and their vectors in columns. */
export function eigenOf(symmetric: Matrix): { values: number[]; vectors: Matrix } {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
  return { values: realEigenvalues, vectors: eigenvectorMatrix };
}

/** The symmetric root of a covariance; what rounding has made negative counts as 0. */
function rootOf(covariance: Matrix): Matrix {
  const { values, vectors } = eigenOf(covariance);
  const scaled = vectors.clone().mulRowVector(values.map(value => Math.sqrt(Math.max(0, value))));
  return scaled.mmul(vectors.transpose());
}

/** W² = |mean_a − mean_b|² + tr A + tr B − 2 tr (B^½ A B^½)^½ */
export function squaredWassersteinOfGaussians(a: Gaussian, b: Rooted): number {
  const { values } = eigenOf(b.root.mmul(a.covariance).mmul(b.root));
  const common = values.reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
  const apart = a.mean.reduce((sum, value, k) => sum + (value - b.mean[k]) ** 2, 0);
  return apart + a.covariance.trace() + b.covariance.trace() - 2 * common;
}

/**
 * KL(a ‖ b) = ½ [tr B⁻¹A + (mean_b − mean_a)ᵀ B⁻¹ (mean_b − mean_a) − d + ln det B − ln det A]; NaN where a covariance has
 * no inverse.
 */
export function divergenceOfGaussians(a: Gaussian, b: Gaussian): number {
  const [A, B] = [new CholeskyDecomposition(a.covariance), new CholeskyDecomposition(b.covariance)];
  if (!A.isPositiveDefinite() || !B.isPositiveDefinite()) return Number.NaN;
  const apart = Matrix.columnVector(a.mean.map((value, k) => b.mean[k] - value));
  const trace = B.solve(a.covariance).trace() + apart.transpose().mmul(B.solve(apart)).get(0, 0);
  return 0.5 * (trace - a.mean.length + logDeterminant(B) - logDeterminant(A));
}

function logDeterminant({ lowerTriangularMatrix }: CholeskyDecomposition): number {
  return 2 * lowerTriangularMatrix.diagonal().reduce((sum, value) => sum + Math.log(value), 0);
}
