// All the set-up there is: tools, npm packages, LibTorch, the native build, TypeScript. Each step looks first whether
// there is anything to do, so that a second run takes a second. `npm start` and `npm test` begin with it.

import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { findLibTorch } from '../lib/libtorch.mjs';
import { buildNative } from './build-native.mjs';
import { buildTypeScript } from './build-ts.mjs';
import { exists, isMain, main, quietly, root, Stop, step } from './run.mjs';

const TORCH = 'torch==2.13.0';

/** Debian's package for each program (or header) needed. */
const TOOLS = { cmake: 'cmake', 'g++': 'g++', python3: 'python3-venv' };
const TEST_TOOLS = { 'clang-format': 'clang-format', 'clang-tidy': 'clang-tidy' };
const DOCTEST = '/usr/include/doctest/doctest.h';

/** Returns the LibTorch used. With `tests`, the C++ tests are built too. */
export function setup({ tests = false } = {}) {
  checkNode();
  installTools(tests);
  installPackages();
  const libtorch = getLibTorch();
  step(`native build against LibTorch ${libtorch.version} (${libtorch.source}), ${availableParallelism()} cores`);
  buildNative({ torchDir: libtorch.cmakeDir, tests });
  buildTypeScript();
  return libtorch;
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 17))
    throw new Stop(`Node 20.17 or newer is needed, this is ${process.version}`);
}

function installTools(tests) {
  const wanted = { ...TOOLS, ...(tests && TEST_TOOLS) };
  const missing = Object.keys(wanted)
    .filter(program => !exists(program))
    .map(program => wanted[program]);
  if (tests && !existsSync(DOCTEST)) missing.push('doctest-dev');
  if (missing.length === 0) return;
  const line = `apt-get install -y ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !exists('apt-get'))
    throw new Stop(`Please install what is missing, on Debian by: sudo ${line}`);
  step(`system packages: ${line}`);
  const install = () => quietly('apt-get', ['install', '-y', '--no-install-recommends', ...missing]);
  try {
    install();
  } catch {
    quietly('apt-get', ['update']); // a fresh container has no lists
    install();
  }
}

function installPackages() {
  if (packagesAreCurrent()) return;
  step('npm packages: npm install');
  // Not `npm ci`: it insists on the packages for every other platform as well, and needs each to be there.
  quietly('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund']);
}

/** What is installed is what the lock file says. */
function packagesAreCurrent() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  const read = file => JSON.parse(readFileSync(file, 'utf8')).packages;
  const have = read(installed);
  return Object.entries(read(join(root, 'package-lock.json'))).every(
    ([path, { version, optional }]) => path === '' || optional || have[path]?.version === version,
  );
}

function getLibTorch() {
  const { found, tried } = findLibTorch({ root });
  if (found) return found;
  if (process.env.FAST_SDE_LIBTORCH) throw new Stop(tried.join('\n'));
  const venv = join(root, '.venv');
  step(`LibTorch: none found (${tried.join('; ')}): pip install ${TORCH} into .venv, about three minutes`);
  try {
    if (!existsSync(join(venv, 'bin', 'pip'))) quietly('python3', ['-m', 'venv', '--clear', venv]);
  } catch (error) {
    throw new Stop(`${error.message}\nOn Debian: apt-get install python3-venv`);
  }
  quietly(join(venv, 'bin', 'pip'), ['install', '--retries', '2', '--disable-pip-version-check', TORCH, 'numpy']);
  const again = findLibTorch({ root });
  if (!again.found) throw new Stop(`pip installed ${TORCH}, and yet: ${again.tried.join('; ')}`);
  return again.found;
}

if (isMain(import.meta.url)) await main(() => setup({ tests: process.argv.includes('--tests') }));
