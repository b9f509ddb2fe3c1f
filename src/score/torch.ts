/** A TorchScript network, run by LibTorch. */
import { autoDevice, onCpu, requireCuda, requireNumbers } from '../cuda.js';
import { invalidOption } from '../errors.js';
import { type Device, parsedDevice } from '../options/device.js';
import { boolean, checkedTable, choice, type OptionTable } from '../options/option.js';
import { DTYPES, type Dtype, LAYOUTS, type Layout, type Prediction, type TimeInput } from '../words.js';
import { PREDICTS, SHA256, TIME_INPUT } from './conventions.js';
import type { ScoreFacts, ScoreKind } from './facts.js';
import { filePath, type Handles, loadModule, reportedModel } from './load-module.js';
import { heldOf, holdModel, type LoadedModel, loadedModel, usable } from './loaded.js';
import { askedNatively, probe, usedLayout } from './probe.js';

export interface TorchOptions {
  /** What the module's answer is; required, since the file does not say. score_sde VP models: 'noise', VE: 'score'. */
  predicts: Prediction;
  /** What the module takes for its time; required. score_sde VP models: 'label' (999·t), VE: 'sigma'. */
  timeInput: TimeInput;
  /**
   * Where the network runs, and `sample` with it. Several CUDA devices get a copy each and share the samples. Default
   * 'auto': 'cuda:0' where both the CUDA plugin and LibTorch can use it, else 'cpu', with a process warning
   * (FAST_SDE_IDLE_GPU) if that leaves an NVIDIA GPU idle.
   */
  device?: Device;
  /**
   * Precision inside the network; samples stay float32. Default 'float32'. 'bfloat16' rounds the network's input to 8
   * bits, which suits noise predictors (the noise is off by about 1 % above t = 0.05, 2 % overall) and loses with
   * 'denoised' ones at small sigma. 'float16' is very slow on a CPU. 'tf32' is float32 whose products a CUDA device may
   * round to 10 bits (PyTorch's own default for convolutions); on a CPU it is the same as 'float32'.
   */
  dtype?: Dtype;
  /**
   * Memory layout inside the network. Default 'auto': channels_last if the frozen module has 2-D convolutions and gives
   * there the answers that it gives in contiguous memory, as its first job sees.
   */
  layout?: Layout;
  /** SHA-256 that the bytes to be loaded must have, 64 hexadecimal digits. Default: not checked. */
  sha256?: string;
  /** Inline the weights, which is faster; false runs the module as saved. Default true. */
  freeze?: boolean;
}

export interface TorchScore extends ScoreFacts, LoadedModel {
  readonly kind: 'torch';
  /** Absolute. */
  readonly path: string;
  /** Of the file's bytes as they were loaded, 64 hexadecimal digits. */
  readonly sha256: string;
  /** Where it was loaded: ['cpu'], or CUDA devices such as ['cuda:0', 'cuda:1']. */
  readonly devices: readonly string[];
  readonly dtype: Dtype;
  readonly layout: Layout;
}

/** Options found right; of `device` what `parsedDevice` makes of it. */
interface CheckedTorch extends Omit<Required<TorchOptions>, 'device' | 'sha256'> {
  device: 'auto' | readonly string[];
  sha256: string | undefined;
}

export const TORCH_OPTIONS: OptionTable<TorchOptions, CheckedTorch> = {
  predicts: PREDICTS,
  timeInput: TIME_INPUT,
  dtype: choice({
    default: 'float32',
    choices: DTYPES,
    help: 'precision inside the network',
    flag: { flags: '--dtype <type>', takes: 'text', choices: DTYPES },
  }),
  layout: choice({
    default: 'auto',
    choices: LAYOUTS,
    help: 'memory layout inside the network',
    flag: { flags: '--layout <layout>', takes: 'text', choices: LAYOUTS },
  }),
  sha256: SHA256,
  freeze: boolean({
    default: true,
    help: 'fold the weights into the graph',
    flag: {
      flags: '--no-freeze',
      takes: 'switch',
      help: 'run the module as saved, without folding its weights into the graph',
    },
  }),
  device: {
    check: (name, given) => parsedDevice(name, given),
    default: "'auto'",
    help: 'where the network runs',
    flag: { flags: '--device <name>', takes: 'device' },
  },
};

