// How good the digits of each program of bench/digits.mjs are: their distance to MNIST's test images.
//
//   node bench/quality.mjs [--model examples/digits/digits.pt] [--count 256]
//
// Nothing is timed, so that it may run beside other work. A last row, at rtol 0.5, shows that the distance sees a loss.
// Needs `npm run setup` (the build, LibTorch and a Python with torch).

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { digitPrograms, tolerances } from './digit-programs.mjs';
import { keep, peer } from './report.mjs';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'examples/digits/digits.pt' },
    count: { type: 'string', default: '256' },
  },
});
const [model, count] = [values.model, Number(values.count)];

const programs = await digitPrograms({ model, count });
const loose = (await digitPrograms({ model, count, rtol: 0.5 })).find(([name]) => name === 'fast-sde, float32');
programs.push(['fast-sde, float32, rtol 0.5', loose[1]]);

const folder = mkdtempSync(join(tmpdir(), 'fast-sde-quality-'));
try {
  const files = [];
  for (const [i, [name, program]] of programs.entries()) {
    const { samples } = await program(1);
    files.push(join(folder, String(i)));
    writeFileSync(files[i], samples);
    console.error(`${i + 1}/${programs.length} ${name}`);
  }
  const measured = peer('digit_quality.py', files);
  const { floor } = measured;
  const thousandths = share => (1000 * share).toFixed(1);
  keep('quality', {
    title: `Distance of ${count} digits to MNIST's test images, rtol ${tolerances.rtol}`,
    head: ['', 'distance'],
    rows: [
      ...programs.map(([name], i) => [name, thousandths(measured.distances[i])]),
      [`${count} real digits (mean of 100 draws)`, `${thousandths(floor.mean)} ± ${thousandths(floor.std)}`],
    ],
    notes: [
      'Energy distance in the features of a small classifier, in thousandths of the most it can be; see ' +
        `bench/peers/digit_quality.py. Differences within ± ${thousandths(floor.std)} mean nothing.`,
    ],
    data: { ...measured, names: programs.map(([name]) => name), ...tolerances },
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
