/** What goes into which file. Names, shapes and sizes are checked before the work starts; files are written after it. */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { npyChunks } from '../files/npy.js';
import { encodeGrid, gridPixels, imageShape, withText } from '../files/png.js';
import type { SampleResult } from '../index.js';
import { type Bytes, type Misplaced, type OutputFile, writeSet } from './file-set.js';
import type { Settings } from './settings.js';
import { checkedTarget, refuseSameFile, type Target } from './target.js';
import { UsageError } from './usage-error.js';

/** A picture is made in memory, at four bytes a pixel, several times over. */
const MOST_PIXELS = 2 ** 26;
/** Files of one run. */
const MOST_PICTURES = 2 ** 16;
/** JSON is made as one string, which must stay below 2^29 characters. */
const MOST_IN_STATS = 2 ** 23;

/** Where one picture a sample is asked for: %d, or %04d with leading zeros, stands for the sample's index. */
const INDEX = /%(?:0(\d+))?d/;

export interface OutputOptions {
  out: string;
  stats?: string;
  /** Index of the first sample. */
  firstIndex: number;
  count: number;
  /** Of one sample. */
  shape: readonly number[];
  /** Files that are read, which no output may replace. */
  inputs: readonly { flag: string; name: string }[];
}

/** Names found right. */
export interface Outputs {
  readonly kind: 'numbers' | 'grid' | 'pictures';
  readonly out: string;
  /** One, or of pictures one a sample. */
  readonly samples: readonly Target[];
  /** x.npy.json beside x.npy; pictures have theirs inside, pipes none. */
  readonly settings?: Target;
  readonly stats?: Target;
  /** One of them is standard output. */
  readonly onStdout: boolean;
}

/** Throws a UsageError unless everything that the options ask for can be written. */
export async function checkedOutputs(options: OutputOptions): Promise<Outputs> {
  const { out, count, shape } = options;
  const kind = kindOf(out);
  if (kind !== 'numbers') checkPicture(out, shape, kind === 'grid' ? count : 1);
  if (options.stats !== undefined && count > MOST_IN_STATS) {
    throw new UsageError(`--stats ${options.stats}: at most 2^23 samples; draw more in pieces, by --first-index`);
  }
  const samples = kind === 'pictures' ? await checkedPictures(options) : [await checkedTarget('--out', out)];
  const toFile = samples[0].kind === 'file';
  if (extname(out) === '' && toFile) throw unknownKind(out);
  const settings =
    kind === 'numbers' && toFile ? await checkedTarget('the settings of --out', `${out}.json`) : undefined;
  const stats = options.stats === undefined ? undefined : await checkedTarget('--stats', options.stats);
  const all = [...samples, settings, stats].filter(target => target !== undefined);
  await refuseSameFile(all, options.inputs);
  return { kind, out, samples, settings, stats, onStdout: all.some(target => target.kind === 'stdout') };
}

function kindOf(out: string): Outputs['kind'] {
  const extension = extname(out).toLowerCase();
  if (extension === '.png') return INDEX.test(out) ? 'pictures' : 'grid';
  // Standard output, pipes and devices often have no name to tell by.
  if (extension === '.npy' || extension === '') return 'numbers';
  throw unknownKind(out);
}

function unknownKind(out: string): UsageError {
  return new UsageError(
    `--out ${out}: expected a name ending in .npy (numbers) or .png (a grid of images, or with %d one picture a sample)`,
  );
}

function checkPicture(out: string, shape: readonly number[], count: number): void {
  const image = imageShape(shape);
  if (image === undefined) {
    throw new UsageError(
      `--out ${out}: samples of shape ${shape.join(',')} are no images; a PNG takes H,W or 1,H,W or 3,H,W; use .npy`,
    );
  }
  const { width, height } = gridPixels(count, image);
  if (width * height > MOST_PIXELS) {
    throw new UsageError(`--out ${out}: ${width} x ${height} pixels are too many for a PNG (2^26); use .npy`);
  }
}

async function checkedPictures({ out, firstIndex, count }: OutputOptions): Promise<Target[]> {
  if (count > MOST_PICTURES) {
    throw new UsageError(`--out ${out}: at most 2^16 pictures; draw more in pieces, by --first-index, or use .npy`);
  }
  if (INDEX.test(dirname(out))) throw new UsageError(`--out ${out}: %d belongs into the name, not into the folder's`);
  const first = await checkedTarget('--out', pictureName(out, firstIndex));
  const there = new Set(await readdir(dirname(first.path)));
  const targets = [first];
  for (let index = firstIndex + 1; index < firstIndex + count; index++) {
    const name = pictureName(out, index);
    const isNew = !there.has(basename(name));
    const path = join(dirname(first.path), basename(name));
    targets.push(isNew ? { flag: '--out', name, kind: 'file', path } : await checkedTarget('--out', name));
  }
  return targets;
}

