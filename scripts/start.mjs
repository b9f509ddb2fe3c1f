// `npm start`: set-up, then 64 handwritten digits into digits.png. Further arguments go to the command line program.

import { main, run, step } from './run.mjs';
import { setup } from './setup.mjs';

await main(() => {
  setup();
  step('64 digits');
  run(process.execPath, ['dist/esm/cli/main.js', 'example', 'digits', ...process.argv.slice(2)]);
});
