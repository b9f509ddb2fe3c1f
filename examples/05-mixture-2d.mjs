// Eight Gaussians on a ring, drawn with three solvers: look at the samples, count what they cost.
//
//     node examples/05-mixture-2d.mjs
//
// The score of a Gaussian mixture is known exactly, so every difference from the target is the solver's own.
import { adaptive, eulerMaruyama, mixtureScore, sample, vp } from 'fast-sde';

const means = Array.from({ length: 8 }, (_, i) => [
  0.8 * Math.cos((i * Math.PI) / 4),
  0.8 * Math.sin((i * Math.PI) / 4),
]);
const variance = 0.002;
const score = mixtureScore({ weights: means.map(() => 1 / 8), means, variances: means.map(() => variance) });
const count = 4000;

for (const [name, solver] of [
  ['adaptive, rtol 0.05', adaptive({ rtol: 0.05 })],
  ['Euler-Maruyama, 100 steps', eulerMaruyama({ steps: 100 })],
  ['Euler-Maruyama, 1000 steps', eulerMaruyama({ steps: 1000 })],
]) {
  const { samples, stats } = await sample({ sde: vp(), score, shape: [2], count, seed: 1, solver });
  const evaluations = stats.evaluations.reduce((sum, n) => sum + n, 0) / count;
  console.log(`\n${name}: ${evaluations.toFixed(0)} evaluations a sample`);
  console.log(`variance around the nearest mean ${spread(samples).toFixed(5)}, of the target ${variance.toFixed(5)}`);
  console.log(picture(samples));
}

/** Variance along one axis, of the samples around the nearest mean each. */
function spread(samples) {
  let total = 0;
  for (let i = 0; i < samples.length; i += 2) {
    total += Math.min(...means.map(([a, b]) => (samples[i] - a) ** 2 + (samples[i + 1] - b) ** 2));
  }
  return total / samples.length;
}

/** A density plot of [-1, 1] x [-1, 1] in characters. */
function picture(samples) {
  const [columns, rows] = [48, 24];
  const cells = new Array(columns * rows).fill(0);
  for (let i = 0; i < samples.length; i += 2) {
    const column = Math.floor(((samples[i] + 1) / 2) * columns);
    const row = Math.floor(((1 - samples[i + 1]) / 2) * rows);
    if (column >= 0 && column < columns && row >= 0 && row < rows) cells[row * columns + column]++;
  }
  const shades = ' .:+*#@';
  const peak = Math.max(...cells);
  const line = row => cells.slice(row * columns, (row + 1) * columns).map(n => shades[Math.ceil((6 * n) / peak)]);
  return Array.from({ length: rows }, (_, row) => line(row).join('')).join('\n');
}
