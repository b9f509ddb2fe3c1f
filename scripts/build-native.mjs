// fast_sde.node, libfast_sde_torch.so, libfast_sde_cuda.so where there is an nvcc, and, on request, the C++ tests and
// benchmarks, into build/Release; and the same under sanitizers into folders of their own.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { findNvcc } from '../lib/nvcc.mjs';
import { unfitFolder } from '../lib/programs.mjs';
import { exists, quietly, root, run, Stop, tool } from './run.mjs';

const BUILD = join(root, 'build');

/** `torchDir` is the folder of TorchConfig.cmake; without it the LibTorch plugin is left out. */
export function buildNative({ torchDir, tests = false, bench = false } = {}) {
  const unfit = torchDir && unfitFolder("LibTorch's folder", torchDir);
  if (unfit) throw new Stop(unfit);
  const nvcc = findNvcc().found?.path;
  const before = configured(BUILD).definitions ?? {};
  build(BUILD, {
    ...(torchDir && { Torch_DIR: torchDir }),
    FAST_SDE_TORCH: on(torchDir),
    ...(nvcc && { CMAKE_CUDA_COMPILER: nvcc }),
    FAST_SDE_CUDA: on(nvcc),
    // A build that had tests keeps them: `npm start` after `npm test` has nothing to do.
    FAST_SDE_TESTS: on(tests || before.FAST_SDE_TESTS === 'ON'),
    FAST_SDE_BENCH: on(bench || before.FAST_SDE_BENCH === 'ON'),
  });
}

/**
 * The addon and the C++ tests, without the emulated device, with GCC's `sanitizers`. Returns the folder that
 * FAST_SDE_PREBUILD names to load that addon: its files are in build/Release beneath it.
 */
export function buildSanitized(sanitizers) {
  const folder = join(BUILD, 'sanitized', sanitizers.replace(',', '-'));
  build(join(folder, 'build'), {
    CMAKE_CXX_COMPILER: 'g++',
    FAST_SDE_SANITIZE: sanitizers,
    FAST_SDE_TESTS: 'ON',
    FAST_SDE_EMULATED: 'OFF',
  });
  return folder;
}

const on = flag => (flag ? 'ON' : 'OFF');

/** Configures where that was not done with the same definitions, then builds. */
function build(folder, definitions) {
  const before = configured(folder);
  const now = { generator: exists('ninja') ? 'Ninja' : 'Unix Makefiles', definitions };
  if (JSON.stringify(before) !== JSON.stringify(now)) {
    const unfit = unfitFolder('this folder', root);
    if (unfit) throw new Stop(unfit);
    const [node, cmakeJs] = tool('cmake-js/bin/cmake-js');
    quietly(node, [
      cmakeJs,
      before.generator === now.generator ? 'configure' : 'reconfigure',
      ...['-O', folder, '-G', now.generator, '-B', 'Release'],
      ...Object.entries(definitions).map(([name, value]) => `--CD${name}=${value}`),
    ]);
    mkdirSync(folder, { recursive: true });
    writeFileSync(stamp(folder), JSON.stringify(now));
  }
  // CMake looks for itself whether files came, went or changed.
  run('cmake', ['--build', folder, '--parallel', String(availableParallelism())], {
    env: { NINJA_STATUS: '  [%f/%t] ' },
  });
}

/** How `build` last configured a folder; an empty object where it did not. */
function configured(folder) {
  return existsSync(stamp(folder)) ? JSON.parse(readFileSync(stamp(folder), 'utf8')) : {};
}

const stamp = folder => join(folder, '.configured.json');
