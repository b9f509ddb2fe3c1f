/**
 * Files that belong together are replaced together or not at all: all are written under temporary names beside the
 * final ones, then renamed. What cannot be written there is left in a folder of its own, and its name is told.
 */
import { mkdtempSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { writeToPipe, writeToStdout } from './pipes.js';
import { reasonOf, type Target, temporaryName } from './target.js';

export type Bytes = Iterable<Uint8Array>;

export interface OutputFile {
  readonly target: Target;
  /** Asked for once, after the files before it in the set are written; once more if the set has to go elsewhere. */
  readonly bytes: () => Bytes;
  /** What is kept of it where it cannot be written; by default the same bytes under the same name. */
  readonly spare?: { readonly name: string; readonly bytes: () => Bytes };
}

/** What of a set could not be written where it should, and where it is now. */
export interface Misplaced {
  readonly flag: string;
  readonly name: string;
  readonly reason: string;
  /** Undefined: nowhere. */
  readonly keptAs: string | undefined;
}

/** Those of this process, so that one which is ended by a second Ctrl-C takes them along. */
const temporaries = new Set<string>();
process.on('exit', () => {
  for (const name of temporaries) discard(name);
});

/** Returns what could not be written in its place; never rejects. */
export async function writeSet(files: readonly OutputFile[]): Promise<Misplaced[]> {
  const staged: Staged[] = [];
  try {
    for (const file of files) staged.push(await stage(file));
  } catch (error) {
    for (const { temporary } of staged) if (temporary !== undefined) discard(temporary);
    return keepElsewhere(files, files[staged.length], reasonOf(error));
  }
  return staged.flatMap(moveIntoPlace);
}

interface Staged {
  readonly target: Target;
  /** Undefined where the bytes are at their end already: in a pipe or a device. */
  readonly temporary?: string;
}

async function stage({ target, bytes }: OutputFile): Promise<Staged> {
  if (target.kind === 'stdout') await writeToStdout(bytes());
  if (target.kind === 'pipe') await writeToPipe(target.path, bytes());
  if (target.kind === 'device') await written(await open(target.path, 'w'), bytes());
  if (target.kind !== 'file') return { target };
  const temporary = temporaryName(target.path);
  const file = await open(temporary, 'wx');
  temporaries.add(temporary);
  try {
    if (target.existing) {
      const { mode, uid, gid } = target.existing;
      await file.chmod(mode & 0o7777);
      // Only root can; others become the owner of what they write.
      await file.chown(uid, gid).catch(() => {});
    }
    await written(file, bytes());
  } catch (error) {
    await file.close().catch(() => {});
    discard(temporary);
    throw error;
  }
  return { target, temporary };
}

/** Writes, waits until the disk has it, and closes. */
async function written(file: FileHandle, bytes: Bytes): Promise<void> {
  try {
    await writeFile(file, bytes);
    await file.sync().catch(error => {
      // Devices and some network file systems cannot be asked.
      if (!['EINVAL', 'ENOTSUP', 'ENOSYS'].includes(error.code)) throw error;
    });
  } finally {
    await file.close();
  }
}

function moveIntoPlace({ target, temporary }: Staged): Misplaced[] {
  if (temporary === undefined) return [];
  temporaries.delete(temporary);
  try {
    renameSync(temporary, target.path);
    return [];
  } catch (error) {
    const { flag, name } = target;
    return [{ flag, name, reason: reasonOf(error), keptAs: temporary }];
  }
}

function discard(temporary: string): void {
  temporaries.delete(temporary);
  try {
    unlinkSync(temporary);
  } catch {
    // Gone with its folder.
  }
}

/** Tries the places that every system has; `failed` is the file that could not be written, for `reason`. */
async function keepElsewhere(files: readonly OutputFile[], failed: OutputFile, reason: string): Promise<Misplaced[]> {
  const kept = (await keptIn(tmpdir(), files)) ?? (await keptIn(homedir(), files)) ?? (await keptIn('.', files));
  return files.map((file, i) => {
    const { flag, name } = file.target;
    const because = file === failed ? reason : `${failed.target.name} could not be written`;
    return { flag, name, reason: because, keptAs: kept?.[i] };
  });
}

/** Names of the files in a new folder below `parent`; undefined where there is no room for all of them. */
async function keptIn(parent: string, files: readonly OutputFile[]): Promise<string[] | undefined> {
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(parent, 'fast-sde-kept-'));
    const names: string[] = [];
    for (const { target, bytes, spare } of files) {
      const name = join(folder, spare?.name ?? (target.kind === 'stdout' ? 'stdout' : basename(target.path)));
      await written(await open(name, 'wx'), (spare?.bytes ?? bytes)());
      names.push(name);
    }
    return names;
  } catch {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    return undefined;
  }
}
