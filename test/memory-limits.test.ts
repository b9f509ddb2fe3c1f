/** A process that may not have more memory ends a job with ERR_SDE_OUT_OF_MEMORY, or does it, and goes on. */
import { describe, expect, it } from 'vitest';
import { child } from './support/children.js';

/** MiB of address space beyond what the process has when the job starts. */
const MARGINS = [
  0, 8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448, 480,
  512, 640, 768, 1024,
];

/**
 * What takes memory where: 128 MiB of samples; a question of 64 MiB; slots; a stream of samples of 16 MiB; figures; steps;
 * 128 MiB of paths, of their starts, of their steps, of histograms.
 */
const JOBS: Record<string, string> = {
  samples: 'await sde.sample({ ...job, shape: [2 ** 20], score: gaussian(2 ** 20), count: 32, batch: 4 })',
  question:
    'await sde.sample({ ...job, shape: [2 ** 20], score: sde.callbackScore((x, t, out) => { out.fill(0); }), count: 8, batch: 8 })',
  stream:
    'for await (const one of sde.stream({ ...job, shape: [2 ** 22], score: gaussian(2 ** 22), count: 6, batch: 2 })) void one.data[0]',
  figures: 'await sde.sample({ ...job, shape: [1], score: gaussian(1), count: 2 ** 22 })',
  initial: 'await sde.sample({ ...job, shape: [2 ** 20], score: gaussian(2 ** 20), count: 16, batch: 2, initial })',
  trajectory:
    'await sde.sample({ ...job, shape: [1], score: gaussian(1), count: 2 ** 12, solver: sde.eulerMaruyama({ steps: 2 ** 9 }), trajectory: true })',
  paths: 'await sde.solve(still, { ...path, paths: 2 ** 17, saveAt: { every: 2 ** -7 } })',
  starts: 'await sde.solve(still, { ...path, paths: 2 ** 24, x0: starts, reductions: {} })',
  steps:
    "await sde.solve(still, { ...path, paths: 2 ** 12, solver: sde.eulerMaruyama({ steps: 2 ** 10 }), saveAt: 'steps' })",
  histograms: 'await sde.solve(still, { ...path, saveAt: { every: 2 ** -4 }, reductions: { histograms } })',
};

const limited = (margin: number, job: string) => `
  import { execFileSync } from 'node:child_process';
  import { readFileSync } from 'node:fs';
  const gaussian = n => sde.mixtureScore({ weights: [1], means: new Float32Array(n), variances: [1] });
  const job = { sde: sde.vp(), solver: sde.eulerMaruyama({ steps: 1 }), threads: 2 };
  const initial = new Float32Array(2 ** 24);
  const still = sde.itoSde({ state: ['x'], equations: ['dx = 0*dt'] });
  const path = { t1: 1, x0: [0], solver: sde.eulerMaruyama({ steps: 1 }), threads: 2 };
  const starts = new Float64Array(2 ** 24);
  const histograms = [{ of: 'x', low: -1, high: 1, bins: 2 ** 20 }];
  // The first job loads the addon and starts the threads of the solver.
  await sde.sample({ ...job, shape: [4096], score: gaussian(4096), count: 64, batch: 64 });
  await sde.solve(still, { ...path, paths: 100_000 });
  const used = 1024 * Number(/^VmSize:\\s+(\\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  execFileSync('prlimit', ['--pid', String(process.pid), '--as=' + (used + ${margin} * 2 ** 20)]);
  let said = 'done';
  try { ${job}; } catch (error) { said = error.code ?? 'untyped: ' + error.stack; }
  console.log(said);
`;

describe('address space', () => {
  it('that ends is an error of the job, whatever the limit', { timeout: 240_000 }, async () => {
    const names = Object.keys(JOBS);
    const said = new Map<string, string[]>();
    for (const [i, margin] of MARGINS.entries()) {
      const name = names[i % names.length];
      const { status, signal, stdout, stderr } = await child(limited(margin, JOBS[name]));
      expect({ margin, name, status, signal, stderr }).toEqual({ margin, name, status: 0, signal: null, stderr: '' });
      expect(stdout.trim(), `${name}, ${margin} MiB`).toMatch(/^(done|ERR_SDE_OUT_OF_MEMORY)$/);
      said.set(name, [...(said.get(name) ?? []), stdout.trim()]);
    }
    // Each of the jobs was refused under a low limit and done under a high one.
    for (const [name, each] of said) {
      expect([each[0], each.at(-1)], name).toEqual(['ERR_SDE_OUT_OF_MEMORY', 'done']);
    }
  });
});
