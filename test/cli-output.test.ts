/** What the command line writes and shows: .npy, PNG grids, tables, progress. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, describe, expect, it } from 'vitest';
import { checkedOutputs } from '../src/cli/output.js';
import { progressView } from '../src/cli/progress.js';
import { write } from '../src/cli/sample.js';
import type { SampleFlags } from '../src/cli/sample-flags.js';
import { figures, grouped, percent, seconds } from '../src/cli/table.js';
import { npyChunks } from '../src/files/npy.js';
import { encodeGrid, GRID_GAP, gridPixels, gridSize, imageShape } from '../src/files/png.js';
import { adaptive, vp } from '../src/index.js';
import { gaussianScore } from './support/gaussian.js';
import { decodeNpy } from './support/npy.js';

const encodeNpy = (data: Float32Array, shape: number[]) => Buffer.concat([...npyChunks(data, shape)]);

describe('npy', () => {
  it.each([[[3]], [[2, 5]], [[4, 1, 28, 28]], [[1000, 3, 2]]])('reads back with shape %j', shape => {
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i));
    const { shape: readShape, data: read, offset } = decodeNpy(encodeNpy(data, shape));
    expect(readShape).toEqual(shape);
    expect(read).toEqual(data);
    // The format asks for it, so that the numbers can be mapped into memory.
    expect(offset % 64).toBe(0);
  });

  it('writes a view from where it begins', () => {
    const whole = Float32Array.from([9, 9, 1, 2, 3, 4]);
    expect(decodeNpy(encodeNpy(whole.subarray(2), [2, 2])).data).toEqual(Float32Array.from([1, 2, 3, 4]));
  });

  it('comes in pieces that share the memory of the numbers', () => {
    const data = new Float32Array(2 ** 24 + 3);
    const [header, ...pieces] = npyChunks(data, [data.length]);
    expect(header.length % 64).toBe(0);
    expect(pieces.map(piece => piece.length)).toEqual([2 ** 26, 12]);
    expect(pieces.every(piece => piece.buffer === data.buffer)).toBe(true);
  });

  it('refuses a shape that does not fit', () => {
    expect(() => encodeNpy(new Float32Array(5), [2, 3])).toThrow(RangeError);
  });
});

describe('PNG grid', () => {
  it.each([
    [[28, 30], { channels: 1, height: 28, width: 30 }],
    [[1, 28, 30], { channels: 1, height: 28, width: 30 }],
    [[3, 8, 9], { channels: 3, height: 8, width: 9 }],
  ])('takes shape %j for an image', (shape, image) => expect(imageShape(shape)).toEqual(image));

  it.each([[[784]], [[2, 28, 28]], [[1, 3, 28, 28]], [[]]])('takes shape %j for none', shape =>
    expect(imageShape(shape)).toBeUndefined(),
  );

  it('is near-square', () => {
    expect(gridSize(64)).toEqual({ columns: 8, rows: 8 });
    expect(gridSize(10)).toEqual({ columns: 4, rows: 3 });
    expect(gridSize(1)).toEqual({ columns: 1, rows: 1 });
  });

  it('places grey images row by row, with the gaps black and the range clipped', () => {
    const values = [-1, -5, 0, 1, 7];
    const size = { channels: 1, height: 2, width: 3 } as const;
    const samples = Float32Array.from({ length: values.length * 6 }, (_, i) => values[Math.floor(i / 6)]);
    const png = PNG.sync.read(encodeGrid(samples, size, [-1, 1]));
    const at = (x: number, y: number) => [...png.data.subarray((y * png.width + x) * 4, (y * png.width + x) * 4 + 4)];
    expect([png.width, png.height]).toEqual([3 * 3 + 2 * GRID_GAP, 2 * 2 + GRID_GAP]);
    const pitch = { x: 3 + GRID_GAP, y: 2 + GRID_GAP };
    expect(at(0, 0)).toEqual([0, 0, 0, 255]);
    expect(at(pitch.x, 0)).toEqual([0, 0, 0, 255]);
    expect(at(2 * pitch.x, 1)).toEqual([128, 128, 128, 255]);
    expect(at(0, pitch.y)).toEqual([255, 255, 255, 255]);
    expect(at(pitch.x + 2, pitch.y + 1)).toEqual([255, 255, 255, 255]);
    expect(at(pitch.x - 1, pitch.y)).toEqual([0, 0, 0, 255]);
    expect(at(2 * pitch.x, pitch.y)).toEqual([0, 0, 0, 255]);
  });

  it('reads colour channels first', () => {
    const samples = Float32Array.from([1, 0, 0, 1, 0.5, 0]);
    const png = PNG.sync.read(encodeGrid(samples, { channels: 3, height: 1, width: 2 }, [0, 1]));
    expect([...png.data]).toEqual([255, 0, 128, 255, 0, 255, 0, 255]);
  });

  it('draws what is no number in black', () => {
    const png = PNG.sync.read(encodeGrid(Float32Array.of(Number.NaN), { channels: 1, height: 1, width: 1 }, [-1, 1]));
    expect([...png.data]).toEqual([0, 0, 0, 255]);
  });
});

const folder = mkdtempSync(join(tmpdir(), 'fast-sde-output-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('sizes are checked before the work', () => {
  const check = (name: string, count: number, stats?: string) =>
    checkedOutputs({ out: join(folder, name), stats, count, firstIndex: 0, shape: [1, 28, 28], inputs: [] });

  it('of a picture', async () => {
    expect(gridPixels(10, { channels: 1, height: 28, width: 30 })).toEqual({ width: 126, height: 88 });
    await check('x.png', 64);
    await expect(check('x.png', 100_000)).rejects.toThrow(/9\d+ x 9\d+ pixels .*use \.npy/);
    await check('x.npy', 100_000);
  });

  it('of the statistics', async () => {
    const stats = join(folder, 'x.json');
    await check('x.npy', 2 ** 23, stats);
    await expect(check('x.npy', 2 ** 23 + 1, stats)).rejects.toThrow(/--first-index/);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('samples finished before a failure', () => {
  const out = join(folder, 'x.npy');

  /** [count, 2], sample k made of k; only those of `finished` are. */
  const resultOf = (count: number, finished: number[]) =>
    ({
      samples: Float32Array.from({ length: 2 * count }, (_, i) => i >> 1),
      shape: [count, 2],
      seed: 1,
      stats: { status: Array.from({ length: count }, (_, k) => (finished.includes(k) ? 'success' : 'unfinished')) },
    }) as never;
  const written = async (count: number, finished: number[]) => {
    const flags = { out, stats: join(folder, 'x.json'), count, firstIndex: 20 } as SampleFlags;
    const outputs = await checkedOutputs({ ...flags, shape: [2], inputs: [] });
    const score = gaussianScore(2);
    const made = { flags, inputs: {}, sde: vp(), score, options: { solver: adaptive() } };
    return write({ end: 'failed', result: resultOf(count, finished) }, outputs, made);
  };

  it('are kept, and nothing else', async () => {
    const report = await written(6, [1, 4, 5]);
    expect(report).toMatchObject({ end: 'failed', exitCode: 1, written: { positions: [1, 4, 5], misplaced: [] } });
    const { shape, data } = decodeNpy(readFileSync(out));
    expect(shape).toEqual([3, 2]);
    expect([...data]).toEqual([1, 1, 4, 4, 5, 5]);
    expect(JSON.parse(readFileSync(join(folder, 'x.json'), 'utf8')).status).toHaveLength(6);
    expect(JSON.parse(readFileSync(`${out}.json`, 'utf8')).indices).toEqual([[21, 21], [24, 25]]); // biome-ignore format: two runs
  });

  it('may be none', async () => {
    rmSync(out, { force: true });
    expect(await written(3, [])).toMatchObject({ end: 'failed', exitCode: 1 });
    expect(existsSync(out)).toBe(false);
  });
});

describe('figures', () => {
  it('line up', () => {
    expect(figures([['a', '1'], ['long name', '2']])).toBe('  a          1\n  long name  2'); // biome-ignore format: one table
    expect(percent(0.0312)).toBe('3.1 %');
    expect([0, 310, 12_400, 200_000].map(seconds)).toEqual(['0.00 s', '0.31 s', '12.4 s', '3 min 20 s']);
    expect([7, 1234, 12_345_678].map(grouped)).toEqual(['7', '1 234', '12 345 678']);
  });
});

describe('progress outside a terminal', () => {
  it('is a line every tenth, none twice', () => {
    const written: string[] = [];
    const stream = { isTTY: false, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
    const view = progressView(stream);
    for (let i = 0; i <= 1000; i++) view.update({ fraction: i / 1000, finished: i, count: 1000, networkCalls: 2 * i });
    view.update({ fraction: 1, finished: 1000, count: 1000, networkCalls: 2000 });
    view.stop();
    expect(written).toHaveLength(10);
    expect(written[0]).toBe('10 % | 100/1000 samples | 200 network calls\n');
    expect(written[9]).toBe('100 % | 1000/1000 samples | 2000 network calls\n');
  });
});
