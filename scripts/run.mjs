// Running other programs, and saying so in a line a step. Plain Node: it runs before anything is installed.

import { spawnSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** A failure with nothing to add to its message: no stack is shown. */
export class Stop extends Error {}

/** One line on what happens now. */
export function step(text) {
  console.log(`• ${text}`);
}

/** Runs a program in the repository, its output shown. Throws `Stop` where it fails. */
export function run(program, args, { env = {}, cwd = root } = {}) {
  const done = spawnSync(program, args, { cwd, stdio: 'inherit', env: { ...process.env, ...env } });
  if (done.error) throw new Stop(`${program} does not run: ${done.error.message}`);
  if (done.status !== 0) throw new Stop(`\`${[program, ...args].join(' ')}\` failed (${done.signal ?? done.status})`);
}

/** As `run`, but quiet: what it printed is returned, and shown only where it fails. */
export function quietly(program, args, { env = {}, cwd = root } = {}) {
  const done = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 1 << 28,
  });
  if (done.error) throw new Stop(`${program} does not run: ${done.error.message}`);
  if (done.status !== 0) {
    throw new Stop(
      `${done.stdout}${done.stderr}\`${[program, ...args].join(' ')}\` failed (${done.signal ?? done.status})`,
    );
  }
  return done.stdout;
}

/** Runs a program of a development dependency: `tool('typescript/bin/tsc')`. */
export function tool(file) {
  return [process.execPath, join(root, 'node_modules', file)];
}

export function exists(program) {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** True where the given module is the one Node was started with. */
export function isMain(url) {
  return process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(url);
}

/** Runs a script's main function: a `Stop` becomes its message and exit code 1. */
export async function main(action) {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    console.error(`✗ ${error.message}`);
    process.exitCode = 1;
  }
}
