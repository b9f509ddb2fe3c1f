/** The package as users get it: packed, installed in an empty folder with install scripts off, used in both formats. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packTo } from './support/unpacked.js';

const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'fast-sde-package-'));
const app = join(folder, 'app');
const installed = join(app, 'node_modules', 'fast-sde');

/** LibTorch is to be out of reach, as it is for most who install the package. */
const { FAST_SDE_TORCH_PLUGIN: _, FAST_SDE_PREBUILD: __, ...others } = process.env;
const cache = join(folder, 'cache');
const env: NodeJS.ProcessEnv = { ...others, FAST_SDE_CACHE: cache };

function run(program: string, args: string[], cwd = root): string {
  return execFileSync(program, args, { cwd, env, encoding: 'utf8', maxBuffer: 1 << 26 });
}

/** What a script prints as JSON. Its name's ending says which format it is. */
function script(name: string, text: string, ...nodeOptions: string[]) {
  writeFileSync(join(app, name), text);
  return JSON.parse(run(process.execPath, [...nodeOptions, name], app));
}

/** The same body for `import` and `require`. Gaussian data: mean 3 and −1, variance 0.25, in two dimensions. */
const body = `
async function main() {
  const means = [[3, -1]];
  const problem = { sde: vp(), shape: [2], count: 400, seed: 7, solver: eulerMaruyama({ steps: 200 }) };
  const mixture = mixtureScore({ weights: [1], means, variances: [0.25] });
  const native = await sample({ ...problem, score: mixture });
  const sde = vp();
  const callback = callbackScore((x, t, out) => {
    for (let row = 0; row < t.length; row++) {
      const alpha = sde.alpha(t[row]);
      const variance = alpha ** 2 * 0.25 + sde.sigma(t[row]) ** 2;
      for (let j = 0; j < 2; j++) out[2 * row + j] = (alpha * means[0][j] - x[2 * row + j]) / variance;
    }
  });
  const called = await sample({ ...problem, score: callback });
  let refusal;
  try {
    await sample({ ...problem, score: mixture, count: -1 });
  } catch (error) {
    refusal = { ours: error instanceof SdeError, code: error.code };
  }
  let torch;
  try {
    await torchScore(__model, { predicts: 'noise', timeInput: 'label' });
  } catch (error) {
    torch = { ours: error instanceof SdeError, code: error.code, text: error.message + ' ' + error.hint };
  }
  const same = require('fast-sde').SdeError === (await import('fast-sde')).SdeError;
  console.log(JSON.stringify({ native: [...native.samples], called: [...called.samples], refusal, torch, same }));
}
main();
`;
const names = 'sample, vp, eulerMaruyama, mixtureScore, callbackScore, torchScore, SdeError';
const esm = `import { createRequire } from 'node:module';
import { ${names} } from 'fast-sde';
const require = createRequire(import.meta.url);
const __model = 'model.pt';${body}`;
const cjs = `const { ${names} } = require('fast-sde');
const __model = 'model.pt';${body}`;

beforeAll(() => {
  const tarball = packTo(folder);
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), '{"private": true}');
  writeFileSync(join(app, 'model.pt'), 'there has to be a file, or that would be the complaint');
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', tarball], app);
}, 240_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ['import', 'use.mjs', esm],
  ['require', 'use.cjs', cjs],
])('by %s', (_format, name, text) => {
  // biome-ignore lint/suspicious/noExplicitAny: JSON
  let said: any;
  beforeAll(() => {
    said = script(name, text);
  });

  test('mixtureScore draws from the mixture', () => {
    const moments = [0, 1].map(j => {
      const column = (said.native as number[]).filter((_x, i) => i % 2 === j);
      const mean = column.reduce((sum, x) => sum + x, 0) / column.length;
      return { mean, variance: column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (column.length - 1) };
    });
    // 400 samples: four standard errors are 0.1 of the mean, 28 % of the variance.
    expect(Math.abs(moments[0].mean - 3)).toBeLessThan(0.1);
    expect(Math.abs(moments[1].mean + 1)).toBeLessThan(0.1);
    for (const { variance } of moments) expect(Math.abs(variance / 0.25 - 1)).toBeLessThan(0.28);
  });

  test('callbackScore gives the same samples', () => {
    expect(said.called).toHaveLength(800);
    const differences = (said.called as number[]).map((x, i) => Math.abs(x - said.native[i]));
    expect(Math.max(...differences)).toBeLessThan(1e-3);
  });

  test('errors are SdeErrors, of one class for both formats', () => {
    expect(said.refusal).toEqual({ ours: true, code: 'ERR_SDE_INVALID_OPTION' });
    expect(said.same).toBe(true);
  });

  test('torchScore says how to get LibTorch', () => {
    expect(said.torch).toMatchObject({ ours: true, code: 'ERR_SDE_TORCH_UNAVAILABLE' });
    expect(said.torch.text).toContain('npx fast-sde build --torch');
  });
});

test('the types serve both formats', () => {
  const use = `import { type SampleResult, SdeError, type SdeErrorCode, mixtureScore, sample, vp } from 'fast-sde';
const score = mixtureScore({ weights: [1], means: [[0]], variances: [1] });
export const result: Promise<SampleResult> = sample({ sde: vp(), score, shape: [1], count: 1 });
const error = new SdeError('ERR_SDE_ABORTED', '');
export const code: SdeErrorCode = error.code;
export const finished: number | undefined = error.result?.stats.status?.filter(status => status === 'success').length;
// @ts-expect-error: not a code
error.code === 'ERR_SDE_ABORTD';
// @ts-expect-error: not an option
sample({ sde: vp(), score, shape: [1], count: 1, colour: 'blue' });
`;
  writeFileSync(join(app, 'types.mts'), use);
  writeFileSync(join(app, 'types.cts'), use);
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
  const typeRoots = ['--typeRoots', join(root, 'node_modules', '@types')];
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  run(process.execPath, [tsc, ...options, ...typeRoots, 'types.mts', 'types.cts'], app);
});

