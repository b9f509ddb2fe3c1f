/** How exact an adaptive solver is asked to be. */
import { choiceOption, numberOption } from './checks.js';

/** Element i of a step's error is measured in units of δ_i, made of `atol` and `rtol·m_i`, m_i = max(|x'_i|, |x'prev_i|). */
export interface ToleranceOptions {
  /** Relative to the size of an element, ≥ 0. Default 0.05; the paper's range is 0.01 (fine) to 0.1 (coarse). */
  rtol?: number;
  /** In units of the data, > 0. Default 1/256 of the SDE's data range: one level of an 8-bit image. */
  atol?: number;
  /** 'max' (default): δ = max(atol, rtol·m), the paper's. 'sum': δ = atol + rtol·m, usual in ODE codes. */
  scale?: 'max' | 'sum';
  /** Over the elements of one sample: 'rms' (default), the paper's, or 'max', which costs 3-4 times the evaluations. */
  norm?: 'rms' | 'max';
}

export interface Tolerance {
  readonly rtol: number;
  /** Undefined: 1/256 of the data range of the SDE the solver is used with. */
  readonly atol: number | undefined;
  readonly scale: 'max' | 'sum';
  readonly norm: 'rms' | 'max';
}

/** Throws ERR_SDE_INVALID_OPTION. `where` prefixes the names in errors. */
export function tolerance(options: ToleranceOptions, where: string): Tolerance {
  return {
    rtol: numberOption(`${where}.rtol`, options.rtol, 0.05, { min: 0, float32: true }),
    atol:
      options.atol === undefined
        ? undefined
        : numberOption(`${where}.atol`, options.atol, 1, { above: 0, float32: true }),
    scale: choiceOption(`${where}.scale`, options.scale, ['max', 'sum'], 'max'),
    norm: choiceOption(`${where}.norm`, options.norm, ['rms', 'max'], 'rms'),
  };
}

/** One 8-bit level of data in [low, high]. */
export function defaultAtol([low, high]: readonly [number, number]): number {
  return (high - low) / 256;
}
