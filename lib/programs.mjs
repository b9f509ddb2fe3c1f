// Running the programs that `fast-sde build` and `doctor` need, without running anything of the folder they are called
// in. Plain JavaScript without dependencies: scripts/setup.mjs uses it before anything is installed.

import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { basename, delimiter, dirname, isAbsolute, join, resolve, sep } from 'node:path';

/** The folders of PATH that a user has put there: not the current one, nor those that npm adds to run a package. */
export function searchPath({ PATH = '' } = process.env) {
  const added = join(sep, 'node_modules', '.bin');
  return PATH.split(delimiter).filter(folder => isAbsolute(folder) && !resolve(folder).endsWith(added));
}

/**
 * As spawnSync. It runs in the root folder, since programs look into the current one: Python for modules, a search path
 * with an empty entry for programs.
 */
export function runProgram(program, args, { env = process.env, ...options } = {}) {
  const PATH = searchPath(env).join(delimiter);
  return spawnSync(program, args, { encoding: 'utf8', cwd: resolve(sep), ...options, env: { ...env, PATH } });
}

/** A program that an environment variable names: a path is taken from the current folder, a name from PATH. */
export function namedProgram(name) {
  return name.includes(sep) ? resolve(name) : name;
}

/** What CXX names: a program as above, and arguments that go before all others (`ccache g++`). */
export function namedCommand(text) {
  if (existsSync(text)) return [namedProgram(text)]; // its name may have spaces
  const [program, ...args] = text.trim().split(/\s+/);
  return [namedProgram(program), ...args];
}

// Build tools hand folders to a shell, quoted in ways that a name with quotes, dollars or backticks breaks out of.
const PLAIN = /^[\p{L}\p{M}\p{N} ._+@=~/-]+$/u;

/** What is wrong with a folder's name for building there, or undefined. `what`: the folder in words. */
export function unfitFolder(what, folder) {
  for (const name of [folder, realPath(folder)]) {
    if (PLAIN.test(name)) continue;
    const odd = [...name].find(character => !PLAIN.test(character));
    return (
      `${what} is ${JSON.stringify(name)}: build tools would misread ${JSON.stringify(odd)} in it, or run what follows; ` +
      'move it to a folder whose name has letters, digits, spaces and . _ + @ = ~ - only'
    );
  }
  return undefined;
}

/** Of a folder that is not there yet: where it will be. */
function realPath(folder) {
  try {
    return realpathSync(folder);
  } catch {
    const parent = dirname(folder);
    return parent === folder ? folder : join(realPath(parent), basename(folder));
  }
}
