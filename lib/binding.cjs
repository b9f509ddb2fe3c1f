'use strict';
// What the ESM and the CommonJS build share, and therefore may exist only once in a process: the class of
// our errors and the addon. Both builds reach this file as `#binding`.

const { compiledFolder, manifest, root } = require('./places.cjs');
const { existsSync } = process.getBuiltinModule('node:fs');
const { createRequire } = process.getBuiltinModule('node:module');
const { join } = process.getBuiltinModule('node:path');

class SdeError extends Error {
  constructor(code, message, { cause, result, ...details } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    Object.assign(this, details);
    // Not enumerable: an uncaught error is not to print every number of a job.
    if (result !== undefined) Object.defineProperty(this, 'result', { value: result });
  }
}
// On the prototype, as for the built-in errors, so that it is not printed among an error's own fields.
Object.defineProperty(SdeError.prototype, 'name', { value: 'SdeError', configurable: true, writable: true });

let addon;

function loadAddon() {
  addon ??= load();
  return addon;
}

// mathjs without its matrices and units.
function loadParser() {
  if (manifest() === undefined) throw missing('it was bundled, and a bundle takes no addon along', UNBUNDLE);
  return createRequire(join(root, 'package.json'))('mathjs/number');
}

function load() {
  if (manifest() === undefined) throw missing('it was bundled, and a bundle takes no addon along', UNBUNDLE);
  let file;
  try {
    file = find();
  } catch (error) {
    throw missing(`no addon for ${platform()} in ${root}`, remedy(error), error);
  }
  try {
    // Not the `require` of this file, which in a test runner is not Node's.
    return createRequire(file)(file);
  } catch (error) {
    throw missing(`${file} does not load: ${error.message}`, remedy(error), error);
  }
}

// In this order: FAST_SDE_PREBUILD, compiled here, prebuilds/<platform>-<arch> (shipped). A build of one's own goes first
// because who compiles does so for a reason: an older C library, say.
function find() {
  const compiled = join(compiledFolder(), 'fast_sde.node');
  if (!process.env.FAST_SDE_PREBUILD && existsSync(compiled)) return compiled;
  return require('node-gyp-build').resolve(root);
}

function missing(what, hint, cause) {
  return new SdeError('ERR_SDE_ADDON_MISSING', `The native addon of fast-sde cannot be used: ${what}`, { hint, cause });
}

const UNBUNDLE =
  'Leave fast-sde out of the bundle and install it where that runs. esbuild and bun: --external:fast-sde; rollup: ' +
  "external: ['fast-sde']; Vite: ssr.external: ['fast-sde']; webpack: externals: { 'fast-sde': 'commonjs fast-sde' }, " +
  "or 'module fast-sde' in ES modules; Next.js: serverExternalPackages: ['fast-sde'].";

function remedy(error) {
  const text = `${error.code ?? ''} ${error.message}`;
  const build = 'compile it here with `npx fast-sde build --addon` (needs CMake and a C++20 compiler)';
  if (text.includes('ERR_DLOPEN_DISABLED')) return 'Node runs with --no-addons: start it without.';
  if (/GLIBC(XX)?_|CXXABI_/.test(text)) {
    return `The addon wants newer system libraries than these (${platform()}): ${build}.`;
  }
  if (process.versions.electron) return `Under Electron the addon must be unpacked from the asar archive, or ${build}.`;
  const shipped = "A prebuilt addon is shipped for linux-x64 with glibc 2.34 and GCC 12's libstdc++ or newer";
  return `${shipped}; elsewhere ${build}.`;
}

function platform() {
  const glibc = process.report?.getReport().header.glibcVersionRuntime;
  return `${process.platform}-${process.arch}, Node ${process.versions.node}${glibc ? `, glibc ${glibc}` : ''}`;
}

module.exports = { SdeError, addonFile: find, compiledFolder, loadAddon, loadParser, root };
