'use strict';
// Where the package lies, and where what is compiled on this machine goes.

// Not by `require`: a bundler that writes ES modules makes a function of it that throws.
const { existsSync, readFileSync } = process.getBuiltinModule('node:fs');
const { homedir } = process.getBuiltinModule('node:os');
const { isAbsolute, join, resolve } = process.getBuiltinModule('node:path');

/** The package's own folder. In a bundle, where this file has no place of its own, it is some other one. */
const root = resolve(typeof __dirname === 'undefined' ? '.' : __dirname, '..');

/** Our package.json, or undefined where a bundler has taken this file away from it. */
function manifest() {
  try {
    const read = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    return read.name === 'fast-sde' ? read : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What `fast-sde build` compiles: build/Release in a clone of the repository. For an installed package a folder of the
 * user's cache, since `npm ci` empties node_modules, and since a package may lie where nobody can write. Another
 * version of the package, or another kind of machine on the same disk, has another folder.
 */
function compiledFolder() {
  const cache = cacheFolder();
  if (cache === undefined || existsSync(join(root, 'src', 'index.ts'))) return join(root, 'build', 'Release');
  const libc = existsSync('/etc/alpine-release') ? '-musl' : '';
  return join(cache, `${manifest()?.version}-${process.platform}-${process.arch}${libc}`);
}

/** FAST_SDE_CACHE, else fast-sde in the user's cache; undefined for a user without a home. */
function cacheFolder() {
  const { FAST_SDE_CACHE, XDG_CACHE_HOME = '' } = process.env;
  if (FAST_SDE_CACHE) return resolve(FAST_SDE_CACHE);
  // The XDG specification has relative paths ignored.
  if (isAbsolute(XDG_CACHE_HOME)) return join(XDG_CACHE_HOME, 'fast-sde');
  const home = homeFolder();
  return isAbsolute(home) ? join(home, '.cache', 'fast-sde') : undefined;
}

function homeFolder() {
  try {
    return homedir();
  } catch {
    return '';
  }
}

module.exports = { root, manifest, compiledFolder };
