// Evaluations a sample and the variance reached, over tolerances: Gaussian data (mean 0, variance 0.25, d = 3072) with
// exact score under VP, atol 0.0078, 64 samples, the denoising evaluation counted.
//
//   node bench/evaluations.mjs
//
// The peer is the paper's loop in PyTorch (new noise after a rejection, both stages evaluated again).

import { adaptive, mixtureScore, sample, summary, vp } from '../dist/esm/index.js';
import { keep, peer } from './report.mjs';

const [count, elements, atol] = [64, 3072, 0.0078];
const score = mixtureScore({ weights: [1], means: [new Float32Array(elements)], variances: [0.25] });

async function ours(rtol, noise) {
  const job = { sde: vp(), score, shape: [elements], count, batch: count, seed: 1, noise };
  const { stats, samples } = await sample({ ...job, solver: adaptive({ rtol, atol }) });
  const { meanEvaluations, rejectedShare } = summary(stats);
  const variance = samples.reduce((sum, x) => sum + x * x, 0) / samples.length;
  return { mean_evaluations: meanEvaluations, rejected_share: rejectedShare, variance };
}

const results = [];
for (const rtol of [0.01, 0.02, 0.05, 0.1, 0.5]) {
  const paper = peer('paper_loop.py', ['--gaussian', '--count', `${count}`, '--rtol', `${rtol}`, '--seed', '1']);
  results.push({ rtol, paper, redraw: await ours(rtol, 'redraw'), bridge: await ours(rtol, 'bridge') });
}

const evaluations = one => one.mean_evaluations.toFixed(1);
const percent = share => `${(100 * share).toFixed(1)} %`;
keep('evaluations', {
  title: `Evaluations a sample: Gaussian data in ${elements} dimensions, exact score`,
  head: ['rtol', "the paper's loop", "noise: 'redraw'", 'default', 'rejected', 'variance / truth'],
  rows: results.map(({ rtol, paper, redraw, bridge }) => [
    rtol,
    evaluations(paper),
    evaluations(redraw),
    evaluations(bridge),
    percent(bridge.rejected_share),
    (bridge.variance / 0.25).toFixed(4),
  ]),
  notes: [`Means over ${count} samples; the last two columns are of the default.`],
  data: { torch: results[0].paper.torch, count, elements, atol, results },
});
