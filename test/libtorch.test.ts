/** Where LibTorch is looked for, and which is taken. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findLibTorch } from '../lib/libtorch.mjs';

let folder: string;
const cmakeDir = () => join(folder, 'share', 'cmake', 'Torch');

/** An unpacked LibTorch, as far as it is looked at. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fast-sde-libtorch-'));
  mkdirSync(cmakeDir(), { recursive: true });
  writeFileSync(join(cmakeDir(), 'TorchConfig.cmake'), '');
});
afterEach(() => rmSync(folder, { recursive: true }));

it.each(['2.1.0', '2.13.0+cpu', '3.0.0'])('LibTorch %s is taken', version => {
  writeFileSync(join(folder, 'build-version'), `${version}\n`);
  const { found } = findLibTorch({ directory: folder });
  expect(found).toMatchObject({ version, cmakeDir: cmakeDir(), source: folder });
  expect(findLibTorch({ env: { FAST_SDE_LIBTORCH: folder } }).found?.version).toBe(version);
});

it('one that does not say its version is taken', () => {
  expect(findLibTorch({ directory: folder }).found?.version).toBe('unknown');
});

it.each(['1.13.1', '2.0.1+cu118'])('LibTorch %s is too old, and that is said', version => {
  writeFileSync(join(folder, 'build-version'), version);
  const { found, tried } = findLibTorch({ directory: folder });
  expect(found).toBeUndefined();
  expect(tried).toEqual([`${folder} is LibTorch ${version}; 2.1 or newer is needed (tested with 2.13)`]);
});

it('a folder without one is named', () => {
  expect(findLibTorch({ directory: tmpdir() })).toEqual({
    found: undefined,
    tried: [expect.stringContaining('holds no share/cmake/Torch/TorchConfig.cmake')],
  });
});
