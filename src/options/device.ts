/** Where the work is done, and what may be said of it. */
import { invalidOption } from '../errors.js';

/** 'cuda' is 'cuda:0'. */
export type CudaDevice = 'cuda' | `cuda:${number}`;

/** One device, or several CUDA devices that share the samples of a job. What 'auto' takes, each option says itself. */
export type Device = 'auto' | 'cpu' | CudaDevice | readonly CudaDevice[];

const EXPECTED = "'auto', 'cpu', 'cuda', 'cuda:<number>' or a list of different CUDA devices";

/** 'auto', ['cpu'], or CUDA devices by their numbers, such as ['cuda:0', 'cuda:1']. Throws ERR_SDE_INVALID_OPTION. */
export function parsedDevice(option: string, given: unknown): 'auto' | readonly string[] {
  if (given === undefined || given === 'auto') return 'auto';
  if (given === 'cpu') return ['cpu'];
  const list: unknown[] = Array.isArray(given) ? given : [given];
  const wrong = () => invalidOption(option, given, EXPECTED);
  // Stops at the first that is none, a hole too: an array may be long and empty.
  const named = Array.from(list, one => {
    const name = one === 'cuda' ? 'cuda:0' : one;
    if (typeof name !== 'string' || !/^cuda:(0|[1-9]\d*)$/.test(name)) throw wrong();
    return name;
  });
  if (named.length === 0 || new Set(named).size < named.length) throw wrong();
  return named;
}

/** The same of a job that runs on one device: 'auto', 'cpu' or 'cuda:0'. */
export function parsedOneDevice(option: string, given: unknown): string {
  const wanted = parsedDevice(option, given);
  if (typeof wanted === 'string') return wanted;
  if (wanted.length === 1) return wanted[0];
  throw invalidOption(option, given, "'auto', 'cpu', 'cuda' or 'cuda:<number>'", {
    hint: 'Paths share no devices: solve a part of them on each, by firstIndex.',
  });
}

/** 'cuda:1' → 1; undefined is the CPU, as for the addon. */
export function cudaNumber(device: string): number | undefined {
  return device === 'cpu' ? undefined : Number(device.slice('cuda:'.length));
}