function pictureName(out: string, index: number): string {
  return out.replace(INDEX, (_, width) => String(index).padStart(Number(width ?? 0), '0'));
}

export interface Drawn extends Pick<SampleResult, 'samples' | 'shape'> {
  /** Becomes black and white. */
  dataRange: readonly [number, number];
  settings: Settings;
  /** Position, from 0, among the samples asked for, of each row of `samples`. */
  positions: readonly number[];
}

/** Samples of the given `shape` ([count, …]), with their settings. Returns what could not be written in its place. */
export async function writeSamples(outputs: Outputs, drawn: Drawn): Promise<Misplaced[]> {
  const { samples, shape, settings, dataRange } = drawn;
  const numbers = () => npyChunks(samples, shape);
  if (outputs.kind === 'pictures') return writePictures(outputs, drawn);
  if (outputs.kind === 'grid') {
    const picture = () => [withText(encodeGrid(samples, imageShape(shape.slice(1))!, dataRange), textOf(settings))];
    return writeSet([{ target: outputs.samples[0], bytes: picture, spare: spareOf(outputs, numbers) }]);
  }
  const hash = { ofNumbers: '' };
  const hashedNumbers = () => hashed(numbers(), hash);
  const files: OutputFile[] = [
    { target: outputs.samples[0], bytes: hashedNumbers, spare: spareOf(outputs, hashedNumbers) },
  ];
  if (outputs.settings) {
    const bytes = () => [json({ sha256: hash.ofNumbers, ...settings }, 2)];
    files.push({ target: outputs.settings, bytes });
  }
  return writeSet(files);
}

/** Stops at the first that cannot be written: the disk may be full. All samples are kept elsewhere then. */
async function writePictures(outputs: Outputs, drawn: Drawn): Promise<Misplaced[]> {
  const { samples, shape, settings, dataRange, positions } = drawn;
  const image = imageShape(shape.slice(1))!;
  const size = samples.length / shape[0];
  const spare = spareOf(outputs, () => npyChunks(samples, shape));
  for (const [row, position] of positions.entries()) {
    const one = samples.subarray(row * size, (row + 1) * size);
    const text = textOf({ ...settings, index: settings.firstIndex + position });
    const bytes = () => [withText(encodeGrid(one, image, dataRange), text)];
    const misplaced = await writeSet([{ target: outputs.samples[position], bytes, spare }]);
    if (misplaced.length > 0) return misplaced;
  }
  return [];
}

/** As numbers, whatever was asked for. */
function spareOf({ out, samples: [target] }: Outputs, bytes: () => Bytes): OutputFile['spare'] {
  const stem = target.kind === 'stdout' ? 'samples' : basename(out, extname(out)).replace(INDEX, '');
  return { name: `${stem || 'samples'}.npy`, bytes };
}

function* hashed(chunks: Iterable<Buffer>, result: { ofNumbers: string }): Generator<Buffer> {
  const hash = createHash('sha256');
  for (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
  result.ofNumbers = hash.digest('hex');
}

/** Of a PNG: the names are those of its specification, and one of ours for programs. */
function textOf(settings: Settings): Record<string, string> {
  return { Software: `fast-sde ${settings.versions['fast-sde']}`, 'fast-sde': plainJson(settings) };
}

/** `stats` as JSON, with the seed and the shape that they belong to. Returns what could not be written in its place. */
export async function writeStats(
  target: Target,
  { seed, shape, stats }: Pick<SampleResult, 'seed' | 'shape' | 'stats'>,
): Promise<Misplaced[]> {
  return writeSet([{ target, bytes: () => [json({ seed, shape, ...stats })] }]);
}

function json(value: object, indent?: number): Buffer {
  return Buffer.from(`${plainJson(value, indent)}\n`);
}

/** JSON knows neither typed arrays nor big integers: arrays, and strings beyond 2^53. */
export function plainJson(value: object, indent?: number): string {
  const plain = (_key: string, one: unknown) => {
    if (ArrayBuffer.isView(one)) return Array.from(one as Uint32Array);
    return typeof one === 'bigint' ? one.toString() : one;
  };
  return JSON.stringify(value, plain, indent);
}
