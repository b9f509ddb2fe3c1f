/** Where the work is done: what may be said of it, and where a job therefore runs. */
import { requireCuda } from '../cuda.js';
import { invalidOption } from '../errors.js';
import { loadedOn, type Score } from '../score/score.js';

/** 'cuda' is 'cuda:0'. */
export type CudaDevice = 'cuda' | `cuda:${number}`;

/** One device, or several CUDA devices that share the samples of a job. What 'auto' takes, each option says itself. */
export type Device = 'auto' | 'cpu' | CudaDevice | readonly CudaDevice[];

const EXPECTED = "'auto', 'cpu', 'cuda', 'cuda:<number>' or a list of different CUDA devices";

/** 'auto', ['cpu'], or CUDA devices by their numbers, such as ['cuda:0', 'cuda:1']. Throws ERR_SDE_INVALID_OPTION. */
export function parsedDevice(option: string, given: unknown): 'auto' | readonly string[] {
  if (given === undefined || given === 'auto') return 'auto';
  if (given === 'cpu') return ['cpu'];
  const named = (Array.isArray(given) ? given : [given]).map(one => (one === 'cuda' ? 'cuda:0' : one));
  const good = named.every(one => typeof one === 'string' && /^cuda:(0|[1-9]\d*)$/.test(one));
  if (!good || named.length === 0 || new Set(named).size < named.length) throw invalidOption(option, given, EXPECTED);
  return named;
}

/** Of a job that asks `score`: where the user says, or where the score is. A mixture is at home everywhere. */
export function jobDevices(option: string, given: unknown, score: Score): readonly string[] {
  const wanted = parsedDevice(option, given);
  if (score.kind === 'torch') {
    const loaded = loadedOn(score);
    if (wanted === 'auto') return loaded;
    const elsewhere = wanted.filter(device => !loaded.includes(device));
    if (elsewhere.length === 0) return wanted;
    throw invalidOption(option, given, `a device that the model is loaded on (${loaded.join(', ')})`, {
      hint: `Load it there: torchScore(path, { device: '${elsewhere[0]}' }).`,
    });
  }
  if (wanted === 'auto' || wanted[0] === 'cpu') return ['cpu'];
  if (score.kind === 'callback') {
    throw invalidOption(option, given, "'auto' or 'cpu' beside a callbackScore", {
      hint: "A JavaScript function answers on the CPU: use device 'cpu'.",
    });
  }
  requireCuda(option, given, wanted);
  return wanted;
}

/** 'cuda:1' → 1; undefined is the CPU, as for the addon. */
export function cudaNumber(device: string): number | undefined {
  return device === 'cpu' ? undefined : Number(device.slice('cuda:'.length));
}
