/** A TorchScript file, by its path, in memory: what torchScore and torchCoefficient have in common. */
import { addon } from '../addon.js';
import { fromNative, sdeError } from '../errors.js';
import type { NativeModelFacts, NativeModelOptions, NativeScore } from '../native.js';
import { readable } from '../options/checks.js';
import { builtPlugin } from '../plugins.js';
import { isZip, otherFile } from './file-kind.js';
import { absolutePath, readModelFile } from './model-file.js';
import { leftTrainMode } from './module-faults.js';

const IS = 'a TorchScript file';

interface LoadOptions extends Pick<NativeModelOptions, 'dtype' | 'layout' | 'freeze'> {
  /** The path as the caller gave it, for errors. */
  given: unknown;
  sha256: string | undefined;
  /** Where it is to be loaded. */
  devices: (torch: Torch) => readonly string[];
}

interface Torch {
  version: string;
  cudaDevices: number;
}

/** What holds a module: its handles by device. */
export type Handles = ReadonlyMap<string, NativeScore>;

interface Loaded {
  handles: Handles;
  free: () => void;
  sha256: string;
  exported: NativeModelFacts;
}

/** Absolute; `where` is the function that was called. Throws ERR_SDE_INVALID_OPTION. */
export function filePath(where: string, path: unknown): string {
  return readable(`${where}.path`, () => absolutePath(`${where}.path`, path));
}

/** Rejects as torchScore does. */
export async function loadModule(where: string, file: string, options: LoadOptions): Promise<Loaded> {
  const { given, sha256, dtype, layout, freeze } = options;
  return inTurn(async () => {
    const { bytes, hash } = await readModelFile(file, sha256, { maker: where, is: IS, begins: isZip });
    const devices = options.devices(await torchOpened());
    refuseOther(where, file, bytes);
    const load = async (device: string): Promise<[string, NativeScore]> => [
      device,
      await addon().loadModel({ path: file, bytes, device, dtype, layout, freeze }),
    ];
    const loads = devices.map(load);
    const hashed = hash();
    await Promise.allSettled([...loads, hashed]); // the last of them needs the bytes
    await addon().discard(bytes);
    try {
      const handles = new Map(await Promise.all(loads));
      const free = () => {
        for (const handle of handles.values()) addon().disposeScore(handle);
      };
      return { handles, free, sha256: await hashed, exported: addon().describeModel(handles.get(devices[0])!) };
    } catch (error) {
      throw fromNative(error, { option: `${where}.path`, value: given });
    }
  });
}

/** The model; warns of what loading had to mend of it. */
export function reportedModel<Model extends { readonly path: string }>(model: Model, { exported }: Loaded): Model {
  if (exported.trainMode !== '') leftTrainMode(model, exported);
  return model;
}

let loading: Promise<unknown> = Promise.resolve();

/**
 * One model after the other: a load needs the file's bytes beside the weights, cannot be interrupted, and a thread that is
 * terminated waits for those that have begun.
 */
function inTurn<T>(load: () => Promise<T>): Promise<T> {
  const mine = loading.then(load);
  loading = mine.catch(() => {});
  return mine;
}

function refuseOther(where: string, path: string, bytes: ArrayBuffer): void {
  const other = otherFile(bytes, 'torch');
  if (other === undefined) return;
  throw sdeError('ERR_SDE_MODEL_INVALID', `${where}: ${path} is ${other.is}, and no TorchScript module.`, {
    option: `${where}.path`,
    value: path,
    expected: IS,
    hint: other.cure,
  });
}

/** As `openTorch`, which takes most of a second the first time, but on another thread. */
async function torchOpened(): Promise<Torch> {
  try {
    await addon().prepareTorch(builtPlugin('torch'));
  } catch (error) {
    throw fromNative(error);
  }
  return openTorch();
}

/** Opens the plugin (once). Throws ERR_SDE_TORCH_UNAVAILABLE or ERR_SDE_ADDON_MISSING. */
export function openTorch(): Torch {
  try {
    return addon().openTorch(builtPlugin('torch'));
  } catch (error) {
    throw fromNative(error);
  }
}
