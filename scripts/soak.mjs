// `npm run soak`: set-up, then the tests of test/soak with their full numbers of random inputs, an hour or so. Further
// arguments go to vitest (`npm run soak -- exits`).

import { main, run, tool } from './run.mjs';
import { setup } from './setup.mjs';

await main(() => {
  const libtorch = setup();
  const env = { FAST_SDE_SOAK: 'full', ...(libtorch.python && { FAST_SDE_PYTHON: libtorch.python }) };
  const [node, vitest] = tool('vitest/vitest.mjs');
  run(node, [vitest, 'run', '--dir', 'test/soak', '--testTimeout', '3600000', ...process.argv.slice(2)], { env });
});
