// An SDE of one's own: the cosine schedule, given as two ordinary functions of t.
//
//     node examples/02-own-sde.mjs
//
// `affine` turns alpha(t) and sigma(t), with x(t) = alpha(t) x(0) + sigma(t) z, into the drift f(t) x and the
// diffusion g(t), checks them, and compiles them to a table: no JavaScript runs while samples are drawn.
import { adaptive, affine, mixtureScore, sample } from 'fast-sde';

const cosine = affine({
  alpha: t => Math.cos((Math.PI / 2) * t),
  sigma: t => Math.sin((Math.PI / 2) * t),
  // alpha must stay above zero, so time ends a little before 1.
  T: 0.995,
  tEnd: 0.001,
  dataRange: [-1, 1],
});

const score = mixtureScore({ weights: [0.3, 0.7], means: [[-0.5], [0.5]], variances: [0.01, 0.01] });
// The defaults are made for images; a narrow target in one dimension deserves a smaller tolerance.
const solver = adaptive({ rtol: 0.01, atol: 0.001 });
const { samples } = await sample({ sde: cosine, score, shape: [1], count: 10_000, seed: 1, solver });

const right = samples.filter(x => x > 0);
const mean = right.reduce((sum, x) => sum + x, 0) / right.length;
const variance = right.reduce((sum, x) => sum + (x - mean) ** 2, 0) / right.length;
console.log(`f(0.5) = ${cosine.f(0.5).toFixed(4)}, g(0.5) = ${cosine.g(0.5).toFixed(4)}`);
console.log('                          drawn   wanted');
console.log(`share of the right one   ${(right.length / samples.length).toFixed(4)}   0.7000`);
console.log(`its mean                 ${mean.toFixed(4)}   0.5000`);
console.log(`its variance             ${variance.toFixed(4)}   0.0100`);
