// How long a particle takes from one well over the hill to the other: first-passage times as events.
//
//     node examples/10-first-passage.mjs
//
// An event is found also where a path goes over the hill and back within one step: the crossing probability of a Brownian
// bridge decides. Looking at the ends of steps alone would find it late, by some sqrt(h). The mean time is known exactly.
import { heun, itoSde, solve } from 'fast-sde';

const s = 0.7;
const well = itoSde({ state: ['x'], params: { s }, equations: ['dx = (x - x^3)*dt + s*dW1'] });

// T = 2/s² ∫ from -1 to 0 of exp(2V(y)/s²) ∫ from -∞ to y of exp(-2V(z)/s²) dz dy, with V = x⁴/4 - x²/2.
const weight = x => Math.exp((-2 / s ** 2) * (x ** 4 / 4 - x ** 2 / 2));
const h = 1e-4;
let [below, exact] = [0, 0];
for (let y = -5 + h / 2; y < 0; y += h) {
  below += weight(y) * h;
  if (y > -1) exact += (2 / s ** 2) * (below / weight(y)) * h;
}

const paths = 20_000;
const events = [{ when: 'x', direction: 'up' }];
console.log('      h   mean time   standard error');
for (const step of [0.25, 0.125, 0.0625]) {
  const t1 = 100;
  const { stats } = await solve(well, { t1, x0: [-1], paths, seed: 1, solver: heun({ steps: t1 / step }), events });
  const times = stats.events.times.map(time => (Number.isNaN(time) ? t1 : time));
  const mean = times.reduce((sum, time) => sum + time, 0) / paths;
  const variance = times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / paths;
  console.log(
    `${step.toFixed(4)}   ${mean.toFixed(3).padStart(9)}   ${Math.sqrt(variance / paths)
      .toFixed(3)
      .padStart(14)}`,
  );
}
console.log(`  exact   ${exact.toFixed(3).padStart(9)}`);
