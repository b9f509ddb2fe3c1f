/** What a job asks of a score that is looked at before it is put to work, and what comes of the look. */
import type { CheckedSde } from '../sde/sde.js';

/** What a network is asked with besides x and t. */
export interface Asked {
  /** Of one sample. */
  shape: number[];
  /** [count·width] */
  condition?: Float32Array | Int32Array;
  /** Rows of `condition`. */
  count: number;
  /** [width] */
  unconditional?: Float32Array | Int32Array;
  guidanceScale?: number;
  /** Of an answer [rows, …shape, columns]; absent: it has the shape of x. */
  columns?: number;
}

export interface ProbeOptions extends Asked {
  sde: CheckedSde;
  /** Rows of the job's largest call, guidance not counted. */
  rows: number;
  padBatch: boolean;
}

export interface Probed {
  /** What the job runs in. 'auto': as the model was loaded, a call that fails in channels_last in contiguous. */
  layout: 'auto' | 'contiguous';
  /** Why channels_last is not what a model loaded with layout 'auto' runs in. */
  reason?: string;
}
