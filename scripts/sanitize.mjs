// `npm run sanitize`: the C++ tests and mixed jobs in Node under GCC's sanitizers: for addresses and undefined behaviour,
// the emulated device included, then for threads. `npm test` has the first of them, without the emulated device and two
// tests that take most of the time.

import { join } from 'node:path';
import { buildSanitized } from './build-native.mjs';
import { isMain, main, quietly, root, run, step } from './run.mjs';
import { setup } from './setup.mjs';

/** Of the mixed jobs. */
const SECONDS = 30;

/** They measure orders on thousands of paths, through code that other tests reach as well. */
const LONGEST = '--test-case-exclude=*strong order on the widest noise*,*weak order*';

/** Halts at the first fault. */
export function checkAddresses({ all = false } = {}) {
  const options = { ASAN_OPTIONS: 'allocator_may_return_null=1' };
  // Node leaves memory behind at its exit.
  const inNode = { ASAN_OPTIONS: `${options.ASAN_OPTIONS}:detect_leaks=0` };
  check('address,undefined', ['asan', 'ubsan'], { all, options, inNode, jobs: ['--network'] });
}

/** Halts at the first fault. */
export function checkThreads() {
  check('thread', ['tsan'], { all: false, options: { TSAN_OPTIONS: 'halt_on_error=1' } });
}

function check(sanitizers, libraries, { all, options, inNode = {}, jobs = [] }) {
  step(`sanitizers: ${sanitizers}`);
  const folder = buildSanitized(sanitizers, { emulated: all });
  run(join(folder, 'build', 'Release', 'fast_sde_tests'), all ? [] : [LONGEST], { env: options });
  // Node knows nothing of them: they have to be there before its first allocation.
  const preloaded = libraries.map(name => quietly('g++', [`-print-file-name=lib${name}.so`]).trim());
  const env = { ...options, ...inNode, LD_PRELOAD: preloaded.join(':'), FAST_SDE_PREBUILD: folder };
  run(process.execPath, [join(root, 'test', 'sanitized', 'mixed-jobs.mjs'), String(SECONDS), ...jobs], { env });
}

if (isMain(import.meta.url)) {
  await main(() => {
    setup({ tests: true });
    checkAddresses({ all: true });
    checkThreads();
  });
}
