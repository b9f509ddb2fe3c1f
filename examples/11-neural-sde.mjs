// A neural SDE: drift and diffusion are networks that were trained on observed paths.
//
//     node examples/11-neural-sde.mjs
//
// neural-sde/train.py made them with PyTorch from paths of dX = (X - X³) dt + 0.4 sqrt(1 + X²) dW, and knew nothing but
// the observations. Here the networks are solved beside the equations: where paths are at the end, and how long they take
// from the left well over the hill.
import { fileURLToPath } from 'node:url';
import { eulerMaruyama, itoSde, solve, torchCoefficient } from 'fast-sde';

const file = name => fileURLToPath(new URL(`neural-sde/${name}.pt`, import.meta.url));
const learned = itoSde({
  state: ['x'],
  drift: await torchCoefficient(file('drift')),
  diffusion: await torchCoefficient(file('diffusion')),
  noise: 'diagonal', // a module does not tell: the diffusion of a state depends on that state alone
});
const exact = itoSde({ state: ['x'], drift: ['x - x^3'], diffusion: ['0.4*sqrt(1 + x^2)'] });

const [paths, t1] = [4000, 8];
const options = { t1, x0: [-1], paths, seed: 1, solver: eulerMaruyama({ steps: 50 * t1 }) };
const edges = { of: 'x', low: -2, high: 2, bins: 8 };
for (const [name, sde] of Object.entries({ networks: learned, equations: exact })) {
  const { statistics, stats } = await solve(sde, { ...options, reductions: { histograms: [edges] } });
  const shares = Array.from(statistics[0].histograms[0].counts, count => (count / paths).toFixed(3));
  const over = await solve(sde, { ...options, events: [{ when: 'x', direction: 'up' }] });
  const crossed = over.stats.ended.event / paths;
  console.log(`${name}:`);
  console.log(`  shares of [-2, -1.5) … [1.5, 2): ${shares.join(' ')}`);
  console.log(`  over the hill by t = ${t1}: ${crossed.toFixed(3)}`);
  console.log(`  ${stats.totals.drifts} drifts in ${stats.timing.totalMs.toFixed(0)} ms`);
}
