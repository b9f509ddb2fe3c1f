/** Where an output goes: what its name stands for, and whether it can be written, found out before the work. */
import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { access, lstat, open, readFile, readlink, realpath, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from './usage-error.js';

export interface Target {
  /** '--out' or another option, for messages. */
  readonly flag: string;
  /** As the user gave it. */
  readonly name: string;
  /** 'stdout' is '-' or /dev/stdout; a 'device' is one such as /dev/null; a 'file' need not exist. */
  readonly kind: 'file' | 'pipe' | 'device' | 'stdout';
  /** Symbolic links followed. */
  readonly path: string;
  /** Of the file that is there already. */
  readonly existing?: Stats;
}

const STDOUT_NAMES = new Set(['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1']);

const MOST_LINKS = 40;

const STICKY = 0o1000;

/** Throws a UsageError unless `name` can be written. A file is made beside it for a moment, to be sure. */
export async function checkedTarget(flag: string, name: string): Promise<Target> {
  const refused = (problem: string) => new UsageError(`${flag} ${name}: ${problem}`);
  if (STDOUT_NAMES.has(name)) return { flag, name, kind: 'stdout', path: '-' };
  const folder = dirname(name);
  const path = await followed(name).catch(error => {
    throw refused(error.code === 'ENOENT' ? `the folder ${folder} does not exist` : reasonOf(error));
  });
  const existing = await stat(path).catch(error => {
    if (error.code !== 'ENOENT') throw refused(reasonOf(error));
    return undefined;
  });
  if (existing?.isDirectory()) throw refused('is a folder');
  if (existing?.isSocket()) throw refused('is a socket');
  if (existing?.isBlockDevice()) throw refused('is a block device');
  if (existing) {
    await access(path, constants.W_OK).catch(error => {
      throw refused(`exists and cannot be written (${error.code})`);
    });
  }
  if (existing?.isFIFO()) return { flag, name, kind: 'pipe', path };
  if (existing?.isCharacterDevice()) return { flag, name, kind: 'device', path };
  await tryFolder(path).catch(error => {
    throw refused(`no file can be made in the folder ${folder}: ${reasonOf(error)}`);
  });
  if (existing && (await isMountPoint(path))) {
    throw refused(`is mounted by itself and cannot be replaced; mount the folder ${folder} instead`);
  }
  if (existing && !(await replaceable(existing, path))) {
    throw refused(`belongs to another user, and only owners may replace files in the folder ${folder}`);
  }
  return { flag, name, kind: 'file', path, existing };
}

/**
 * A new name beside `path`, or in another folder under its name: x.npy.fast-sde-1a2b3c4d.part. What a killed run leaves
 * behind is known by it, and no two runs share one.
 */
export function temporaryName(path: string): string {
  // File systems take 255 bytes, and a character may need 4.
  const stem = [...basename(path)].slice(0, 50).join('');
  return join(dirname(path), `${stem}.fast-sde-${randomBytes(4).toString('hex')}.part`);
}

/** Throws a UsageError where two outputs, or an output and an input, are one file by whatever names and links. */
export async function refuseSameFile(
  outputs: readonly Target[],
  inputs: readonly { flag: string; name: string }[],
): Promise<void> {
  const taken = new Map<string, string>();
  for (const { flag, name } of inputs) {
    const found = await stat(name).catch(() => undefined);
    if (found && !found.isCharacterDevice()) taken.set(identity(found), `${flag} ${name}`);
  }
  for (const target of outputs) {
    // /dev/null and its like take everything from everybody.
    if (target.kind === 'device') continue;
    const { flag, name, path, existing } = target;
    // Names are compared without case, as some file systems do: nobody needs x.npy beside X.npy.
    const keys = [path.normalize('NFC').toLowerCase(), ...(existing ? [identity(existing)] : [])];
    const other = keys.map(key => taken.get(key)).find(Boolean);
    if (other !== undefined) throw new UsageError(`${flag} ${name}: is the same file as ${other}`);
    for (const key of keys) taken.set(key, `${flag} ${name}`);
  }
}

/** 'ENOSPC: no space left on device', without the call and the path that Node adds. */
export function reasonOf(error: unknown): string {
  return (error as Error).message.replace(/, \w+( '.*)?$/s, '');
}

function identity({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

/** The path that `name` stands for, which need not exist; its folder must. */
async function followed(name: string): Promise<string> {
  let path = resolve(name);
  for (let links = 0; links < MOST_LINKS; links++) {
    path = join(await realpath(dirname(path)), basename(path));
    const found = await lstat(path).catch(error => {
      if (error.code !== 'ENOENT') throw error;
      return undefined;
    });
    if (!found?.isSymbolicLink()) return path;
    const there = await readlink(path);
    // Links of /proc to pipes name no path; the link itself is opened.
    if (/^\w+:\[\d+\]$/.test(there)) return path;
    path = resolve(dirname(path), there);
  }
  throw Object.assign(new Error('too many symbolic links'), { code: 'ELOOP' });
}

async function tryFolder(path: string): Promise<void> {
  const trial = temporaryName(path);
  await (await open(trial, 'wx')).close();
  await unlink(trial);
}

/** As containers mount single files. Only Linux tells. */
async function isMountPoint(path: string): Promise<boolean> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  // The fifth word of each line; spaces in it are written as octal numbers.
  const unescaped = (word: string) => word.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8)));
  return mounts.split('\n').some(line => unescaped(line.split(' ')[4] ?? '') === path);
}

/** Renaming over it is allowed: in folders such as /tmp only to its owner and the folder's. */
async function replaceable(existing: Stats, path: string): Promise<boolean> {
  const folder = await stat(dirname(path));
  const user = process.geteuid?.() ?? 0;
  return (folder.mode & STICKY) === 0 || user === 0 || user === folder.uid || user === existing.uid;
}
