// Where is CUDA's compiler? Used by scripts/build-native.mjs in a clone and by `fast-sde build` in an installed package,
// hence plain JavaScript without dependencies.

import { join, resolve } from 'node:path';
import { namedProgram, runProgram, searchPath } from './programs.mjs';

/** The oldest CUDA whose nvcc knows C++20. */
const OLDEST = 12;

/** CUDACXX, where set, is the only one that is looked at. */
export function findNvcc(env = process.env) {
  const { CUDACXX, CUDA_PATH } = env;
  const folders = [...searchPath(env), ...(CUDA_PATH ? [resolve(CUDA_PATH, 'bin')] : []), '/usr/local/cuda/bin'];
  const candidates = CUDACXX ? [namedProgram(CUDACXX)] : folders.map(folder => join(folder, 'nvcc'));
  for (const path of candidates) {
    const version = /release (\d+\.\d+)/.exec(runProgram(path, ['--version'], { env }).stdout ?? '')?.[1];
    if (version === undefined) continue;
    if (Number.parseInt(version, 10) >= OLDEST) return { found: { path, version } };
    return { missing: `nvcc of CUDA ${OLDEST} or newer (${path} is of ${version})` };
  }
  const where = CUDACXX ? `CUDACXX = ${CUDACXX}` : 'PATH, CUDA_PATH/bin, /usr/local/cuda/bin';
  return { missing: `nvcc, the compiler of NVIDIA's CUDA toolkit (looked for in ${where})` };
}
