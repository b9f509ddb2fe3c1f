// Geometric Brownian motion beside its closed form, path by path: how the error shrinks with the step.
//
//     node examples/07-closed-form.mjs
//
// `path` lets all runs share the same Brownian paths, and `saveW` gives W beside the states, so that the exact solution of
// each path can be computed. heun() is a method of the Stratonovich calculus: it gets the same process in that calculus.
import { eulerMaruyama, heun, itoSde, solve } from 'fast-sde';

const [a, b, x0] = [1, 0.5, 1];
const sde = itoSde({ state: ['x'], params: { a, b }, equations: ['dx = a*x*dt + b*x*dW1'] });
const paths = 2000;

async function error(equations, solver) {
  const run = { t1: 1, x0: [x0], paths, seed: 1, path: { steps: 256 }, saveW: true };
  const { states, W } = await solve(equations, { ...run, solver });
  const exact = W.map(w => x0 * Math.exp(a - b ** 2 / 2 + b * w));
  return Math.sqrt(states.reduce((sum, x, i) => sum + (x - exact[i]) ** 2, 0) / paths);
}

console.log('steps   Euler-Maruyama      Heun');
for (const steps of [16, 32, 64, 128, 256]) {
  const euler = await error(sde, eulerMaruyama({ steps }));
  const trapezoidal = await error(sde.toStratonovich(), heun({ steps }));
  console.log(
    `${String(steps).padStart(5)}   ${euler.toExponential(3).padStart(14)} ${trapezoidal.toExponential(3).padStart(9)}`,
  );
}
