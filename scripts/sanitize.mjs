// `npm run sanitize`: the C++ tests and mixed jobs in Node under GCC's sanitizers for addresses and undefined behaviour,
// then the C++ tests under that for threads. `npm test` has the first two, without two tests that take most of the time.
//
// Without the emulated device: its threads are contexts on stacks of its own. Without Node for threads: V8 orders what it
// does by atomics that the sanitizer does not see, and is full of races for it.

import { join } from 'node:path';
import { buildSanitized } from './build-native.mjs';
import { isMain, main, quietly, root, run, step } from './run.mjs';
import { setup } from './setup.mjs';

/** Of the mixed jobs. */
const SECONDS = 30;

/** They measure orders on thousands of paths, through code that other tests reach as well. */
const LONGEST = '--test-case-exclude=*strong order on the widest noise*,*weak order*';

/** Halts at the first fault. `all`: the longest tests too. */
export function checkAddresses({ all = false } = {}) {
  const ASAN_OPTIONS = 'allocator_may_return_null=1';
  const folder = checkTests('address,undefined', { ASAN_OPTIONS }, all);
  step(`sanitizers: ${SECONDS} seconds of mixed jobs in Node`);
  // Node knows nothing of them: they have to be there before its first allocation. It leaves memory behind at its exit.
  const libraries = ['asan', 'ubsan'].map(name => quietly('g++', [`-print-file-name=lib${name}.so`]).trim());
  const program = join(root, 'test', 'sanitized', 'mixed-jobs.mjs');
  run(process.execPath, [program, String(SECONDS), '--network'], {
    env: {
      ASAN_OPTIONS: `${ASAN_OPTIONS}:detect_leaks=0`,
      LD_PRELOAD: libraries.join(':'),
      FAST_SDE_PREBUILD: folder,
    },
  });
}

/** Halts at the first fault. */
export function checkThreads() {
  checkTests('thread', { TSAN_OPTIONS: 'halt_on_error=1:allocator_may_return_null=1' }, false);
}

/** Returns the folder of that addon. */
function checkTests(sanitizers, env, all) {
  step(`sanitizers: C++ tests, ${sanitizers}`);
  const folder = buildSanitized(sanitizers);
  run(join(folder, 'build', 'Release', 'fast_sde_tests'), all ? [] : [LONGEST], { env });
  return folder;
}

if (isMain(import.meta.url)) {
  await main(() => {
    setup({ tests: true });
    checkAddresses({ all: true });
    checkThreads();
  });
}
