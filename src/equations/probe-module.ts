/** A look at a module before it is asked for drift or diffusion: whether it answers row by row, the same each time. */

import type { NativeScore } from '../native.js';
import { noise } from '../score/network.js';
import { askedNatively, Probe } from '../score/probe.js';
import { handleOf, type TorchCoefficient } from './torch-coefficient.js';

interface AskedOf {
  /** 'itoSde.drift', for errors. */
  option: string;
  /** [states]: a start. */
  x: Float64Array;
  t0: number;
  t1: number;
  /** Of an answer [rows, states, columns]; 0: [rows, states]. */
  columns: number;
}

const known = new WeakMap<NativeScore, Set<string>>();

/**
 * Once a module and shape: calls of at most three rows, about the start. Rejects with ERR_SDE_MODEL_INVALID where the module
 * does not answer row by row, or not the same each time; with ERR_SDE_MODEL_FAILED or ERR_SDE_MODEL_OUTPUT where it does not
 * answer.
 */
export async function probeModule(module: TorchCoefficient, { option, x, t0, t1, columns }: AskedOf): Promise<void> {
  const handle = handleOf(module);
  const key = `${x.length} ${columns}`;
  const seen = known.get(handle) ?? new Set();
  known.set(handle, seen);
  if (seen.has(key)) return;
  const points = [0, 1, 2].map(i => {
    const z = noise(x.length, i);
    return Float32Array.from(x, (value, k) => value + (i === 0 ? 0 : 0.1) * (1 + Math.abs(value)) * z[k]);
  });
  const times = [0, 0.5, 0.95].map(u => Math.fround(t0 + u * (t1 - t0)));
  const asking = askedNatively(handle, { shape: [x.length], count: 1, columns });
  const looked = { rows: 3, padBatch: false, points, times, mayIgnoreTime: true };
  await new Probe({ ...module, kind: 'torch', option }, asking, looked).run();
  seen.add(key);
}
