// Draws docs/lorenz.png: where 1500 paths of Lorenz's equations with noise are, every hundredth from t = 5 to 25, as x and z.
//
//   node scripts/lorenz-picture.mjs

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { itoSde, solve } from '../dist/esm/index.js';

const lorenz = itoSde({
  state: ['x', 'y', 'z'],
  equations: ['dx = 10*(y - x)*dt + 0.3*dW1', 'dy = (x*(28 - z) - y)*dt + 0.3*dW2', 'dz = (x*y - 8/3*z)*dt + 0.3*dW3'],
});
const saveAt = Array.from({ length: 2001 }, (_, i) => 5 + i / 100);
const { states } = await solve(lorenz, { t1: 25, x0: [1, 1, 20], paths: 1500, seed: 1, saveAt, precision: 'float32' });

const size = 476;
const counts = new Uint32Array(size * size);
for (let i = 0; i < states.length; i += 3) {
  const column = Math.floor(((states[i] + 24) / 48) * size);
  const row = Math.floor((1 - (states[i + 2] + 1) / 54) * size);
  if (column >= 0 && column < size && row >= 0 && row < size) counts[row * size + column]++;
}
const most = counts.reduce((most, count) => Math.max(most, count), 0);
const image = new PNG({ width: size, height: size, colorType: 2 });
for (const [i, count] of counts.entries()) {
  const ink = (count / most) ** 0.4;
  // White, through orange and crimson, to a night blue.
  const stops = [
    [255, 255, 255],
    [253, 190, 110],
    [196, 52, 96],
    [24, 20, 72],
  ];
  const place = Math.min(2.999, 3 * ink);
  const [from, to] = [stops[Math.floor(place)], stops[Math.floor(place) + 1]];
  for (const k of [0, 1, 2]) image.data[4 * i + k] = Math.round(from[k] + (to[k] - from[k]) * (place % 1));
  image.data[4 * i + 3] = 255;
}
writeFileSync(join(import.meta.dirname, '..', 'docs', 'lorenz.png'), PNG.sync.write(image, { colorType: 2 }));
