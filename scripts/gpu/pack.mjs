// One archive for a machine with a GPU and no network: a Node binary, the sources, dist/, and the npm packages that
// building and testing need there. scripts/gpu/check.sh does the rest; docs/gpu.md explains both.
//
//   node scripts/gpu/pack.mjs [--out build/fast-sde-gpu.tar.xz]

import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildTypeScript } from '../build-ts.mjs';
import { exists, isMain, main, quietly, root, Stop, step } from '../run.mjs';

/** The folder that the archive holds. */
const NAME = 'fast-sde-gpu';

/** Beside the package's own dependencies: Node-API's headers, and the test runner. */
const DEVELOPMENT = ['node-api-headers', 'vitest'];

/** Files of ours that nothing there reads. */
const LEFT_OUT = /^(docs\/.*\.png|bench\/results\/|examples\/digits\/training\.csv)/;

/** Files of npm packages that nothing there reads: types, source maps, pages (not licences), WebAssembly. */
const PRUNED = /\.(d\.[cm]?ts|map|wasm)$|(?<!licen[cs]e)\.md$/i;

const DOCTEST = '/usr/include/doctest/doctest.h';

export function pack({ out = join(root, 'build', `${NAME}.tar.xz`) } = {}) {
  if (process.platform !== 'linux')
    throw new Stop('the archive is made on Linux, for Linux on the same kind of processor');
  buildTypeScript();
  const stage = mkdtempSync(join(tmpdir(), 'fast-sde-pack-'));
  try {
    const folder = join(stage, NAME);
    step('sources, dist, npm packages');
    for (const file of sources()) cpSync(join(root, file), join(folder, file));
    cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
    for (const path of packages()) copyPackage(path, folder);
    copyNode(join(folder, 'bin', 'node'));
    if (!existsSync(DOCTEST)) throw new Stop(`no ${DOCTEST}: on Debian, apt-get install doctest-dev`);
    cpSync(DOCTEST, join(folder, 'include', 'doctest', 'doctest.h'));
    step('tar with xz');
    mkdirSync(dirname(out), { recursive: true });
    quietly('tar', ['--owner=0', '--group=0', '-I', 'xz -T0', '-C', stage, '-cf', out, NAME]);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  return out;
}

/** What git knows, and new files it does not ignore. */
function sources() {
  const listed = quietly('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard']).split('\0');
  return listed.filter(file => file !== '' && !LEFT_OUT.test(file) && existsSync(join(root, file)));
}

/** Folders of the packages wanted and of all they need, as package-lock.json has them; optional ones where installed. */
function packages() {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const found = new Set();
  const visit = (name, from, optional) => {
    const path = locate(lock, name, from);
    if (path === undefined || !existsSync(join(root, path))) {
      if (optional) return;
      throw new Stop(`${name}, needed by ${from || 'us'}, is not installed: npm run setup`);
    }
    if (found.has(path)) return;
    found.add(path);
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = lock[path];
    for (const needed of Object.keys(dependencies ?? {})) visit(needed, path, false);
    for (const needed of Object.keys(optionalDependencies ?? {})) visit(needed, path, true);
    for (const needed of Object.keys(peerDependencies ?? {})) {
      if (!peerDependenciesMeta?.[needed]?.optional) visit(needed, path, false);
    }
  };
  for (const name of [...Object.keys(lock[''].dependencies), ...DEVELOPMENT]) visit(name, '', false);
  return [...found].sort();
}

/** As Node resolves it: in the package's own node_modules, then in those around it. */
function locate(lock, name, from) {
  const candidate = `${from && `${from}/`}node_modules/${name}`;
  if (candidate in lock) return candidate;
  return from === '' ? undefined : locate(lock, name, from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))));
}

function copyPackage(path, folder) {
  const from = join(root, path);
  // A package inside it is copied by its own path, if it is needed.
  const wanted = file => !PRUNED.test(file) && !relative(from, file).startsWith('node_modules');
  cpSync(from, join(folder, path), { recursive: true, filter: wanted });
}

function copyNode(target) {
  if (/libnode\.so/.test(spawnSync('ldd', [process.execPath], { encoding: 'utf8' }).stdout ?? '')) {
    throw new Stop(`${process.execPath} is split into shared libraries: run this script with a Node from nodejs.org`);
  }
  cpSync(process.execPath, target);
  chmodSync(target, 0o755);
  if (exists('strip')) quietly('strip', [target]);
}

if (isMain(import.meta.url)) {
  await main(() => {
    const { values } = parseArgs({ options: { out: { type: 'string' } } });
    const out = pack(values.out ? { out: resolve(values.out) } : {});
    const shown = relative(process.cwd(), out);
    console.log(`${shown}: ${(statSync(out).size / 2 ** 20).toFixed(1)} MiB, for Linux ${process.arch}

Copy it to the machine with the GPU (it needs PyTorch with CUDA, nvcc, CMake and g++; no Node, no network). There:

  tar -xf ${NAME}.tar.xz && ${NAME}/scripts/gpu/check.sh`);
  });
}
