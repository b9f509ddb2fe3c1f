// fast_sde.node, libfast_sde_torch.so, libfast_sde_cuda.so where there is an nvcc, and, on request, the C++ tests and
// benchmarks, into build/Release.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { findNvcc } from '../lib/nvcc.mjs';
import { unfitFolder } from '../lib/programs.mjs';
import { exists, quietly, root, run, Stop, tool } from './run.mjs';

const BUILD = join(root, 'build');
const CONFIGURED = join(BUILD, '.configured.json');

/** `torchDir` is the folder of TorchConfig.cmake; without it the LibTorch plugin is left out. */
export function buildNative({ torchDir, tests = false, bench = false } = {}) {
  configure({ torchDir, tests, bench });
  // CMake looks for itself whether files came, went or changed.
  run('cmake', ['--build', BUILD, '--parallel', String(availableParallelism())], {
    env: { NINJA_STATUS: '  [%f/%t] ' },
  });
}

function configure({ torchDir, tests, bench }) {
  const before = existsSync(CONFIGURED) ? JSON.parse(readFileSync(CONFIGURED, 'utf8')) : {};
  const now = {
    generator: exists('ninja') ? 'Ninja' : 'Unix Makefiles',
    torchDir: torchDir ?? null,
    nvcc: findNvcc().found?.path ?? null,
    // A build that had tests keeps them: `npm start` after `npm test` has nothing to do.
    tests: tests || before.tests === true,
    bench: bench || before.bench === true,
  };
  if (JSON.stringify(before) === JSON.stringify(now)) return;
  const unfit = unfitFolder('this folder', root) ?? (torchDir && unfitFolder("LibTorch's folder", torchDir));
  if (unfit) throw new Stop(unfit);
  const [node, cmakeJs] = tool('cmake-js/bin/cmake-js');
  const on = flag => (flag ? 'ON' : 'OFF');
  quietly(node, [
    cmakeJs,
    before.generator === now.generator ? 'configure' : 'reconfigure',
    ...['-O', BUILD, '-G', now.generator, '-B', 'Release'],
    ...(torchDir ? [`--CDTorch_DIR=${torchDir}`] : []),
    `--CDFAST_SDE_TORCH=${on(torchDir)}`,
    ...(now.nvcc ? [`--CDCMAKE_CUDA_COMPILER=${now.nvcc}`] : []),
    `--CDFAST_SDE_CUDA=${on(now.nvcc)}`,
    `--CDFAST_SDE_TESTS=${on(now.tests)}`,
    `--CDFAST_SDE_BENCH=${on(now.bench)}`,
  ]);
  mkdirSync(BUILD, { recursive: true });
  writeFileSync(CONFIGURED, JSON.stringify(now));
}
