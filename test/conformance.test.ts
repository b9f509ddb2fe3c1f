/** What every runtime and test runner has to do right: here, as ES modules, as CommonJS, and in a realm as Jest makes one. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileFunction, createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import * as sde from '../src/index.js';

type Checks = Record<string, () => Promise<void>>;
const require = createRequire(import.meta.url);
const program = fileURLToPath(new URL('conformance/program.cjs', import.meta.url));
const built = (file: string) => fileURLToPath(new URL(`../dist/${file}`, import.meta.url));

/** A `require` whose modules have the globals of another realm; Node's own and addons stay of this one, as in Jest. */
function requireIn(realm: object) {
  const loaded = new Map<string, { exports: unknown }>();
  return function load(file: string): unknown {
    if (!file.startsWith('/') || file.endsWith('.node')) return require(file);
    const known = loaded.get(file);
    if (known) return known.exports;
    const module = { exports: {} };
    loaded.set(file, module);
    const own = createRequire(file);
    const names = ['module', 'exports', 'require', '__dirname', '__filename'];
    const code = compileFunction(readFileSync(file, 'utf8'), names, { filename: file, parsingContext: realm });
    code(module, module.exports, (name: string) => load(own.resolve(name)), dirname(file), file);
    return module.exports;
  };
}

const globals = {
  process,
  Buffer,
  AbortController,
  AbortSignal,
  setTimeout,
  setImmediate,
  queueMicrotask,
  structuredClone,
};
const realm = createContext({ ...globals, performance, URL, Event, EventTarget, console });
const inRealm = requireIn(realm);

describe.each<[string, () => Promise<Checks>]>([
  ['of Vitest, from the sources', async () => require(program)(sde)],
  ['of ES modules', async () => require(program)(await import(/* @vite-ignore */ built('esm/index.js')))],
  ['of CommonJS', async () => require(program)(require(built('cjs/index.js')))],
  ['of another realm', async () => (inRealm(program) as (of: unknown) => Checks)(inRealm(built('cjs/index.js')))],
])('the promises are kept to users %s', (_, checks) => {
  it.each(Object.keys(require(program)(sde)))('%s', async name => {
    await (await checks())[name]();
  });
});

it('the other realm is another one', () => {
  expect(runInContext('Float32Array', realm)).not.toBe(Float32Array);
});
