/** A TorchScript network, run by LibTorch. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '#binding';
import { addon } from '../addon.js';
import { cudaDevices, requireCuda, requireNumbers, warnOfIdleGpu } from '../cuda.js';
import { fromNative, invalidOption, sdeError } from '../errors.js';
import type { NativeModelOptions, NativeScore, Prediction, TimeInput } from '../native.js';
import { booleanOption, choiceOption, optionsObject } from '../options/checks.js';
import { type Device, parsedDevice } from '../options/device.js';
import { keepModels, PREDICTIONS, type ScoreFacts, TIME_INPUTS } from './score.js';

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
  dtype?: NativeModelOptions['dtype'];
  /** Memory layout inside the network. Default 'auto': channels_last if the frozen module has 2-D convolutions. */
  layout?: NativeModelOptions['layout'];
  /** SHA-256 the file must have, 64 hexadecimal digits. Default: not checked. */
  sha256?: string;
  /** Inline the weights, which is faster; false runs the module as saved. Default true. */
  freeze?: boolean;
}

export interface TorchScore extends ScoreFacts {
  readonly kind: 'torch';
  /** Absolute. */
  readonly path: string;
  /** Where it was loaded: ['cpu'], or CUDA devices such as ['cuda:0', 'cuda:1']. */
  readonly devices: readonly string[];
  readonly dtype: NativeModelOptions['dtype'];
  readonly layout: NativeModelOptions['layout'];
}

/**
 * Loads `forward(x, t)` from a file, given by its path or as a `file:` URL: x [rows, …shape], t [rows], and where
 * `condition` is used a third input [rows] or [rows, width].
 * A TorchScript file is a program: load only files you trust. The model belongs to the thread that loaded it and may
 * serve several jobs at once.
 *
 * Rejects with ERR_SDE_INVALID_OPTION, ERR_SDE_UNKNOWN_OPTION, ERR_SDE_MODEL_NOT_FOUND, ERR_SDE_MODEL_HASH,
 * ERR_SDE_MODEL_INVALID, ERR_SDE_TORCH_UNAVAILABLE, ERR_SDE_CUDA_UNAVAILABLE, ERR_SDE_OUT_OF_MEMORY,
 * ERR_SDE_ADDON_MISSING.
 */
export async function torchScore(path: string | URL, options: TorchOptions): Promise<TorchScore> {
  const file = absolute(path);
  const known = ['predicts', 'timeInput', 'device', 'dtype', 'layout', 'sha256', 'freeze'] as const;
  const given = optionsObject('torchScore', options, known);
  const facts = {
    kind: 'torch',
    predicts: choiceOption('torchScore.predicts', given.predicts, PREDICTIONS),
    timeInput: choiceOption('torchScore.timeInput', given.timeInput, TIME_INPUTS),
    path: file,
    dtype: choiceOption('torchScore.dtype', given.dtype, ['float32', 'tf32', 'bfloat16', 'float16'], 'float32'),
    layout: choiceOption('torchScore.layout', given.layout, ['auto', 'contiguous', 'channels_last'], 'auto'),
  } as const;
  const wanted = parsedDevice('torchScore.device', given.device);
  const freeze = booleanOption('torchScore.freeze', given.freeze, true);
  const { sha256 } = given;
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) {
    throw invalidOption('torchScore.sha256', sha256, '64 hexadecimal digits');
  }
  if (isCuda(wanted)) requireCuda('torchScore.device', given.device, wanted);
  await checkFile(file, sha256);
  const devices = networkDevices(wanted, given.device, openTorch());
  const { dtype, layout } = facts;
  const load = async (device: string): Promise<[string, NativeScore]> => [
    device,
    await addon().loadModel({ path: file, device, dtype, layout, freeze }),
  ];
  try {
    const score: TorchScore = Object.freeze({ ...facts, devices: Object.freeze([...devices]) });
    keepModels(score, new Map(await Promise.all(devices.map(load))));
    return score;
  } catch (error) {
    throw fromNative(error, { option: 'torchScore.path', value: path });
  }
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

function autoDevice(): string {
  const { devices, reason = 'the CUDA plugin sees no device' } = cudaDevices();
  if (devices.length > 0) return 'cuda:0';
  return onCpu(reason, 'Run `npx fast-sde build --cuda`; `npx fast-sde doctor` says what is missing.');
}

function onCpu(why: string, remedy: string): 'cpu' {
  warnOfIdleGpu(why, remedy);
  return 'cpu';
}

/** Where the LibTorch plugin is: FAST_SDE_TORCH_PLUGIN, or beside the addon that is compiled here. */
export function torchPluginPath(): string {
  return process.env.FAST_SDE_TORCH_PLUGIN || join(root, 'build', 'Release', 'libfast_sde_torch.so');
}

/** Opens the plugin (once). Throws ERR_SDE_TORCH_UNAVAILABLE or ERR_SDE_ADDON_MISSING. */
export function openTorch(): { version: string; cudaDevices: number } {
  try {
    return addon().openTorch(torchPluginPath());
  } catch (error) {
    throw fromNative(error);
  }
}

function absolute(path: unknown): string {
  if (typeof path === 'string' && path !== '') return resolve(path);
  if (path instanceof URL && path.protocol === 'file:' && path.host === '') return fileURLToPath(path);
  throw invalidOption('torchScore.path', path, 'the path of a file, or its URL with file:');
}

async function checkFile(path: string, sha256: string | undefined): Promise<void> {
  const about = { option: 'torchScore.path', value: path };
  const missing = (what: string, cause?: unknown) =>
    sdeError('ERR_SDE_MODEL_NOT_FOUND', `torchScore: ${path} ${what}.`, {
      ...about,
      expected: 'a TorchScript file',
      cause,
    });
  const found = await stat(path).catch(cause => {
    throw missing(cause.code === 'ENOENT' ? 'does not exist' : `cannot be reached (${cause.code})`, cause);
  });
  if (!found.isFile()) throw missing('is not a file');
  if (sha256 === undefined) return;
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk);
  } catch (cause) {
    const message = `torchScore: ${path} cannot be read: ${(cause as Error).message}.`;
    throw sdeError('ERR_SDE_MODEL_INVALID', message, { ...about, cause });
  }
  const actual = hash.digest('hex');
  if (actual === sha256.toLowerCase()) return;
  const message = `torchScore: ${path} has the SHA-256 ${actual}, not ${sha256}.`;
  throw sdeError('ERR_SDE_MODEL_HASH', message, { option: 'torchScore.sha256', value: actual, expected: sha256 });
}
