/** The tests that a mutation run asks: those of options, solvers and figures, without models and devices. */
import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.js';

export default mergeConfig(
  { ...base, test: { ...base.test, include: [] } },
  defineConfig({
    test: {
      include: [
        'test/auto-batch.test.ts',
        'test/cli-flags.test.ts',
        'test/controller.test.ts',
        'test/defaults.test.ts',
        'test/errors.test.ts',
        'test/option-checks.test.ts',
        'test/options.test.ts',
        'test/orders.test.ts',
        'test/shards.test.ts',
        'test/stats.test.ts',
        'test/validation.test.ts',
      ],
    },
  }),
);
