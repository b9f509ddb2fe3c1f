/** Where the work is done. */
import { invalidOption, sdeError } from './errors.js';

/** 'auto' takes the best there is, which in this version is the CPU. */
export type Device = 'auto' | 'cpu' | 'cuda' | `cuda:${number}`;

/** Throws ERR_SDE_INVALID_OPTION, and ERR_SDE_CUDA_UNAVAILABLE for CUDA devices. */
export function checkedDevice(option: string, device: unknown): 'cpu' {
  if (device === undefined || device === 'auto' || device === 'cpu') return 'cpu';
  if (typeof device !== 'string' || !/^cuda(:\d+)?$/.test(device)) {
    throw invalidOption(option, device, "'auto', 'cpu', 'cuda' or 'cuda:<number>'");
  }
  const message = `${option}: ${device} was asked for, but this version has no CUDA solver yet.`;
  throw sdeError('ERR_SDE_CUDA_UNAVAILABLE', message, { option, value: device, expected: "'auto' or 'cpu'" });
}
