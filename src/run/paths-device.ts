/** On which device a job over paths runs. */
import { autoDevice, requireCuda } from '../cuda.js';
import { outsideOf } from '../equations/sde.js';
import { invalidOption } from '../errors.js';
import type { CheckedSolve } from '../options/solve.js';

/** Of fewer, most of a GPU would idle, and a path by itself is faster on a CPU. */
const FEWEST_ON_DEVICE = 4096;

/**
 * 'cpu' or 'cuda:0'. Throws ERR_SDE_INVALID_OPTION where the job cannot run on the device that is wanted,
 * ERR_SDE_CUDA_UNAVAILABLE where that is not there.
 */
export function pathsDevice(where: string, { device, steps, paths, sde }: CheckedSolve): string {
  const option = `${where}.device`;
  const isOutside = outsideOf(sde) !== undefined;
  if (device === 'auto') return steps || isOutside || paths < FEWEST_ON_DEVICE ? 'cpu' : autoDevice();
  if (device === 'cpu') return device;
  if (steps) {
    throw invalidOption(option, device, "'cpu' beside saveAt 'steps'", {
      hint: "A CUDA device keeps no list of steps: give times, or leave it to device 'auto' or 'cpu'.",
    });
  }
  if (isOutside) {
    throw invalidOption(option, device, "'cpu' beside functions and modules", {
      hint: "They answer on the CPU: leave it to device 'auto' or 'cpu', or write drift and diffusion as text.",
    });
  }
  requireCuda(option, device, [device]);
  return device;
}
