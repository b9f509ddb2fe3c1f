// Where is LibTorch? Used by scripts/setup.mjs in a clone and by `fast-sde build` in an installed package, hence
// plain JavaScript without dependencies.

import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runProgram } from './programs.mjs';

/** The oldest LibTorch that is taken; tested is 2.13. */
const OLDEST = [2, 1];

const CONFIG = 'TorchConfig.cmake';

// Finds the package without importing it: importing torch takes seconds. An empty entry is the current folder.
const ASK_PYTHON = `
import sys
sys.path[:] = filter(None, sys.path)
import importlib.util
spec = importlib.util.find_spec('torch')
if spec is None: sys.exit(f'{sys.executable} has no torch')
print(sys.executable); print(list(spec.submodule_search_locations)[0])
`;

export function findLibTorch({ root, directory, env = process.env } = {}) {
  const tried = [];
  const take = candidate => {
    if (candidate.found) return candidate.found;
    tried.push(candidate.why);
    return undefined;
  };
  if (directory) return { found: take(inDirectory(directory, directory)), tried };
  if (env.FAST_SDE_LIBTORCH) {
    // Asked for by name: another one in its place would only confuse.
    return { found: take(inDirectory(env.FAST_SDE_LIBTORCH, 'FAST_SDE_LIBTORCH')), tried };
  }
  const active = take(ofPython('python3', "the active Python's torch", env));
  if (active || root === undefined) return { found: active, tried };
  const venv = join(root, '.venv', 'bin', 'python');
  return { found: take(existsSync(venv) ? ofPython(venv, 'torch in .venv', env) : { why: `no ${venv}` }), tried };
}

/** An unpacked LibTorch, a torch package, Debian's /usr/lib/<machine>, or the folder of TorchConfig.cmake itself. */
function inDirectory(directory, source) {
  const folder = resolve(directory);
  const cmakeDir = ['share/cmake/Torch', 'cmake/Torch', 'Torch', '.']
    .map(sub => join(folder, sub))
    .find(sub => existsSync(join(sub, CONFIG)));
  if (!cmakeDir) return { why: `${source} = ${folder} holds no share/cmake/Torch/${CONFIG}` };
  const home = resolve(cmakeDir, '..', '..', '..');
  const version = versionIn(home);
  if (isTooOld(version)) {
    return { why: `${source} is LibTorch ${version}; ${OLDEST.join('.')} or newer is needed (tested with 2.13)` };
  }
  // A torch package lies in <environment>/lib/python3.x/site-packages.
  const python = resolve(home, '..', '..', '..', '..', 'bin', 'python');
  return { found: { cmakeDir, version, source, ...(existsSync(python) && { python }) } };
}

function ofPython(python, source, env) {
  const asked = runProgram(python, ['-c', ASK_PYTHON], { env });
  if (asked.error) return { why: `${python} does not run: ${asked.error.message}` };
  if (asked.status !== 0) return { why: asked.stderr.trim().split('\n').at(-1) ?? `${python} failed` };
  const [executable, home] = asked.stdout.trim().split('\n');
  const candidate = inDirectory(home, source);
  return candidate.found ? { found: { ...candidate.found, python: executable } } : candidate;
}

/** An unknown version is given the benefit of the doubt. */
function isTooOld(version) {
  const [major, minor] = version.split('.').map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}

function versionIn(home) {
  const python = join(home, 'version.py');
  if (existsSync(python)) {
    const match = /__version__ = '([^']+)'/.exec(readFileSync(python, 'utf8'));
    if (match) return match[1];
  }
  const plain = join(home, 'build-version');
  return existsSync(plain) ? readFileSync(plain, 'utf8').trim() : 'unknown';
}