/** Of a loaded module, by device. */
function usableHandles(score: TorchScore): Handles {
  return usable(score, 'torchScore') as Handles;
}

export const torchKind: ScoreKind<TorchScore> = {
  kind: 'torch',
  maker: 'await torchScore()',
  check: usableHandles,
  devices(option, given, wanted, score) {
    const loaded = [...usableHandles(score).keys()];
    if (wanted === 'auto') return loaded;
    const elsewhere = wanted.filter(device => !loaded.includes(device));
    if (elsewhere.length === 0) return wanted;
    throw invalidOption(option, given, `a device that the model is loaded on (${loaded.join(', ')})`, {
      hint: `Load it there: torchScore(path, { device: '${elsewhere[0]}' }).`,
    });
  },
  native: (score, device) => (heldOf(score) as Handles).get(device)!,
  hold: holdModel,
  takesCondition: true,
  prepare: (score, handle, options) => probe(score, handle, askedNatively(handle, options), options),
  layout: usedLayout,
};

/**
 * Loads `forward(x, t)` from a file, given by its path or as a `file:` URL: x [rows, …shape], t [rows], and where
 * `condition` is used a third input [rows] or [rows, width].
 * A TorchScript file is a program, and loading it already runs it: load only files you trust. The model belongs to the
 * thread that loaded it and may serve several jobs at once.
 *
 * Rejects with ERR_SDE_INVALID_OPTION, ERR_SDE_UNKNOWN_OPTION, ERR_SDE_MODEL_NOT_FOUND, ERR_SDE_MODEL_HASH,
 * ERR_SDE_MODEL_INVALID, ERR_SDE_TORCH_UNAVAILABLE, ERR_SDE_CUDA_UNAVAILABLE, ERR_SDE_OUT_OF_MEMORY,
 * ERR_SDE_ADDON_MISSING.
 */
export async function torchScore(path: string | URL, options: TorchOptions): Promise<TorchScore> {
  const file = filePath('torchScore', path);
  const { device: wanted, sha256, freeze, ...conventions } = checkedTable('torchScore', options, TORCH_OPTIONS);
  const facts = { kind: 'torch', ...conventions, path: file } as const;
  if (isCuda(wanted)) requireCuda('torchScore.device', options.device, wanted);
  const { dtype, layout } = facts;
  const loaded = await loadModule('torchScore', file, {
    ...{ given: path, sha256, freeze, dtype, layout },
    devices: torch => networkDevices(wanted, options.device, torch),
  });
  const known = { ...facts, sha256: loaded.sha256, devices: Object.freeze([...loaded.handles.keys()]) };
  return reportedModel(loadedModel(known, loaded.handles, loaded.free), loaded);
}

function isCuda(wanted: 'auto' | readonly string[]): wanted is readonly string[] {
  return wanted !== 'auto' && wanted[0] !== 'cpu';
}

const CUDA_TORCH = 'Install a PyTorch with CUDA, then run `npx fast-sde build --torch --cuda`.';

/** CUDA devices serve a network only where LibTorch sees them too. */
function networkDevices(
  wanted: 'auto' | readonly string[],
  given: unknown,
  { version, cudaDevices: count }: { version: string; cudaDevices: number },
): readonly string[] {
  const who = `LibTorch ${version} sees`;
  if (wanted === 'auto') return [count > 0 ? autoDevice() : onCpu(`${who} no CUDA device`, CUDA_TORCH)];
  const hint = count === 0 ? CUDA_TORCH : undefined;
  if (isCuda(wanted)) requireNumbers('torchScore.device', given, wanted, { count, who, hint });
  return wanted;
}
