// Lorenz's equations with noise: where a thousand paths are after a while, as a picture of x and z.
//
//     node examples/09-lorenz.mjs
//
// Two paths with the same seed and index but starts that differ by 1e-6 see the same noise, and still part: the last lines
// say how fast.
import { heun, itoSde, solve } from 'fast-sde';

const lorenz = itoSde({
  state: ['x', 'y', 'z'],
  params: { sigma: 10, rho: 28, beta: 8 / 3, noise: 2 },
  equations: [
    'dx = sigma*(y - x)*dt + noise*dW1',
    'dy = (x*(rho - z) - y)*dt + noise*dW2',
    'dz = (x*y - beta*z)*dt + noise*dW3',
  ],
});

const { states, stats } = await solve(lorenz, { t1: 10, x0: [1, 1, 20], paths: 1000, seed: 1 });

const [width, height] = [64, 24];
const cells = new Uint16Array(width * height);
for (let path = 0; path < 1000; path++) {
  const [x, , z] = states.subarray(3 * path, 3 * path + 3);
  const column = Math.floor(((x + 25) / 50) * width);
  const row = Math.floor((1 - z / 55) * height);
  if (column >= 0 && column < width && row >= 0 && row < height) cells[row * width + column]++;
}
const shades = ' .:-=+*#%@';
for (let row = 0; row < height; row++) {
  const line = Array.from(cells.subarray(row * width, (row + 1) * width), count => shades[Math.min(9, count)]);
  console.log(line.join('').trimEnd());
}
console.log(`solver: ${stats.solver.why}; ${Math.round(stats.totals.accepted / 1000)} steps a path`);

// Both starts as rows of x0 would see different noise, as paths 0 and 1: so each runs alone as path 0.
const alone = { t1: 10, seed: 1, saveAt: [2, 4, 6, 8, 10], solver: heun({ steps: 20_000 }) };
const one = await solve(lorenz, { ...alone, x0: [1, 1, 20] });
const other = await solve(lorenz, { ...alone, x0: [1 + 1e-6, 1, 20] });
for (const [i, t] of one.times.entries()) {
  const gap = Math.hypot(...[0, 1, 2].map(k => one.states[3 * i + k] - other.states[3 * i + k]));
  console.log(`t = ${String(t).padStart(2)}: ${gap.toExponential(1)} apart`);
}
