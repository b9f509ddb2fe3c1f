/** Step size and error over time, of the first sample of the first seed. */
import type { TargetComparison } from '../../index.js';
import type { Drawer, Drawing } from './drawing.js';

interface Step {
  solver: string;
  t: number;
  h: number;
  error: number | null;
  accepted: boolean;
}

/** Lines that can still be told apart. */
const MOST_LINES = 10;

/** As SVG; none where no solver chose its steps. */
export async function stepPlots({ examples }: TargetComparison, draw: Drawer): Promise<string[]> {
  const all = Object.entries(examples).map(([solver, { steps }]) => stepsOf(solver, steps));
  // A solver with a given grid has no error to go by.
  const chosen = all.filter(steps => steps.some(({ error }) => error !== 0));
  if (chosen.length === 0) return [];
  const values = chosen.slice(0, MOST_LINES).flat();
  const x = { field: 't', type: 'quantitative', title: 't, from noise (right) to data (left)' };
  const color = { field: 'solver', type: 'nominal', title: null };
  const log = (title: string, field: string) => ({
    field,
    type: 'quantitative',
    scale: { type: 'log', nice: false },
    title,
  });
  const accepted = { filter: 'datum.accepted' };
  const size = { width: 380, height: 220, data: { values } };
  return [
    await draw.svg({
      ...size,
      layer: [
        {
          transform: [accepted],
          mark: { type: 'line', strokeWidth: 1.5 },
          encoding: { x, y: log('step (dots: rejected)', 'h'), color },
        },
        {
          transform: [{ filter: '!datum.accepted' }],
          mark: { type: 'point', filled: true, size: 14, opacity: 0.6 },
          encoding: { x, y: log('step (dots: rejected)', 'h'), color },
        },
      ],
    } as unknown as Drawing),
    await draw.svg({
      ...size,
      transform: [{ filter: 'datum.error > 0' }],
      layer: [
        { mark: { type: 'line', strokeWidth: 1.5 }, encoding: { x, y: log('error, 1 = tolerance', 'error'), color } },
        {
          data: { values: [{ one: 1 }] },
          mark: { type: 'rule', strokeDash: [4, 4], color: 'currentColor' },
          encoding: { y: { datum: 1 } },
        },
      ],
    } as unknown as Drawing),
  ];
}

function stepsOf(solver: string, steps: TargetComparison['examples'][string]['steps']): Step[] {
  if (!steps) return [];
  const { sample, t, h, error, accepted } = steps;
  return t.flatMap((at, i) =>
    sample[i] === 0 ? [{ solver, t: at, h: h[i], error: error[i], accepted: accepted[i] === 1 }] : [],
  );
}
