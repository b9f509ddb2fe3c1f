// Form and carefulness: Biome on everything of ours, clang-format and clang-tidy on native/. `--write` repairs form.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { isMain, main, quietly, root, run, step, tool } from './run.mjs';

/** Sources tidied, and headers through them. Behind LibTorch's and Node's headers it would take minutes. */
const TIDIED =
  'native/(engine|equations|score|container|shell/(cpu|paths)|plugin|network|device)/(?!kernels_v).*[.]cpp$';

export function checkForm({ write = false } = {}) {
  step('form: biome, clang-format');
  const [node, biome] = tool('@biomejs/biome/bin/biome');
  run(node, [biome, 'check', '--error-on-warnings', ...(write ? ['--write'] : []), '.']);
  quietly('clang-format', [write ? '-i' : '--dry-run', '--Werror', ...nativeFiles()]);
}

export function checkTypes() {
  step('types: tsc');
  const [node, tsc] = tool('typescript/bin/tsc');
  run(node, [tsc, '--noEmit']);
}

/** Needs build/compile_commands.json. Not repeated for the same text. */
export function checkTidiness() {
  const files = nativeFiles();
  const hash = createHash('sha256');
  for (const file of ['.clang-tidy', ...files]) hash.update(readFileSync(join(root, file)));
  const digest = hash.digest('hex');
  const stamp = join(root, 'build', '.tidy');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  step('clang-tidy');
  quietly('run-clang-tidy', ['-p', 'build', '-quiet', '-j', String(availableParallelism()), TIDIED]);
  writeFileSync(stamp, digest);
}

function nativeFiles() {
  return readdirSync(join(root, 'native'), { recursive: true })
    .map(name => join('native', name))
    .filter(name => /\.(cpp|hpp|inl|h|cu|cuh)$/.test(name))
    .sort();
}

if (isMain(import.meta.url)) await main(() => checkForm({ write: process.argv.includes('--write') }));
