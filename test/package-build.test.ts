/** What `fast-sde build` compiles in an installed package: where it goes, when it is taken, what hinders it. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { onlyFolder, root, type UnpackedPackage, unpackPackage } from './support/unpacked.js';

let unpacked: UnpackedPackage;
/** CMake's place is taken by a program that copies a library ready made, and tells nothing but what it was asked. */
let tools: string;

beforeAll(() => {
  unpacked = unpackPackage();
  tools = join(dirname(unpacked.app), 'tools');
  mkdirSync(tools);
  const made = {
    fast_sde: join(unpacked.installed, 'prebuilds', `${process.platform}-${process.arch}`, 'fast-sde.glibc.node'),
    fast_sde_torch: join(root, 'build', 'Release', 'libfast_sde_torch.so'),
  };
  writeFileSync(
    join(tools, 'cmake'),
    `#!/bin/sh
case "$1" in
--version) echo cmake version 3.30.0 ;;
--build)
  mkdir -p "$2/out"
  if [ "$4" = fast_sde ]; then cp '${made.fast_sde}' "$2/out/fast_sde.node"
  else cp '${made.fast_sde_torch}' "$2/out/libfast_sde_torch.so"; fi ;;
esac
`,
  );
  chmodSync(join(tools, 'cmake'), 0o755);
});
afterEach(() => rmSync(unpacked.cache, { recursive: true, force: true }));
afterAll(() => unpacked.remove());

const build = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  unpacked.program(['build', ...args], { PATH: `${tools}:${process.env.PATH}`, ...env });
const doctor = (env: NodeJS.ProcessEnv = {}) => JSON.parse(unpacked.program(['doctor', '--json'], env).stdout);

/** A LibTorch as far as it is looked at. */
function libTorch(version: string): string {
  const folder = join(dirname(unpacked.app), 'libtorch');
  mkdirSync(join(folder, 'share', 'cmake', 'Torch'), { recursive: true });
  writeFileSync(join(folder, 'share', 'cmake', 'Torch', 'TorchConfig.cmake'), '');
  writeFileSync(join(folder, 'build-version'), version);
  return folder;
}

test('nothing is compiled in the package: npm ci would remove it', () => {
  const before = readdirSync(unpacked.installed);
  expect(build(['--torch', '--libtorch', libTorch('2.13.0')])).toMatchObject({ code: 0 });
  expect(readdirSync(unpacked.installed)).toEqual(before);
  const folder = onlyFolder(unpacked.cache);
  expect(readdirSync(folder).sort()).toEqual(['libfast_sde_torch.json', 'libfast_sde_torch.so']);
  expect(doctor().torch).toMatchObject({ available: true, plugin: join(folder, 'libfast_sde_torch.so') });
});

test('a plugin whose LibTorch has become another one is refused', () => {
  build(['--torch', '--libtorch', libTorch('2.13.0')]);
  libTorch('2.14.0');
  const { torch } = doctor();
  expect(torch).toMatchObject({ available: false, code: 'ERR_SDE_TORCH_UNAVAILABLE' });
  expect(torch.reason).toMatch(/built against LibTorch 2\.13\.0, which has changed since: build it again/);
  expect(torch.hint).toContain('build --torch');
});

test('the addon, where none is shipped', () => {
  const prebuilds = join(unpacked.installed, 'prebuilds');
  const aside = join(dirname(unpacked.app), 'prebuilds');
  const addon = join(`${process.platform}-${process.arch}`, 'fast-sde.glibc.node');
  mkdirSync(dirname(join(aside, addon)), { recursive: true });
  copyFileSync(join(prebuilds, addon), join(aside, addon));
  expect(build(['--addon'])).toMatchObject({ code: 0 });
  rmSync(prebuilds, { recursive: true });
  try {
    expect(doctor().addon).toMatchObject({ available: true });
    rmSync(join(onlyFolder(unpacked.cache), 'fast_sde.node'));
    const { addon: gone } = doctor();
    expect(gone).toMatchObject({ available: false, code: 'ERR_SDE_ADDON_MISSING' });
    expect(gone.hint).toContain('npx fast-sde build --addon');
    // Heard before anything is compiled that nobody could open.
    const without = build(['--torch', '--libtorch', libTorch('2.13.0')]);
    expect(without).toMatchObject({ code: 1, stderr: expect.stringContaining('build --addon') });
    expect(existsSync(join(onlyFolder(unpacked.cache), 'libfast_sde_torch.so'))).toBe(false);
  } finally {
    mkdirSync(dirname(join(prebuilds, addon)), { recursive: true });
    copyFileSync(join(aside, addon), join(prebuilds, addon));
  }
});

test('a place that cannot be written is named, with the way out', () => {
  // A file where a folder should be: for root, whom no permission stops, too.
  const file = join(unpacked.app, 'a-file');
  writeFileSync(file, '');
  for (const env of [{ FAST_SDE_CACHE: join(file, 'x') }, { FAST_SDE_CACHE: '', XDG_CACHE_HOME: file }]) {
    const { code, stderr } = build(['--torch', '--libtorch', libTorch('2.13.0')], env);
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot write to .*a-file.* \(ENOTDIR\): set FAST_SDE_CACHE/);
  }
});

test.each([
  ['XDG_CACHE_HOME', 'xdg/fast-sde', { XDG_CACHE_HOME: 'xdg' }],
  ['the home folder', 'home/.cache/fast-sde', { HOME: 'home' }],
])('without FAST_SDE_CACHE: %s', (_name, place, variables) => {
  const at = (name: string) => join(dirname(unpacked.app), name);
  const absolute = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, at(value)]));
  const env = { FAST_SDE_CACHE: '', XDG_CACHE_HOME: 'relative, and so to be ignored', ...absolute };
  expect(doctor(env).torch.reason).toContain(join(at(place), '0.'));
});

test('the digits of the package are drawn where there is a LibTorch plugin; else it says how to get one', () => {
  const { code, stderr } = unpacked.program(['example', 'digits']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/ERR_SDE_TORCH_UNAVAILABLE: .*pip install torch.*npx fast-sde build --torch/);
  const env = { FAST_SDE_TORCH_PLUGIN: join(root, 'build', 'Release', 'libfast_sde_torch.so') };
  expect(unpacked.program(['example', 'digits', '--count', '1', '--rtol', '0.5'], env)).toMatchObject({ code: 0 });
  expect(readFileSync(join(unpacked.app, 'digits.png')).subarray(1, 4).toString()).toBe('PNG');
});
