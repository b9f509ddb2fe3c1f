/** The CUDA plugin, which runs whole jobs on a GPU; opened only where somebody asks for one. */
import { existsSync } from 'node:fs';
import { addon } from './addon.js';
import { fromNative, type SdeError, sdeError } from './errors.js';
import type { NativeCudaDevice } from './native.js';
import { builtPlugin } from './plugins.js';

/** Opens the plugin (once). Throws ERR_SDE_CUDA_UNAVAILABLE, with why there is no device, or ERR_SDE_ADDON_MISSING. */
export function openCuda(): { runtime: string; devices: NativeCudaDevice[] } {
  try {
    return addon().openCuda(builtPlugin('cuda'));
  } catch (error) {
    throw fromNative(error);
  }
}

/** The devices, or why there are none. Throws ERR_SDE_ADDON_MISSING. */
export function cudaDevices(): { devices: NativeCudaDevice[]; reason?: string } {
  try {
    return openCuda();
  } catch (error) {
    const { code, message } = error as SdeError;
    if (code !== 'ERR_SDE_CUDA_UNAVAILABLE') throw error;
    return { devices: [], reason: message };
  }
}

/** Throws ERR_SDE_CUDA_UNAVAILABLE, in the option's name, unless the solver can run on all of `wanted` ('cuda:0'). */
export function requireCuda(option: string, value: unknown, wanted: readonly string[]): void {
  const { devices, reason } = cudaDevices();
  if (reason !== undefined)
    throw unavailable(option, value, `${wanted.join(', ')} cannot be used: ${sentence(reason)}`);
  requireNumbers(option, value, wanted, { count: devices.length, who: 'this machine has' });
}

/** The same where `who` ('this machine has', in words) sees `count` devices. */
export function requireNumbers(
  option: string,
  value: unknown,
  wanted: readonly string[],
  { count, who, hint }: { count: number; who: string; hint?: string },
): void {
  const there = Array.from({ length: count }, (_, i) => `cuda:${i}`);
  const missing = wanted.filter(device => !there.includes(device));
  if (missing.length === 0) return;
  const all = `${count === 0 ? 'no' : count} CUDA device${count === 1 ? '' : 's'}`;
  const named = count === 0 ? '' : ` (${there.join(', ')})`;
  throw unavailable(option, value, `there is no ${missing.join(', ')}: ${who} ${all}${named}.`, hint);
}

function unavailable(option: string, value: unknown, what: string, hint?: string): SdeError {
  const expected = "a CUDA device that is there, 'auto' or 'cpu'";
  return sdeError('ERR_SDE_CUDA_UNAVAILABLE', `${option}: ${what}`, { option, value, expected, ...(hint && { hint }) });
}

function sentence(text: string): string {
  return text.replace(/[.\s]*$/, '.');
}

/** What 'auto' takes: the first device, or where there is none the CPU. */
export function autoDevice(): 'cuda:0' | 'cpu' {
  const { devices, reason = 'the CUDA plugin sees no device' } = cudaDevices();
  if (devices.length > 0) return 'cuda:0';
  return onCpu(reason, 'Run `npx fast-sde build --cuda`; `npx fast-sde doctor` says what is missing.');
}

let warned = false;

/** Where there seems to be an NVIDIA GPU that 'auto' could not take: a warning, the first time in this process. */
export function onCpu(why: string, remedy: string): 'cpu' {
  if (warned || !existsSync('/dev/nvidia0')) return 'cpu';
  warned = true;
  const message = `fast-sde runs on the CPU although there is an NVIDIA GPU: ${sentence(why)} ${remedy}`;
  process.emitWarning(message, { code: 'FAST_SDE_IDLE_GPU' });
  return 'cpu';
}
