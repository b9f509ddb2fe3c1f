/** What the command line writes and shows: .npy, PNG grids, tables, progress. */
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { encodeNpy } from '../src/cli/npy.js';
import { encodeGrid, GRID_GAP, gridSize, imageShape } from '../src/cli/png.js';
import { progressView } from '../src/cli/progress.js';
import { figures, grouped, percent, seconds } from '../src/cli/table.js';
import { decodeNpy } from './support/npy.js';

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
