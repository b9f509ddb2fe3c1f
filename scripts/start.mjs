// `npm start`: set-up, then 64 handwritten digits into digits.png. Further arguments go to the command line program.

import { main, run, step } from './run.mjs';
import { setup } from './setup.mjs';

const DIGITS = [
  ...['--model', 'examples/digits/digits.pt', '--predicts', 'noise', '--time', 'label', '--sde', 'vp'],
  ...['--shape', '1,28,28', '--count', '64', '--seed', '1', '--rtol', '0.05', '--out', 'digits.png'],
];

await main(() => {
  setup();
  step('64 digits');
  run(process.execPath, ['dist/esm/cli/main.js', 'sample', ...DIGITS, ...process.argv.slice(2)]);
});
