/** TorchScript modules for drift and diffusion. */

import type { NativeScore } from '../native.js';
import { checkedTable, type OptionTable } from '../options/option.js';
import { filePath, type Handles, loadModule, reportedModel } from '../score/load-module.js';
import { heldOf, type LoadedModel, loadedModel, usable } from '../score/loaded.js';
import { TORCH_OPTIONS, type TorchOptions } from '../score/torch.js';
import type { Dtype, Layout } from '../words.js';

/** As those of torchScore. */
export type TorchCoefficientOptions = Pick<TorchOptions, 'dtype' | 'sha256' | 'freeze'>;

/** A drift or a diffusion, for itoSde() and stratonovichSde(). */
export interface TorchCoefficient extends LoadedModel {
  readonly kind: 'torchCoefficient';
  /** Absolute. */
  readonly path: string;
  /** Of the file's bytes as they were loaded, 64 hexadecimal digits. */
  readonly sha256: string;
  readonly dtype: Dtype;
  readonly layout: Layout;
}

interface Checked {
  dtype: Dtype;
  sha256: string | undefined;
  freeze: boolean;
}

const { dtype, sha256, freeze } = TORCH_OPTIONS;
const COEFFICIENT_OPTIONS = { dtype, sha256, freeze } as OptionTable<TorchCoefficientOptions, Checked>;

/** Networks of coefficients run on the CPU. */
const DEVICE = 'cpu';

/** Throws ERR_SDE_INVALID_OPTION where the module is not in this thread's memory. */
export function checkUsable(option: string, module: TorchCoefficient): void {
  usable(module, 'torchCoefficient', option);
}

/** Of a module that is held, disposed of meanwhile or not. */
export function handleOf(module: TorchCoefficient): NativeScore {
  return (heldOf(module) as Handles).get(DEVICE)!;
}

/**
 * Loads `forward(x, t)` from a file, given by its path or as a `file:` URL: x [rows, states] and t [rows] in float32; the
 * answer is [rows, states], or [rows, states, noises] of a diffusion whose `noises` are given. It runs on the CPU. As with
 * torchScore: a TorchScript file is a program, load only those you trust.
 *
 * Rejects as torchScore does.
 */
export async function torchCoefficient(
  path: string | URL,
  options: TorchCoefficientOptions = {},
): Promise<TorchCoefficient> {
  const where = 'torchCoefficient';
  const file = filePath(where, path);
  const checked = checkedTable(where, options, COEFFICIENT_OPTIONS);
  const layout = 'auto';
  const loaded = await loadModule(where, file, {
    ...checked,
    layout,
    given: path,
    devices: () => [DEVICE],
  });
  const facts = { kind: where, path: file, sha256: loaded.sha256, dtype: checked.dtype, layout } as const;
  return reportedModel(loadedModel(facts, loaded.handles, loaded.free), loaded);
}
