/** Where the plugins lie, and whether the LibTorch that one was compiled against is still there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compiledFolder } from '#binding';
import { ERRORS, sdeError } from './errors.js';

export type Plugin = 'torch' | 'cuda';

const OVERRIDE = { torch: 'FAST_SDE_TORCH_PLUGIN', cuda: 'FAST_SDE_CUDA_PLUGIN' } as const;
const CODE = { torch: 'ERR_SDE_TORCH_UNAVAILABLE', cuda: 'ERR_SDE_CUDA_UNAVAILABLE' } as const;

/** FAST_SDE_TORCH_PLUGIN or FAST_SDE_CUDA_PLUGIN, else where `fast-sde build` puts it. */
export function pluginPath(plugin: Plugin): string {
  return process.env[OVERRIDE[plugin]] || join(compiledFolder(), `libfast_sde_${plugin}.so`);
}

/** The same where there is such a file, compiled for a LibTorch that has not changed since; throws …_UNAVAILABLE. */
export function builtPlugin(plugin: Plugin): string {
  const path = pluginPath(plugin);
  const unavailable = (what: string, hint: string = ERRORS[CODE[plugin]].remedy) =>
    sdeError(CODE[plugin], `${path} ${what}`, { hint });
  if (!existsSync(path)) {
    const other = process.env[OVERRIDE[plugin]]
      ? ''
      : ' If it was built by another user, set FAST_SDE_CACHE to one folder for both.';
    throw unavailable('does not exist.', ERRORS[CODE[plugin]].remedy + other);
  }
  const library = changedLibrary(path);
  if (library !== undefined)
    throw unavailable(`was built against ${library}, which has changed since: build it again.`);
  return path;
}

/** What a plugin was built against: a file that tells one release of that library from another, and its text then. */
export interface Built {
  library: string;
  file: string;
  text: string;
}

/** The record that lies beside a plugin. */
export function recordPath(plugin: string): string {
  return plugin.replace(/\.so$/, '.json');
}

/** The library's name in words if it is gone or another one; undefined if all is well, or nothing is known of it. */
function changedLibrary(plugin: string): string | undefined {
  const record = recordPath(plugin);
  if (!existsSync(record)) return undefined;
  const { library, file, text }: Built = JSON.parse(readFileSync(record, 'utf8'));
  const now = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  return now === text ? undefined : library;
}
