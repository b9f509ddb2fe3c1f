/** Where samples and figures go. Names, shapes and sizes are checked before the work starts, files written after it. */
import { constants } from 'node:fs';
import { access, stat, writeFile } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import type { SampleResult } from '../index.js';
import { npyChunks } from './npy.js';
import { encodeGrid, gridPixels, imageShape } from './png.js';
import { UsageError } from './usage-error.js';

/** A picture is made in memory, at four bytes a pixel, several times over. */
const MOST_PIXELS = 2 ** 26;
/** JSON is made as one string, which must stay below 2^29 characters. */
const MOST_IN_STATS = 2 ** 23;

/** Throws a UsageError unless `file` is a name that `count` samples of this shape can be written to. */
export async function checkOutput(file: string, shape: readonly number[], count: number): Promise<void> {
  const extension = extname(file).toLowerCase();
  if (extension !== '.npy' && extension !== '.png') {
    throw new UsageError(`--out ${file}: expected a name ending in .npy (numbers) or .png (a grid of images)`);
  }
  if (extension === '.png') checkPicture(file, shape, count);
  await checkFolder('--out', file);
}

function checkPicture(file: string, shape: readonly number[], count: number): void {
  const image = imageShape(shape);
  if (image === undefined) {
    throw new UsageError(
      `--out ${file}: samples of shape ${shape.join(',')} are no images; a PNG takes H,W or 1,H,W or 3,H,W; use .npy`,
    );
  }
  const { width, height } = gridPixels(count, image);
  if (width * height > MOST_PIXELS) {
    throw new UsageError(`--out ${file}: ${width} x ${height} pixels are too many for a PNG (2^26); use .npy`);
  }
}

/** Throws a UsageError unless figures of `count` samples can be written to `file`. */
export async function checkStats(file: string, count: number): Promise<void> {
  if (count > MOST_IN_STATS) {
    throw new UsageError(`--stats ${file}: at most 2^23 samples; draw more in pieces, by --first-index`);
  }
  await checkFolder('--stats', file);
}

/** Throws a UsageError unless `file` can be created in its folder. */
async function checkFolder(flag: string, file: string): Promise<void> {
  const folder = dirname(file);
  const writable = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!writable) throw new UsageError(`${flag} ${file}: the folder ${folder} does not exist or is not writable`);
  const existing = await stat(file).catch(() => undefined);
  if (existing?.isDirectory()) throw new UsageError(`${flag} ${file}: is a folder`);
}

/** Samples of the given `shape` ([count, …]) as .npy or .png, by the file's name; `dataRange` becomes black and white. */
export async function writeSamples(
  file: string,
  { samples, shape }: Pick<SampleResult, 'samples' | 'shape'>,
  dataRange: readonly [number, number],
): Promise<void> {
  const picture = extname(file).toLowerCase() === '.png';
  const bytes = picture ? encodeGrid(samples, imageShape(shape.slice(1))!, dataRange) : npyChunks(samples, shape);
  await writeFile(file, bytes);
}

/** `stats` as JSON, with the seed and the shape that they belong to. */
export async function writeStats(
  file: string,
  { seed, shape, stats }: Pick<SampleResult, 'seed' | 'shape' | 'stats'>,
): Promise<void> {
  // JSON knows neither typed arrays nor big integers: arrays, and strings beyond 2^53.
  const plain = (_key: string, value: unknown) => {
    if (ArrayBuffer.isView(value)) return Array.from(value as Uint32Array);
    return typeof value === 'bigint' ? value.toString() : value;
  };
  await writeFile(file, `${JSON.stringify({ seed, shape, ...stats }, plain)}\n`);
}
