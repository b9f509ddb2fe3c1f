import type { SpawnSyncOptions, SpawnSyncReturns } from 'node:child_process';

/** The folders of PATH that a user has put there: not the current one, nor those that npm adds to run a package. */
export function searchPath(env?: NodeJS.ProcessEnv): string[];

/** As spawnSync, in the root folder, with `searchPath` for PATH, so that nothing of the current folder is run. */
export function runProgram(program: string, args: string[], options?: SpawnSyncOptions): SpawnSyncReturns<string>;

/** A program that an environment variable names: a path is taken from the current folder, a name from PATH. */
export function namedProgram(name: string): string;
export function namedCommand(text: string): string[];

/** What is wrong with a folder's name for building there, or undefined. `what`: the folder in words. */
export function unfitFolder(what: string, folder: string): string | undefined;
