// Paths of SDEs given by equations: path-steps a second and core, beside the noise alone, a loop by hand, NumPy and JAX.
//
//   node bench/paths.mjs [--repeats 5] [--paths 262144]
//
// JAX is a row where the peers' Python has it. Instruction sets are chosen when the addon is loaded: each has a process.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { addon } from '../dist/esm/addon.js';
import { eulerMaruyama, itoSde, solve } from '../dist/esm/index.js';
import { findLibTorch } from '../lib/libtorch.mjs';
import { buildNative } from '../scripts/build-native.mjs';
import { keep, peer, root } from './report.mjs';

const { values } = parseArgs({
  options: {
    repeats: { type: 'string', default: '5' },
    paths: { type: 'string', default: String(2 ** 18) },
    variant: { type: 'string' },
  },
});
const repeats = Number(values.repeats);
const paths = Number(values.paths);
const STEPS = 256;

const own = (names, drift, diffusion, params = {}) => ({ state: names, params, drift, diffusion });
const PROBLEMS = {
  'geometric Brownian motion, 3 states': {
    sde: itoSde(own(['x', 'y', 'z'], ['1.5*x', '1.5*y', '1.5*z'], ['0.01*x', '0.01*y', '0.01*z'])),
    x0: [0.1, 0.1, 0.1],
  },
  'pendulum, one noise': {
    sde: itoSde({ state: ['q', 'p'], equations: ['dq = p*dt', 'dp = (-sin(q) - 0.2*p)*dt + 0.3*dW1'] }),
    x0: [1, 0],
  },
  'Heston, general noise': {
    sde: itoSde({
      state: ['S', 'v'],
      params: { r: 0.03, kappa: 1.5, theta: 0.04, xi: 0.5, rho: -0.7 },
      equations: [
        'dS = r*S*dt + sqrt(max(v,0))*S*dW1',
        'dv = kappa*(theta - v)*dt + xi*sqrt(max(v,0))*(rho*dW1 + sqrt(1 - rho^2)*dW2)',
      ],
    }),
    x0: [100, 0.04],
  },
  'Lorenz-96, 10 states': {
    sde: itoSde(
      own(
        Array.from({ length: 10 }, (_, i) => `x${i}`),
        Array.from({ length: 10 }, (_, i) => `(x${(i + 1) % 10} - x${(i + 8) % 10})*x${(i + 9) % 10} - x${i} + 8`),
        Array.from({ length: 10 }, () => '1.5'),
      ),
    ),
    x0: Array.from({ length: 10 }, (_, i) => 8 + 0.08 * (i === 0)),
  },
};

if (values.variant !== undefined) await ours();
else compare();

/** Of one instruction set: prints path-steps a second and core. */
async function ours() {
  const rates = {};
  for (const [name, { sde, x0 }] of Object.entries(PROBLEMS)) {
    for (const precision of ['float32', 'float64']) {
      let best = Infinity;
      const reductions = { of: { first: sde.states[0] } };
      for (let repeat = 0; repeat < repeats; repeat++) {
        const solver = eulerMaruyama({ steps: STEPS });
        const before = process.cpuUsage();
        await solve(sde, { t1: 1, x0, paths, solver, precision, threads: 1, reductions });
        const { user, system } = process.cpuUsage(before);
        best = Math.min(best, (user + system) / 1e6);
      }
      rates[`${name}, ${precision}`] = (paths * STEPS) / best;
    }
  }
  console.log(JSON.stringify(rates));
}

function compare() {
  buildNative({ torchDir: findLibTorch({ root }).found?.cmakeDir, bench: true });
  const variants = addon()
    .cpu()
    .variants.filter(name => name !== 'baseline');
  const rates = Object.fromEntries(variants.map(name => [name, childRates(name)]));
  const bounds = JSON.parse(run(join(root, 'build', 'Release', 'bench_paths'), []).stdout);
  const peers = ['numpy', 'jax'].flatMap(name =>
    ['float32', 'float64'].map(precision => {
      const few = Math.min(paths, 2 ** 16);
      const { seconds, version, missing } = peer(`gbm_${name}.py`, [String(few), String(STEPS), precision]);
      return missing ? undefined : { name: `${name} ${version}`, precision, rate: (few * STEPS) / seconds };
    }),
  );
  const best = variants.at(-1);
  const [gbm] = Object.keys(PROBLEMS);
  const row = (name, a, b) => [name, a?.toExponential(2) ?? '', b?.toExponential(2) ?? ''];
  const rows = [
    row('noise alone, one core', bounds.noise32, bounds.noise64),
    row('by hand, one core', bounds.hand32, bounds.hand64),
    ...variants.map(name =>
      row(`solve, one core, ${name}`, rates[name][`${gbm}, float32`], rates[name][`${gbm}, float64`]),
    ),
    ...['numpy', 'jax'].flatMap(kind => {
      const [a, b] = peers.filter(one => one?.name.startsWith(kind));
      return a ? [row(`${a.name}${kind === 'jax' ? ', all cores' : ''}`, a.rate, b.rate)] : [];
    }),
    ...Object.keys(PROBLEMS)
      .slice(1)
      .map(name =>
        row(`${name}: solve, one core, ${best}`, rates[best][`${name}, float32`], rates[best][`${name}, float64`]),
      ),
  ];
  keep('paths', {
    title: `Path-steps a second: Euler-Maruyama, ${STEPS} steps, ${paths} paths`,
    head: ['', 'float32', 'float64'],
    rows,
    notes: [`The first rows are of ${gbm}. Best of ${repeats} runs, CPU time but for NumPy and JAX.`],
    data: { repeats, paths, steps: STEPS, rates, bounds, peers: peers.filter(Boolean) },
  });
}

function childRates(variant) {
  const flags = ['--variant', variant, '--repeats', String(repeats), '--paths', String(paths)];
  const env = { ...process.env, FAST_SDE_CPU: variant };
  return JSON.parse(run(process.execPath, [fileURLToPath(import.meta.url), ...flags], env).stdout);
}

function run(program, args, env = process.env) {
  const done = spawnSync(program, args, { encoding: 'utf8', env });
  if (done.status !== 0) throw new Error(`${program}: ${done.error ?? done.stderr}`);
  return done;
}
