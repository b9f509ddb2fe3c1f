/** How exact an adaptive solver is asked to be. */
import { NORMS, type Norm, SCALES, type Scale } from '../words.js';
import { numberOption } from './checks.js';
import { choice, number, type Option, type OptionTable } from './option.js';

/** Element i of a step's error is measured in units of δ_i, made of `atol` and `rtol·m_i`, m_i = max(|x'_i|, |x'prev_i|). */
export interface ToleranceOptions {
  /** Relative to the size of an element, ≥ 0. Default 0.05; the paper's range is 0.01 (fine) to 0.1 (coarse). */
  rtol?: number;
  /** In units of the data, > 0. Default 1/256 of the SDE's data range: one level of an 8-bit image. */
  atol?: number;
  /** 'max' (default): δ = max(atol, rtol·m), the paper's. 'sum': δ = atol + rtol·m, usual in ODE codes. */
  scale?: Scale;
  /** Over the elements of one sample: 'rms' (default), the paper's, or 'max', which costs 3-4 times the evaluations. */
  norm?: Norm;
}

export interface Tolerance {
  readonly rtol: number;
  /** Undefined: 1/256 of the data range of the SDE the solver is used with. */
  readonly atol: number | undefined;
  readonly scale: Scale;
  readonly norm: Norm;
}

/** The row of `atol`, of every solver that adapts its steps. */
export const ATOL_ROW: Option<number | undefined, unknown> = {
  check: (name, given) => (given === undefined ? undefined : numberOption(name, given, 1, { above: 0, float32: true })),
  default: '1/256 of the data range',
  // One level of an 8-bit image.
  ofSde: ({ dataRange: [low, high] }) => (high - low) / 256,
  help: 'absolute tolerance',
  flag: { flags: '--atol <number>', takes: 'number' },
};

/** Rows for the options of a solver whose steps are accepted or rejected by an error in each element. */
export const TOLERANCE_OPTIONS: OptionTable<ToleranceOptions, Tolerance> = {
  rtol: number({
    default: 0.05,
    range: { min: 0, float32: true },
    help: 'relative tolerance',
    flag: { flags: '--rtol <number>', takes: 'number' },
  }),
  atol: ATOL_ROW,
  scale: choice({
    default: 'max',
    choices: SCALES,
    help: 'how rtol and atol combine',
    flag: { flags: '--scale <how>', takes: 'text', choices: SCALES },
  }),
  norm: choice({
    default: 'rms',
    choices: NORMS,
    help: 'error norm over one sample',
    flag: { flags: '--norm <name>', takes: 'text', choices: NORMS },
  }),
};
