/** What the first samples of each solver look like: images as they are, points in the plane, densities on a line. */
import { PNG } from 'pngjs';
import { encodeGrid, imageShape } from '../../files/png.js';
import type { Examples, TargetComparison } from '../../index.js';
import type { Drawer, Drawing } from './drawing.js';
import { colourScale, familyOf } from './families.js';

export interface Picture {
  of: string;
  /** data:image/png;base64,… */
  url: string;
}

/** Images shown of each solver. */
const IMAGES = 25;

/** Pixels of a scatter plot's side, and points in it. */
const SIDE = 180;
const POINTS = 2000;

/** A picture a solver and one of the data, all of the same seed; none where samples are neither images nor points. */
export function picturesOf({ shape, examples, dataRange }: TargetComparison): Picture[] {
  const picture = pictureOf(shape, examples, dataRange);
  if (!picture) return [];
  return Object.entries(examples).map(([of, { samples }]) => ({
    of,
    url: `data:image/png;base64,${picture(samples).toString('base64')}`,
  }));
}

function pictureOf(shape: readonly number[], examples: Record<string, Examples>, range: readonly [number, number]) {
  const image = imageShape(shape);
  if (image) {
    const size = image.channels * image.height * image.width;
    return (samples: Float32Array) => encodeGrid(samples.subarray(0, IMAGES * size), image, range);
  }
  if (shape.join() !== '2') return undefined;
  const reach = 1.2 * furthest(examples.data.samples);
  return (samples: Float32Array) => scatter(samples.subarray(0, 2 * POINTS), reach);
}

function furthest(samples: Float32Array): number {
  return samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** Each point darkens its pixel; the ground is transparent. */
function scatter(points: Float32Array, reach: number): Buffer {
  const png = new PNG({ width: SIDE, height: SIDE });
  for (let i = 0; i + 1 < points.length; i += 2) {
    const column = Math.floor(((points[i] / reach + 1) / 2) * SIDE);
    const row = Math.floor(((1 - points[i + 1] / reach) / 2) * SIDE);
    if (!(column >= 0 && column < SIDE && row >= 0 && row < SIDE)) continue;
    const pixel = 4 * (row * SIDE + column);
    png.data.set([0x4c, 0x8b, 0xd6, Math.min(255, png.data[pixel + 3] + 110)], pixel);
  }
  return PNG.sync.write(png);
}

/** Bins over the reach of the data. */
const BINS = 60;

/** Of targets with one number a sample. */
export async function densityPlot(
  { shape, examples }: TargetComparison,
  { families, draw }: { families: readonly string[]; draw: Drawer },
): Promise<string | undefined> {
  if (shape.join() !== '1') return undefined;
  const reach = 1.2 * furthest(examples.data.samples);
  const width = (2 * reach) / BINS;
  const lineOf = ([solver, { samples }]: [string, Examples]) => {
    const counts = new Float64Array(BINS);
    for (const value of samples) counts[Math.floor((value + reach) / width)]++;
    const { family } = familyOf(solver);
    return Array.from(counts.subarray(0, BINS), (count, bin) => ({
      ...{ solver, family, x: (bin + 0.5) * width - reach },
      density: count / (samples.length * width),
    }));
  };
  const { data, ...solvers } = examples;
  const lines = Object.entries(solvers).flatMap(lineOf);
  const x = { field: 'x', type: 'quantitative', title: null, axis: { grid: false } };
  const y = { field: 'density', type: 'quantitative', title: 'density' };
  const scale = colourScale(
    lines.map(({ family }) => family),
    families,
    draw,
  );
  return draw.svg({
    ...{ width: 380, height: 220 },
    layer: [
      {
        data: { values: lineOf(['data', data]) },
        mark: { type: 'area', color: 'currentColor', opacity: 0.15, interpolate: 'step' },
        encoding: { x, y },
      },
      {
        data: { values: lines },
        mark: { type: 'line', strokeWidth: 1.2, interpolate: 'step', opacity: 0.8 },
        encoding: {
          x,
          y,
          detail: { field: 'solver' },
          color: { field: 'family', type: 'nominal', title: null, scale },
        },
      },
    ],
  } as unknown as Drawing);
}
