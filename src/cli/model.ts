/** The network of --model: TorchScript or ONNX, as the file's first bytes have it, or its name where there is no file. */
import { open } from 'node:fs/promises';
import {
  type OnnxOptions,
  type OnnxScore,
  onnxScore,
  type TorchOptions,
  type TorchScore,
  torchScore,
} from '../index.js';
import type { AnyOptionTable } from '../options/option.js';
import { isOnnx, isZip } from '../score/file-kind.js';
import { ONNX_OPTIONS } from '../score/onnx.js';
import { TORCH_OPTIONS } from '../score/torch.js';
import { attributeOf, tableOptions } from './option-flags.js';
import { UsageError } from './usage-error.js';

type Flags = Readonly<Record<string, unknown>>;

/** Flags of a network of either kind that no other option has: those of the job and of both are there already. */
export const MODEL_FLAGS: AnyOptionTable = (() => {
  const { device: _, ...torch } = TORCH_OPTIONS;
  const { executionProviders, inputs, output } = ONNX_OPTIONS;
  return { ...torch, executionProviders, inputs, output } as AnyOptionTable;
})();

export async function loadModel(file: string, flags: Flags): Promise<TorchScore | OnnxScore> {
  if (await isOnnxFile(file)) {
    refuseForeign(file, 'an ONNX model', TORCH_OPTIONS, ONNX_OPTIONS, flags);
    return onnxScore(file, tableOptions(ONNX_OPTIONS, flags) as unknown as OnnxOptions);
  }
  refuseForeign(file, 'no ONNX model', ONNX_OPTIONS, TORCH_OPTIONS, flags);
  return torchScore(file, tableOptions(TORCH_OPTIONS, flags) as unknown as TorchOptions);
}

async function isOnnxFile(name: string): Promise<boolean> {
  const byName = /\.(onnx|ort)$/i.test(name);
  const file = await open(name).catch(() => undefined);
  if (file === undefined) return byName;
  try {
    const { buffer } = await file.read(new Uint8Array(16), 0, 16, 0);
    return isOnnx(buffer) || (byName && !isZip(buffer));
  } catch {
    return byName;
  } finally {
    await file.close();
  }
}

/** Options of the other kind are refused rather than ignored. */
function refuseForeign(file: string, is: string, foreign: AnyOptionTable, own: AnyOptionTable, flags: Flags): void {
  for (const [name, { flag, value }] of Object.entries(foreign)) {
    // The job has these as well.
    if (!('flags' in flag) || name in own || name === 'device' || name === 'networkThreads') continue;
    const given = flags[attributeOf(flag.flags)];
    if (given !== undefined && given !== value) {
      throw new UsageError(`${flag.flags.split(' ')[0]}: ${file} is ${is}, which knows nothing of it`);
    }
  }
}
