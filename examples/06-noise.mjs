// What happens to the noise when a step is rejected, and why it matters.
//
//     node examples/06-noise.mjs
//
// An adaptive step that is rejected has already seen its noise. Drawing new noise ('redraw', what the paper's
// code does) keeps the noise that happened to be easy, which widens the result in low dimensions. 'bridge'
// (the default) keeps to one Brownian path: a shorter step gets what the path was in between.
import { mixtureScore, sample, vp } from 'fast-sde';

const truth = 0.25;
console.log('variance of the samples, divided by the true one\n');
console.log('dimension    bridge    retain    redraw');
for (const dimension of [1, 2, 16, 256]) {
  const score = mixtureScore({ weights: [1], means: [new Array(dimension).fill(0)], variances: [truth] });
  const ratios = [];
  for (const noise of ['bridge', 'retain', 'redraw']) {
    const count = Math.ceil(20_000 / dimension);
    const { samples } = await sample({ sde: vp(), score, shape: [dimension], count, seed: 1, noise });
    ratios.push(samples.reduce((sum, x) => sum + x * x, 0) / samples.length / truth);
  }
  console.log([String(dimension).padStart(9), ...ratios.map(ratio => ratio.toFixed(3).padStart(10))].join(''));
}
