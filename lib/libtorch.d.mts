/** A LibTorch that CMake can build against. */
export interface LibTorch {
  /** The folder of TorchConfig.cmake, for `cmake -DTorch_DIR=`. */
  cmakeDir: string;
  /** '2.13.0+cpu', or 'unknown'. */
  version: string;
  /** Where it was found, in words. */
  source: string;
  /** The Python it belongs to, where it does. */
  python?: string;
}

export interface LibTorchSearch {
  found?: LibTorch;
  /** One line a place: where was looked and why it was not taken. */
  tried: string[];
}

/**
 * Looks for LibTorch, in this order: `directory` (where given, nowhere else), FAST_SDE_LIBTORCH, the active
 * Python's torch, and, where a clone of the repository is given as `root`, its .venv. `directory` and FAST_SDE_LIBTORCH name an unpacked LibTorch, a Python's torch
 * package, or the folder of TorchConfig.cmake. One older than 2.1 is not taken. Throws nothing; runs no torch code.
 */
export function findLibTorch(options?: { root?: string; directory?: string; env?: NodeJS.ProcessEnv }): LibTorchSearch;
