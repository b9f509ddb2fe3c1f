// `npm test`: set-up, types, the C++ tests, sanitizers, vitest, and form. Further arguments go to vitest (`npm test -- cli`).

import { join } from 'node:path';
import { checkForm, checkTidiness, checkTypes } from './check.mjs';
import { prebuild } from './prebuild.mjs';
import { main, root, run, step, tool } from './run.mjs';
import { checkAddresses } from './sanitize.mjs';
import { setup } from './setup.mjs';

await main(() => {
  const libtorch = setup({ tests: true });
  checkTypes();
  checkTidiness();
  step('C++ tests');
  const release = join(root, 'build', 'Release');
  const cuda = process.env.FAST_SDE_CUDA_PLUGIN || join(release, 'libfast_sde_cuda.so');
  run(join(release, 'fast_sde_tests'), [], { env: { FAST_SDE_CUDA_PLUGIN: cuda } });
  checkAddresses();
  prebuild(); // once, before test files that pack it run side by side
  step('vitest');
  // The Python that writes the TorchScript fixtures is the one whose LibTorch reads them.
  const env = process.env.FAST_SDE_PYTHON || !libtorch.python ? {} : { FAST_SDE_PYTHON: libtorch.python };
  const [node, vitest] = tool('vitest/vitest.mjs');
  run(node, [vitest, 'run', ...process.argv.slice(2)], { env });
  // Last: another clang-format sees faults of form where there are none, and is not to hide what the tests say.
  checkForm();
});
