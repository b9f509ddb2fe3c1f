// The addon as it is shipped: prebuilds/<platform>-<arch>/fast-sde.<libc>.node, the portable CPU part alone, compiled in a
// copy of the sources so that build/ (where the loader looks first, and where plugins lie) is left as it is.

import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { isMain, main, quietly, root, step, tool } from './run.mjs';

/** What the addon is made of. */
const SOURCES = ['native', 'scripts', 'binding.gyp', 'package.json'];

/** The sources' digest at the last time; the same text and compiler give the same addon. */
const STAMP = join(root, 'build', '.prebuilt');

export function prebuild() {
  const digest = sourcesDigest();
  const done = existsSync(STAMP) && readFileSync(STAMP, 'utf8') === digest && existsSync(join(root, 'prebuilds'));
  if (done) return;
  step('prebuilt addon: prebuildify');
  const copy = mkdtempSync(join(tmpdir(), 'fast-sde-prebuild-'));
  try {
    for (const name of SOURCES) cpSync(join(root, name), join(copy, name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    const [node, prebuildify] = tool('prebuildify/bin.js');
    quietly(node, [prebuildify, '--napi', '--tag-libc', '--strip', '-t', process.versions.node, '--out', copy], {
      cwd: copy,
      env: { ...nodeHeaders(), npm_config_jobs: 'max' },
    });
    rmSync(join(root, 'prebuilds'), { recursive: true, force: true });
    cpSync(join(copy, 'prebuilds'), join(root, 'prebuilds'), { recursive: true });
    mkdirSync(join(root, 'build'), { recursive: true });
    writeFileSync(STAMP, digest);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function sourcesDigest() {
  const files = readdirSync(join(root, 'native'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort();
  const hash = createHash('sha256');
  const scripts = ['prebuild.mjs', 'sources.cjs'].map(name => join(root, 'scripts', name));
  for (const file of [join(root, 'binding.gyp'), ...scripts, ...files]) {
    hash.update(file).update(readFileSync(file));
  }
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return hash.update(JSON.stringify(dependencies)).update(compilerVersion()).digest('hex');
}

/** Of the compiler that node-gyp takes; CXX may hold a launcher or flags besides. */
function compilerVersion() {
  const [program, ...args] = (process.env.CXX || 'g++').trim().split(/\s+/);
  return quietly(program, [...args, '--version']);
}

/** Node's own headers where they lie beside it, as they mostly do; else node-gyp fetches them. */
function nodeHeaders() {
  const prefix = resolve(dirname(process.execPath), '..');
  const here = existsSync(join(prefix, 'include', 'node', 'node_api.h'));
  return here ? { npm_config_nodedir: prefix } : {};
}

if (isMain(import.meta.url)) await main(prebuild);
