// What it costs that drift and diffusion are JavaScript functions or TorchScript modules: path-steps a second beside text.
//
//   node bench/functions.mjs [--repeats 5]
//
// Geometric Brownian motion with 3 states, Euler-Maruyama. The forms take turns, so that what the machine does meanwhile
// falls on all of them. Modules are made by the Python whose PyTorch the plugin was built with; without it they are left out.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { eulerMaruyama, itoSde, solve, torchCoefficient } from '../dist/esm/index.js';
import { findLibTorch } from '../lib/libtorch.mjs';
import { keep, root } from './report.mjs';

const { values } = parseArgs({ options: { repeats: { type: 'string', default: '5' } } });
const repeats = Number(values.repeats);
const STATE = ['x', 'y', 'z'];

const MODULES = `
import sys, torch
from torch import Tensor, nn
class Linear(nn.Module):
    def __init__(self, factor: float):
        super().__init__()
        self.factor = factor
    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        return self.factor * x
class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(3, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 3))
    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        return self.layers(x)
for name, module in (("drift", Linear(1.5)), ("diffusion", Linear(0.01)), ("network", Network())):
    torch.jit.script(module.eval()).save(f"{sys.argv[1]}/{name}.pt")
`;

async function modules() {
  const folder = mkdtempSync(join(tmpdir(), 'fast-sde-'));
  try {
    const python = process.env.FAST_SDE_PYTHON || findLibTorch({ root }).found?.python || 'python3';
    const program = join(folder, 'modules.py'); // a file: TorchScript reads the source of what it compiles
    writeFileSync(program, MODULES);
    if (spawnSync(python, [program, folder]).status !== 0) return undefined;
    const load = name => torchCoefficient(join(folder, `${name}.pt`));
    return { drift: await load('drift'), diffusion: await load('diffusion'), network: await load('network') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const times = factor => (x, _, out) => {
  for (let i = 0; i < x.length; i++) out[i] = factor * x[i];
};
const text = factor => STATE.map(name => `${factor}*${name}`);
const forms = {
  text: itoSde({ state: STATE, drift: text(1.5), diffusion: text(0.01) }),
  'JavaScript functions': itoSde({ state: STATE, noise: 'diagonal', drift: times(1.5), diffusion: times(0.01) }),
};
const made = await modules();
if (made) {
  const { drift, diffusion, network } = made;
  forms['TorchScript modules'] = itoSde({ state: STATE, noise: 'diagonal', drift, diffusion });
  forms['drift a network of two layers of 64, diffusion text'] = itoSde({
    state: STATE,
    drift: network,
    diffusion: text(0.01),
  });
}

const SIZES = [1, 64, 4096, 2 ** 15];
const rates = Object.fromEntries(Object.keys(forms).map(name => [name, {}]));
for (const paths of SIZES) {
  const steps = paths === 1 ? 2048 : 256;
  const options = {
    t1: 1,
    x0: [0.1, 0.1, 0.1],
    paths,
    threads: 1,
    networkThreads: 1,
    solver: eulerMaruyama({ steps }),
  };
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const [name, sde] of Object.entries(forms)) {
      const { stats } = await solve(sde, options);
      const rate = (1000 * paths * steps) / stats.timing.totalMs;
      rates[name][paths] = Math.max(rates[name][paths] ?? 0, rate);
    }
  }
}

keep('functions', {
  title: 'Path-steps a second: drift and diffusion as text, functions and modules',
  head: ['', ...SIZES.map(paths => `${paths} ${paths === 1 ? 'path' : 'paths'}`)],
  rows: Object.entries(rates).map(([name, of]) => [name, ...SIZES.map(paths => of[paths].toExponential(1))]),
  notes: [
    `Geometric Brownian motion, 3 states, Euler-Maruyama, float64, one thread. Best of ${repeats} runs, which take turns.`,
  ],
  data: { repeats, rates },
});
