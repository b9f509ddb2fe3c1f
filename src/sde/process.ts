/** What every SDE of this package has: dx = f(t)·x dt + g(t) dW, so x(t) = alpha(t)·x(0) + sigma(t)·z with normal z. */
import { numberOption, rangeOption } from '../options/checks.js';

/** The plain data of an SDE: it survives postMessage and structuredClone, unlike the functions beside it. */
export interface ProcessData {
  /** Data is at t = 0, the prior at t = T. */
  readonly T: number;
  /** Where sampling stops, above 0; the final denoising goes the rest of the way. */
  readonly tEnd: number;
  /** Sampling starts from N(0, priorStd²·I). */
  readonly priorStd: number;
  /** Lowest and highest value of the data: sets the default absolute tolerance, (high − low)/256. */
  readonly dataRange: readonly [number, number];
}

export interface ScheduleFunctions {
  /** Mean coefficient. */
  alpha(t: number): number;
  /** Standard deviation of the noise added so far. */
  sigma(t: number): number;
  /** Drift is f(t)·x. */
  f(t: number): number;
  /** Diffusion coefficient. */
  g(t: number): number;
}

/** Options every SDE takes. */
export interface ProcessOptions {
  /** Where sampling stops, 0 < tEnd < T. Defaults: vp and subVp 1e-3, ve 1e-5, affine 1e-3·T. */
  tEnd?: number;
  /** Lowest and highest value of the data. Defaults: [-1, 1]; ve [0, 1]. */
  dataRange?: readonly [number, number];
}

export function endOption(where: string, value: unknown, T: number, fallback: number): number {
  return numberOption(`${where}.tEnd`, value, fallback, { above: 0, below: T });
}

export function dataRangeOption(where: string, value: unknown, fallback: readonly [number, number]) {
  return Object.freeze(rangeOption(`${where}.dataRange`, value, fallback));
}

/** A frozen object whose data is enumerable (and so cloned to workers) and whose functions are not. */
export function frozenProcess<D extends ProcessData>(
  data: D,
  functions: ScheduleFunctions,
): Readonly<D & ScheduleFunctions> {
  const hidden = Object.entries(functions).map(([name, value]) => [name, { value }]);
  return Object.freeze(Object.defineProperties({ ...data }, Object.fromEntries(hidden))) as Readonly<
    D & ScheduleFunctions
  >;
}
