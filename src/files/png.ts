/** Samples as one picture: a near-square grid of grey or colour images, with words about it inside. */
import { crc32 } from 'node:zlib';
import { PNG } from 'pngjs';

/** Background pixels between two images of the grid. */
export const GRID_GAP = 2;

export interface ImageShape {
  channels: 1 | 3;
  height: number;
  width: number;
}

/** What [H, W], [1, H, W] or [3, H, W] means as an image; undefined where a shape is no image. */
export function imageShape(shape: readonly number[]): ImageShape | undefined {
  const [channels, height, width] = shape.length === 2 ? [1, ...shape] : shape;
  if (shape.length < 2 || shape.length > 3 || (channels !== 1 && channels !== 3)) return undefined;
  return { channels, height: height as number, width: width as number };
}

/** Columns and rows of a near-square grid: 64 images make 8 x 8, 10 make 4 x 3. */
export function gridSize(count: number): { columns: number; rows: number } {
  const columns = Math.max(1, Math.ceil(Math.sqrt(count)));
  return { columns, rows: Math.max(1, Math.ceil(count / columns)) };
}

/** Width and height of the whole grid, in pixels. */
export function gridPixels(count: number, { height, width }: ImageShape): { width: number; height: number } {
  const { columns, rows } = gridSize(count);
  return { width: columns * (width + GRID_GAP) - GRID_GAP, height: rows * (height + GRID_GAP) - GRID_GAP };
}

/**
 * The PNG of `samples` ([count, channels, height, width], channels first), row by row. `range` is the data
 * range: its ends become 0 and 255, numbers outside are clipped, NaN is black.
 */
export function encodeGrid(samples: Float32Array, image: ImageShape, range: readonly [number, number]): Buffer {
  const { channels, height, width } = image;
  const plane = height * width;
  const count = samples.length / (channels * plane);
  if (!Number.isInteger(count)) throw new RangeError(`${samples.length} numbers are no whole number of images`);
  const { columns } = gridSize(count);
  const png = new PNG(gridPixels(count, image));
  const level = (value: number) => Math.round(Math.min(Math.max((value - low) / (high - low), 0), 1) * 255) || 0;
  const [low, high] = range;

  // pngjs keeps RGBA whatever is written; the gaps keep their zeros, made opaque here.
  for (let offset = 3; offset < png.data.length; offset += 4) png.data[offset] = 255;
  for (let index = 0; index < count; index++) {
    const left = (index % columns) * (width + GRID_GAP);
    const top = Math.floor(index / columns) * (height + GRID_GAP);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const pixel = ((top + y) * png.width + left + x) * 4;
        for (let colour = 0; colour < 3; colour++) {
          const channel = channels === 1 ? 0 : colour;
          png.data[pixel + colour] = level(samples[(index * channels + channel) * plane + y * width + x] as number);
        }
      }
    }
  }
  return PNG.sync.write(png, { inputHasAlpha: true, colorType: channels === 1 ? 0 : 2 });
}

/** The eight bytes that every PNG begins with, and its first chunk, IHDR. */
const HEAD = 8 + 25;

/** `png` with a tEXt chunk for each keyword (PNG specification, 11.3.3.2). Text beyond ASCII must be JSON: it is escaped. */
export function withText(png: Buffer, texts: Record<string, string>): Buffer {
  const chunks = Object.entries(texts).map(([keyword, text]) => {
    const ascii = text.replace(/[^\x20-\x7e]/g, one => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
    return chunk('tEXt', Buffer.from(`${keyword}\0${ascii}`, 'latin1'));
  });
  return Buffer.concat([png.subarray(0, HEAD), ...chunks, png.subarray(HEAD)]);
}

function chunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
