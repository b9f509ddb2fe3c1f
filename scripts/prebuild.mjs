// The addon as it is shipped: prebuilds/<platform>-<arch>/fast-sde.node, the portable CPU part alone, compiled in a
// copy of the sources so that build/ (where the loader looks first, and where plugins lie) is left as it is.

import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { isMain, main, quietly, root, step, tool } from './run.mjs';

export function prebuild() {
  step('prebuilt addon: prebuildify');
  const copy = mkdtempSync(join(tmpdir(), 'fast-sde-prebuild-'));
  try {
    for (const name of ['native', 'scripts', 'binding.gyp', 'package.json']) {
      cpSync(join(root, name), join(copy, name), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    const [node, prebuildify] = tool('prebuildify/bin.js');
    quietly(node, [prebuildify, '--napi', '--strip', '-t', process.versions.node, '--out', copy], {
      cwd: copy,
      env: nodeHeaders(),
    });
    rmSync(join(root, 'prebuilds'), { recursive: true, force: true });
    mkdirSync(join(root, 'prebuilds'));
    cpSync(join(copy, 'prebuilds'), join(root, 'prebuilds'), { recursive: true });
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Node's own headers where they lie beside it, as they mostly do; else node-gyp fetches them. */
function nodeHeaders() {
  const prefix = resolve(dirname(process.execPath), '..');
  const here = existsSync(join(prefix, 'include', 'node', 'node_api.h'));
  return here ? { npm_config_nodedir: prefix } : {};
}

if (isMain(import.meta.url)) await main(prebuild);
