'use strict';
// What the ESM and the CommonJS build share, and therefore may exist only once in a process: the class of
// our errors and the addon. Both builds reach this file as `#binding`.

const path = require('node:path');

/** The package's own folder: build/Release, prebuilds and the native sources lie below it. */
const root = path.resolve(__dirname, '..');

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

// In this order: FAST_SDE_PREBUILD, build/Release (compiled here), prebuilds/<platform>-<arch> (shipped).
// A local build goes first because who compiles does so for a reason: an older C library, say.
function load() {
  let file;
  try {
    file = require('node-gyp-build').resolve(root);
  } catch (error) {
    throw missing(`no addon for ${platform()} in ${root}`, error);
  }
  try {
    return require(file);
  } catch (error) {
    throw missing(`${file} does not load: ${error.message}`, error);
  }
}

function missing(what, cause) {
  return new SdeError('ERR_SDE_ADDON_MISSING', `The native addon of fast-sde cannot be used: ${what}`, {
    hint: remedy(cause),
    cause,
  });
}

function remedy(error) {
  const text = `${error.code ?? ''} ${error.message}`;
  const rebuild =
    'compile it here with `npm rebuild fast-sde --build-from-source` (needs a C++20 compiler, make, Python 3), ' +
    'then `npx fast-sde build` again for the plugins, which that removes';
  if (text.includes('ERR_DLOPEN_DISABLED')) return 'Node runs with --no-addons: start it without.';
  if (/GLIBC(XX)?_|CXXABI_/.test(text)) {
    return `The addon wants newer system libraries than these (${platform()}): ${rebuild}.`;
  }
  if (process.versions.electron)
    return `Under Electron the addon must be unpacked from the asar archive, or ${rebuild}.`;
  const shipped = "A prebuilt addon is shipped for linux-x64 with glibc 2.34 and GCC 12's libstdc++ or newer";
  return `${shipped}; elsewhere ${rebuild}.`;
}

function platform() {
  const glibc = process.report?.getReport().header.glibcVersionRuntime;
  return `${process.platform}-${process.arch}, Node ${process.versions.node}${glibc ? `, glibc ${glibc}` : ''}`;
}

module.exports = { SdeError, loadAddon, root };
