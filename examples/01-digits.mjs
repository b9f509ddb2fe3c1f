// Handwritten digits from a trained score network: the shortest way from a TorchScript file to samples.
//
//     node examples/01-digits.mjs
//
// Shows torchScore, the default adaptive solver, progress, and the figures of a run.
import { fileURLToPath } from 'node:url';
import { sample, torchScore, vp } from 'fast-sde';

const file = fileURLToPath(new URL('digits/digits.pt', import.meta.url));
const score = await torchScore(file, { predicts: 'noise', timeInput: 'label' });

const { samples, stats } = await sample({
  sde: vp(),
  score,
  shape: [1, 28, 28],
  count: 4,
  seed: 1,
  onProgress: ({ fraction }) => process.stderr.write(`\r${Math.round(100 * fraction)} % `),
});

process.stderr.write('\n');

// A digit is 28 x 28 numbers in [-1, 1], one after the other in `samples`.
const shades = ' .:-=+*#%@';
for (let index = 0; index < stats.status.length; index++) {
  const digit = samples.subarray(index * 784, (index + 1) * 784);
  for (let row = 0; row < 28; row++) {
    const pixels = digit.subarray(row * 28, (row + 1) * 28);
    console.log(Array.from(pixels, v => shades[Math.min(9, Math.max(0, Math.floor((v + 1) * 5)))].repeat(2)).join(''));
  }
  console.log(
    `digit ${index}: ${stats.evaluations[index]} network evaluations, ${stats.rejected[index]} steps rejected`,
  );
}
console.log(`${stats.network.calls} network calls, ${(stats.timing.totalMs / 1000).toFixed(1)} s`);
