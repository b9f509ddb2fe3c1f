/** Work and precision: quality over evaluations, and over seconds, with intervals, beside what perfect samples get. */
import type { Board, TargetComparison } from '../../index.js';
import type { Drawer, Drawing } from './drawing.js';
import { colourScale, familyOf } from './families.js';

const WORK = {
  evaluations: 'score evaluations a sample, mean',
  seconds: 'seconds for all samples',
} as const;

type Work = keyof typeof WORK;

/** Two plots a metric, as SVG. */
export async function workPrecisionPlots(
  target: TargetComparison,
  board: Board,
  { families, draw }: { families: readonly string[]; draw: Drawer },
): Promise<string[]> {
  const plots: string[] = [];
  for (const metric of Object.keys(board.perfect)) {
    for (const work of ['evaluations', 'seconds'] as const) {
      plots.push(await draw.svg(plot(target, board, { metric, work, families, draw })));
    }
  }
  return plots;
}

interface Wanted {
  metric: string;
  work: Work;
  families: readonly string[];
  draw: Drawer;
}

function plot({ costs }: TargetComparison, board: Board, { metric, work, families, draw }: Wanted): Drawing {
  const values = costs.flatMap(({ solver, evaluations, seconds }) => {
    const found = board.quality[solver]?.[metric];
    if (!found) return [];
    return [{ ...familyOf(solver), ...found, work: work === 'seconds' ? seconds : evaluations.mean }];
  });
  const shown = values.map(({ family }) => family);
  const x = {
    field: 'work',
    type: 'quantitative',
    scale: { type: 'log', nice: false, padding: 12 },
    title: WORK[work],
  };
  // Unbiased distances are below 0 half of the time: linear near what does not matter, logarithmic beyond.
  const scale = { type: 'symlog', constant: board.margins[metric], zero: false };
  const y = (field: string) => ({
    field,
    type: 'quantitative',
    scale,
    title: metric,
    axis: { tickCount: 5, format: '~g' },
  });
  const color = { field: 'family', type: 'nominal', title: null, scale: colourScale(shown, families, draw) };
  const { value, low, high } = board.perfect[metric];
  return {
    width: 380,
    height: 240,
    data: { values },
    layer: [
      {
        data: { values: [{ low, high }] },
        mark: { type: 'rect', color: 'currentColor', opacity: 0.12 },
        encoding: floorBand,
      },
      {
        data: { values: [{ value }] },
        mark: { type: 'rule', color: 'currentColor', opacity: 0.6 },
        encoding: { y: y('value') },
      },
      { mark: { type: 'line', opacity: 0.5 }, encoding: { x, y: y('value'), color, order: { field: 'work' } } },
      { mark: { type: 'rule', strokeWidth: 1.5 }, encoding: { x, y: y('low'), y2: { field: 'high' }, color } },
      { mark: { type: 'point', filled: true, size: 60, opacity: 1 }, encoding: { x, y: y('value'), color } },
      {
        mark: { type: 'text', align: 'left', dx: 6, dy: -6, fontSize: 10, opacity: 0.8 },
        encoding: { x, y: y('value'), text: { field: 'budget' } },
      },
    ],
  } as unknown as Drawing;
}

const floorBand = { y: { field: 'low', type: 'quantitative' }, y2: { field: 'high' } };