test('the program runs', () => {
  expect(run(join(app, 'node_modules', '.bin', 'fast-sde'), ['--version'], app).trim()).toMatch(/^\d+\.\d+\.\d+$/);
});

test('the tarball holds what is needed to run and to compile, and no more', () => {
  const entries = readdirSync(installed).sort();
  const needed = ['CMakeLists.txt', 'cmake', 'dist', 'lib', 'native', 'prebuilds'];
  const said = ['CHANGELOG.md', 'LICENSE', 'README.md', 'bench', 'docs', 'examples', 'package.json'];
  expect(entries).toEqual([...needed, ...said].sort());
  expect(readdirSync(join(installed, 'native'))).not.toContain('test');
  expect(readdirSync(join(installed, 'native'))).toContain('torch');
  expect(readdirSync(join(installed, 'bench'))).toEqual(['results']);
  expect(readdirSync(join(installed, 'examples', 'digits'))).toContain('digits.pt');
});

test('the links of its pages lead somewhere', () => {
  const pages = ['README.md', 'examples/README.md', 'examples/digits/README.md'];
  for (const name of readdirSync(join(installed, 'docs'))) if (name.endsWith('.md')) pages.push(`docs/${name}`);
  for (const page of pages) {
    const text = readFileSync(join(installed, page), 'utf8');
    const prose = text.replace(/^```[\s\S]*?^```/gm, '');
    const links = [...prose.matchAll(/\]\(([^)#\s]+)[^)]*\)|src="([^"]+)"/g)].map(([, link, source]) => link ?? source);
    const dead = links.filter(link => !/^https?:/.test(link) && !existsSync(join(installed, dirname(page), link)));
    expect(dead, page).toEqual([]);
  }
});

describe('the prebuilt addon', () => {
  const addon = () => {
    const prebuilds = join(installed, 'prebuilds', `${process.platform}-${process.arch}`);
    const files = readdirSync(prebuilds);
    expect(files).toEqual(['fast-sde.glibc.node']);
    return join(prebuilds, files[0]);
  };

  test('needs no glibc newer than 2.34', () => {
    const versions = [...run('objdump', ['-T', addon()]).matchAll(/GLIBC_2\.(\d+)/g)].map(match => Number(match[1]));
    expect(versions.length).toBeGreaterThan(0);
    expect(Math.max(...versions)).toBeLessThanOrEqual(34);
  });

  test("needs no libstdc++ newer than GCC 12's", () => {
    const text = run('objdump', ['-T', addon()]);
    const newest = (name: string) =>
      Math.max(0, ...[...text.matchAll(new RegExp(`${name}\\.(\\d+)`, 'g'))].map(match => Number(match[1])));
    expect(newest('GLIBCXX_3\\.4')).toBeGreaterThan(0);
    expect(newest('GLIBCXX_3\\.4')).toBeLessThanOrEqual(30);
    expect(newest('CXXABI_1\\.3')).toBeLessThanOrEqual(13);
  });

  test('uses Node-API alone: nothing of libuv or V8', () => {
    const symbols = run('nm', ['-D', '--undefined-only', addon()]);
    expect(symbols).toMatch(/ napi_/);
    expect(symbols).not.toMatch(/ uv_|v8/);
  });
});

describe('an addon that cannot be loaded', () => {
  const load = (addonFolder: string) =>
    `try { require('./${addonFolder}/lib/binding.cjs').loadAddon(); }
     catch (error) { console.log(JSON.stringify({ code: error.code, message: error.message, hint: error.hint })); }`;
  const variant = (name: string) => {
    for (const part of ['lib', 'package.json'])
      cpSync(join(installed, part), join(app, name, part), { recursive: true });
    return name;
  };

  test('is missing: says for what platform, and how to compile it', () => {
    const said = script('missing.cjs', load(variant('no-prebuild')));
    expect(said.code).toBe('ERR_SDE_ADDON_MISSING');
    expect(said.message).toContain(`${process.platform}-${process.arch}`);
    expect(said.hint).toContain('npx fast-sde build --addon');
    expect(said.hint).toContain("glibc 2.34 and GCC 12's libstdc++ or newer");
  });

  test('is damaged: the system loader has its say', () => {
    const damaged = variant('damaged');
    const prebuilds = join(app, damaged, 'prebuilds', `${process.platform}-${process.arch}`);
    mkdirSync(prebuilds, { recursive: true });
    writeFileSync(join(prebuilds, 'fast-sde.glibc.node'), 'not a shared library');
    const said = script('damaged.cjs', load(damaged));
    expect(said.code).toBe('ERR_SDE_ADDON_MISSING');
    expect(said.message).toContain('fast-sde.glibc.node does not load');
  });

  test('is forbidden: --no-addons is named', () => {
    const said = script('forbidden.cjs', load('node_modules/fast-sde'), '--no-addons');
    expect(said.code).toBe('ERR_SDE_ADDON_MISSING');
    expect(said.hint).toContain('--no-addons');
  });
});
