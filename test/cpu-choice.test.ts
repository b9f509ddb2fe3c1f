/** FAST_SDE_CPU names the kernels; what cannot be had is an error and not another variant. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addon } from '../src/addon.js';

const PROGRAM = join(import.meta.dirname, '..', 'dist', 'esm', 'cli', 'main.js');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fast-sde-cpu-'));
  writeFileSync(join(folder, 'one.json'), '{"weights": [1], "means": [[0, 0]], "variances": [1]}');
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(wish: string, ...args: string[]) {
  const env = { ...process.env, FAST_SDE_CPU: wish };
  return spawnSync(process.execPath, [PROGRAM, ...args], { cwd: folder, encoding: 'utf8', env });
}

it.each(['x86-64-v9', 'x86-64-v3 '])('%j is refused, with what this machine can run', wish => {
  const draw = run(wish, 'sample', '--mixture', 'one.json', '--out', 'one.npy');
  expect(draw.status).not.toBe(0);
  const { variants } = addon().cpu();
  expect(draw.stderr).toContain(
    `FAST_SDE_CPU: expected what this machine can run (${variants.join(', ')}), got '${wish}'`,
  );
  const doctor = run(wish, 'doctor', '--json');
  expect(doctor.status).toBe(1);
  expect(JSON.parse(doctor.stdout).addon).toMatchObject({ available: false, code: 'ERR_SDE_INVALID_OPTION' });
});

it('what is there is taken, and nothing is asked for by an empty one', () => {
  const { variants } = addon().cpu();
  for (const [wish, variant] of [
    ['baseline', 'baseline'],
    ['', variants.at(-1)],
  ] as const) {
    expect(JSON.parse(run(wish, 'doctor', '--json').stdout).addon).toMatchObject({ available: true, variant });
  }
});

it('shares no function between instruction sets, of which the linker would take any', () => {
  const objects = join(import.meta.dirname, '..', 'build', 'CMakeFiles', 'fast_sde_core.dir', 'solvers');
  const wide = readdirSync(objects).filter(name => /^kernels_v\d_.*\.o$/.test(name));
  expect(wide.length > 0).toBe(process.arch === 'x64');
  for (const name of wide) {
    const { stdout } = spawnSync('nm', ['-C', join(objects, name)], { encoding: 'utf8' });
    expect(stdout.length).toBeGreaterThan(0);
    expect(stdout.split('\n').filter(line => / [wW] /.test(line) && /^[0-9a-f]/.test(line))).toEqual([]);
  }
});
