import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Native code: a crash must take down one test file, not the run.
    pool: 'forks',
    // The tests of solvers use every core themselves.
    maxWorkers: 2,
    // LibTorch's idle threads spin: with two test files on two cores they would keep each other from working.
    env: { OMP_NUM_THREADS: '1' },
    testTimeout: 60_000,
    hookTimeout: 300_000,
  },
});
