// `npm run soak`: set-up, then the tests of test/soak with their full numbers of random inputs; or those that are named
// (`npm run soak -- exits damage`). On two cores damaged files take 10 seconds, exits four minutes, random options seven;
// the other runtimes and the compilation as long as packages take to come and the addon to compile.

import { main, run, tool } from './run.mjs';
import { setup } from './setup.mjs';

await main(() => {
  const libtorch = setup();
  const env = { FAST_SDE_SOAK: 'full', ...(libtorch.python && { FAST_SDE_PYTHON: libtorch.python }) };
  const [node, vitest] = tool('vitest/vitest.mjs');
  const named = process.argv.slice(2);
  const files = (named.length > 0 ? named : ['']).map(name => `test/soak/${name}`);
  run(node, [vitest, 'run', '--testTimeout', '3600000', ...files], { env });
});
