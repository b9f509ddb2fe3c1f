// What an attempt at a step costs where each path chooses its own: of one path alone, and of many side by side. CPU time
// of one thread.
//
//   node bench/adaptive-paths.mjs [--repeats 7]

import { parseArgs } from 'node:util';
import { heun, itoSde, milstein, shark, solve, sriw1 } from '../dist/esm/index.js';
import { keep } from './report.mjs';

const { values } = parseArgs({ options: { repeats: { type: 'string', default: '7' } } });
const repeats = Number(values.repeats);

const growth = itoSde({ state: ['x'], equations: ['dx = 0.1*x*dt + 0.2*x*dW'] });
const three = itoSde({
  state: ['x', 'y', 'z'],
  drift: ['0.1*x', '0.1*y', '0.1*z'],
  diffusion: ['0.2*x', '0.2*y', '0.2*z'],
});
const restoring = itoSde({ state: ['x'], equations: ['dx = -x*dt + dW'] });
// Steps near a ten-thousandth, so that a path has some hundred thousand of them.
const steps = { rtol: 1e-5, atol: 1e-8, hMax: 1e-4 };
const CASES = [
  ['heun', growth.toStratonovich(), heun(steps)],
  ['milstein', growth, milstein(steps)],
  ['shark', restoring, shark(steps)],
  ['sriw1', growth, sriw1(steps)],
  ['sriw1', three, sriw1(steps)],
];

const rows = [];
for (const [name, sde, solver] of CASES) {
  const alone = await cost(sde, solver, 1, 10);
  const many = await cost(sde, solver, 1000, 0.05);
  const rejected = (100 * alone.rejected) / (alone.rejected + alone.accepted);
  rows.push([name, sde.states.length, alone.ns.toFixed(0), many.ns.toFixed(0), `${rejected.toFixed(1)} %`]);
}
keep('adaptive-paths', {
  title: 'Nanoseconds an attempt, steps of each path’s own, one thread',
  head: ['solver', 'states', 'one path alone', '1000 paths', 'rejected'],
  rows,
  notes: [`float64. CPU time, best of ${repeats} runs.`],
  data: { repeats, rows },
});

async function cost(sde, solver, paths, t1) {
  let best = { ns: Infinity };
  for (let repeat = 0; repeat < repeats; repeat++) {
    const before = process.cpuUsage();
    const { stats } = await solve(sde, { t1, x0: sde.states.map(() => 1), paths, solver, threads: 1 });
    const { user, system } = process.cpuUsage(before);
    const { accepted, rejected } = stats.totals;
    const ns = ((user + system) * 1000) / (accepted + rejected);
    if (ns < best.ns) best = { ns, accepted, rejected };
  }
  return best;
}
