// Paths of SDEs on an NVIDIA GPU: path-steps a second beside the CPU's, all cores, for equal steps and for steps of each
// path's own. Sums over the paths are kept, and the paths' ends in one row.
//
//   node bench/gpu-paths.mjs [--paths 8388608] [--repeats 3] [--device cuda:0]
//
// Where there is no GPU it says why and does nothing. FAST_SDE_GPU_QUICK=1: few paths, one run.

import { parseArgs } from 'node:util';
import { cudaDevices } from '../dist/esm/cuda.js';
import { eulerMaruyama, itoSde, milstein, solve } from '../dist/esm/index.js';
import { keep } from './report.mjs';

const quick = process.env.FAST_SDE_GPU_QUICK === '1';
const { values } = parseArgs({
  options: {
    paths: { type: 'string', default: String(quick ? 2 ** 16 : 2 ** 23) },
    repeats: { type: 'string', default: quick ? '1' : '3' },
    device: { type: 'string', default: 'cuda:0' },
  },
});
const [paths, repeats] = [Number(values.paths), Number(values.repeats)];
/** The CPU is timed on fewer. */
const CPU_SHARE = 8;

const names = ['x', 'y', 'z'];
const gbm = itoSde({ state: names, drift: names.map(x => `1.5*${x}`), diffusion: names.map(x => `0.01*${x}`) });
const heston = itoSde({
  state: ['S', 'v'],
  params: { r: 0.03, kappa: 1.5, theta: 0.04, xi: 0.5, rho: -0.7 },
  equations: [
    'dS = r*S*dt + sqrt(max(v,0))*S*dW1',
    'dv = kappa*(theta - v)*dt + xi*sqrt(max(v,0))*(rho*dW1 + sqrt(1 - rho^2)*dW2)',
  ],
});
const x0 = [0.1, 0.1, 0.1];
const sums = { reductions: { of: { first: 'x' } } };
const PROGRAMS = {
  'GBM, 3 states, 256 equal steps, float32': [
    gbm,
    { x0, solver: eulerMaruyama({ steps: 256 }), precision: 'float32', ...sums },
  ],
  'the same, its ends kept': [gbm, { x0, solver: eulerMaruyama({ steps: 256 }), precision: 'float32' }],
  'the same, float64': [gbm, { x0, solver: eulerMaruyama({ steps: 256 }), ...sums }],
  'GBM, adaptive Milstein, float32': [
    gbm,
    { x0, solver: milstein({ rtol: 1e-3, atol: 1e-5 }), precision: 'float32', ...sums },
  ],
  'Heston, 256 equal steps, float32': [
    heston,
    {
      x0: [100, 0.04],
      solver: eulerMaruyama({ steps: 256 }),
      precision: 'float32',
      reductions: { of: { first: 'S' } },
    },
  ],
};

const { devices, reason = 'the CUDA plugin sees no device' } = cudaDevices();
const gpu = devices[Number(values.device.slice('cuda:'.length))];
if (gpu) await bench();
else console.log(`skipped: ${devices.length > 0 ? `there is no ${values.device}` : reason}`);

async function bench() {
  const results = [];
  for (const [name, [sde, options]] of Object.entries(PROGRAMS)) {
    results.push({
      name,
      gpu: await rate(sde, { ...options, paths, device: values.device }),
      cpu: await rate(sde, { ...options, paths: Math.ceil(paths / CPU_SHARE), device: 'cpu' }),
    });
  }
  const headline = results.map(
    ({ name, gpu, cpu }) =>
      `${name}: ${gpu.toExponential(2)} path-steps a second, ${(gpu / cpu).toFixed(1)} times the CPU's`,
  );
  keep(`gpu-paths-${gpu.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}${quick ? '-quick' : ''}`, {
    title: `Path-steps a second on ${gpu.name}: ${paths} paths`,
    head: ['', gpu.name, 'CPU, all cores'],
    rows: results.map(({ name, gpu, cpu }) => [name, gpu.toExponential(2), cpu.toExponential(2)]),
    notes: [`Best of ${repeats} runs after an unrecorded one. Steps are those tried, rejected ones included.`],
    data: { gpu, paths, repeats, headline, results },
  });
}

/** Path-steps a second, the best of some runs. */
async function rate(sde, options) {
  let best = 0;
  for (let run = 0; run <= repeats; run++) {
    const { stats } = await solve(sde, { t1: 1, seed: run, ...options });
    const { accepted, rejected } = stats.totals;
    if (run > 0) best = Math.max(best, (accepted + rejected) / (stats.timing.totalMs / 1000));
  }
  return best;
}
