/** The package as npm ships it, unpacked into an empty project: no network, and a second instead of an installation. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface UnpackedPackage {
  /** The project's folder. */
  app: string;
  /** app/node_modules/fast-sde */
  installed: string;
  /** What `fast-sde build` compiles; empty at first. */
  cache: string;
  /** Runs Node in the project: nothing is to be found but what the package ships. */
  node(args: string[], env?: NodeJS.ProcessEnv): Ran;
  /** Writes a file into the project and runs it. */
  script(name: string, text: string, env?: NodeJS.ProcessEnv): Ran;
  /** Runs the package's program. */
  program(args: string[], env?: NodeJS.ProcessEnv): Ran;
  remove(): void;
}

/** Builds what is shipped, where it is not up to date, and packs it. Returns the tarball. */
export function packTo(folder: string): string {
  for (const script of ['build-ts', 'prebuild'])
    execFileSync(process.execPath, [`scripts/${script}.mjs`], { cwd: root });
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const [{ filename }] = JSON.parse(execFileSync('npm', pack, { cwd: root, encoding: 'utf8' }));
  return join(folder, filename);
}

/** Call in `beforeAll`. */
export function unpackPackage(): UnpackedPackage {
  const folder = mkdtempSync(join(tmpdir(), 'fast-sde-unpacked-'));
  const app = join(folder, 'app');
  const installed = join(app, 'node_modules', 'fast-sde');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', packTo(folder), '-C', installed, '--strip-components=1']);
  writeFileSync(join(app, 'package.json'), '{"private": true}');
  linkDependencies(installed);

  const { FAST_SDE_TORCH_PLUGIN: _, FAST_SDE_CUDA_PLUGIN: __, FAST_SDE_PREBUILD: ___, ...others } = process.env;
  const cache = join(folder, 'cache');
  const node = (args: string[], env: NodeJS.ProcessEnv = {}): Ran => {
    const ran = spawnSync(process.execPath, args, {
      cwd: app,
      encoding: 'utf8',
      env: { ...others, FAST_SDE_CACHE: cache, ...env },
    });
    return { code: ran.status, stdout: ran.stdout, stderr: ran.stderr };
  };
  return {
    app,
    installed,
    cache,
    node,
    script(name, text, env) {
      writeFileSync(join(app, name), text);
      return node([name], env);
    },
    program: (args, env) => node([join(installed, 'dist', 'esm', 'cli', 'main.js'), ...args], env),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function linkDependencies(installed: string): void {
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) {
    const link = join(installed, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), link);
  }
}

/** The folder of this version and machine in the cache. */
export function onlyFolder(cache: string): string {
  const [name, ...more] = readdirSync(cache);
  if (name === undefined || more.length > 0)
    throw new Error(`${cache} holds ${[name, ...more].join(', ') || 'nothing'}`);
  return join(cache, name);
}
