/** Finished cells in a folder: each has a folder of its own, named by its key, with samples.npy and cell.json. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { invalidOption, messageOf } from '../../errors.js';
import { npyChunks, readNpy } from '../../files/npy.js';
import type { SampleStats, Trajectory } from '../../result.js';

/** The samples of a target by a solver from a seed. */
export interface Cell {
  /** [count, n] */
  samples: Float32Array;
  stats: SampleStats;
  /** Of the first samples, where the plan asks for it. */
  steps?: { [Column in keyof Trajectory]: number[] };
}

export class CellFolder {
  private constructor(private readonly path: string) {}

  /** Throws ERR_SDE_INVALID_OPTION where nothing can be kept there. */
  static async in(folder: string): Promise<CellFolder> {
    const path = join(folder, 'cells');
    try {
      await mkdir(path, { recursive: true });
    } catch (cause) {
      throw invalidOption('compare.folder', folder, 'a folder that can be made and written', {
        hint: messageOf(cause),
        cause,
      });
    }
    return new CellFolder(path);
  }

  /** Undefined where the cell is not there, or not whole. */
  async read(key: string): Promise<Cell | undefined> {
    try {
      const { stats, steps } = JSON.parse(await readFile(join(this.path, key, 'cell.json'), 'utf8'));
      const { data, shape } = readNpy(await readFile(join(this.path, key, 'samples.npy')));
      if (!(data instanceof Float32Array) || shape[0] !== stats.status.length) return undefined;
      const columns = ['evaluations', 'accepted', 'rejected'].map(name => [name, Uint32Array.from(stats[name])]);
      return { samples: data, stats: { ...stats, ...Object.fromEntries(columns) }, ...(steps && { steps }) };
    } catch {
      return undefined;
    }
  }

  /** All of it or nothing, whenever the machine stops. `settings`: what the key stands for, for those who look. */
  async keep(key: string, { samples, stats, steps }: Cell, shape: readonly number[], settings: object): Promise<void> {
    const place = join(this.path, key);
    const temporary = `${place}.${randomBytes(4).toString('hex')}.part`;
    await mkdir(temporary);
    try {
      const columns = {
        evaluations: [...stats.evaluations],
        accepted: [...stats.accepted],
        rejected: [...stats.rejected],
      };
      const text = JSON.stringify({ settings, stats: { ...stats, ...columns }, steps });
      await written(join(temporary, 'samples.npy'), npyChunks(samples, shape));
      await written(join(temporary, 'cell.json'), [Buffer.from(`${text}\n`)]);
      // What is there under this name is damaged, or the same by another process.
      await rm(place, { recursive: true, force: true });
      await rename(temporary, place);
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      throw error;
    }
  }
}

async function written(name: string, chunks: Iterable<Buffer>): Promise<void> {
  const file = await open(name, 'wx');
  try {
    await writeFile(file, chunks);
    await file.sync();
  } finally {
    await file.close();
  }
}
