/** A picture of a convergence study: errors over steps, both axes logarithmic, as SVG. */
import type { TopLevelSpec } from 'vega-lite';
import type { Convergence, SolverConvergence } from '../index.js';

interface Point {
  h: number;
  error: number;
  /** Of the error's 95 % interval, where chance is in it. */
  low?: number;
  high?: number;
  solver: string;
  series: string;
  kind: 'strong' | 'weak';
}

/** Vega draws; it is loaded only here, since it takes a while. */
export async function convergencePlot(result: Convergence): Promise<string> {
  const [{ compile }, { parse, scheme, View }] = await Promise.all([import('vega-lite'), import('vega')]);
  const points = result.solvers.flatMap(solver => pointsOf(solver, result.h));
  const spec = plot(result, points, scheme('tableau10') as string[]);
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** Errors of 0 have no place on a logarithmic axis. */
function pointsOf({ solver, strong, weak, sampled = [] }: SolverConvergence, h: readonly number[]): Point[] {
  const order = (value: number, halfWidth?: number) => {
    if (Number.isNaN(value)) return 'order unknown';
    return `order ${value.toFixed(2)}${halfWidth === undefined ? '' : ` ± ${halfWidth.toFixed(2)}`}`;
  };
  const series = (kind: Point['kind'], name: string, errors: readonly number[], halfWidths?: readonly number[]) =>
    errors.map((error, i): Point => {
      const size = Math.abs(error);
      const width = halfWidths?.[i];
      const interval = width === undefined ? {} : { low: Math.max(size - width, size / 100), high: size + width };
      return { h: h[i], error: size, ...interval, solver, series: name, kind };
    });
  return [
    ...(strong ? series('strong', `${solver}, strong: ${order(strong.order, strong.halfWidth)}`, strong.errors) : []),
    ...(weak ? series('weak', `${solver}, weak: ${order(weak.order)}`, weak.errors) : []),
    ...sampled.flatMap(({ of, errors, halfWidths, order: found, halfWidth }) =>
      series('weak', `${solver}, E ${of}: ${order(found, halfWidth)}`, errors, halfWidths),
    ),
  ].filter(({ error }) => error > 0);
}

/** A colour a solver; weak errors are dashed. */
function plot({ problem, paths, reference, solvers }: Convergence, values: Point[], colours: string[]): TopLevelSpec {
  const lines = [...new Map(values.map(point => [point.series, point])).values()];
  const domain = lines.map(({ series }) => series);
  const colourOf = ({ solver }: Point) => colours[solvers.findIndex(one => one.solver === solver) % colours.length];
  const dashOf = ({ kind }: Point) => (kind === 'strong' ? [1, 0] : [5, 4]);
  const legend = { labelLimit: 420, symbolType: 'stroke', symbolSize: 500, symbolStrokeWidth: 2 } as const;
  const bySeries = { field: 'series', type: 'nominal', title: null, legend } as const;
  const axis = { grid: true, gridOpacity: 0.5, format: '.0e', labelFlush: false, labelOverlap: true } as const;
  const x = { field: 'h', type: 'quantitative', scale: { type: 'log', base: 2, nice: false }, title: 'step' } as const;
  const log = { type: 'log', nice: false } as const;
  const color = { ...bySeries, scale: { domain, range: lines.map(colourOf) } };
  const strokeDash = { ...bySeries, scale: { domain, range: lines.map(dashOf) } };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    width: 520,
    height: 380,
    title: {
      text: problem,
      subtitle: `${paths} paths; strong errors from ${reference === 'exact' ? 'the exact solution' : 'the same solver with fine steps'}`,
      anchor: 'start',
    },
    data: { values },
    encoding: { x: { ...x, axis: { ...axis, format: '.2~g' } }, color },
    layer: [
      {
        mark: { type: 'rule', strokeWidth: 1.5 },
        transform: [{ filter: 'isValid(datum.low)' }],
        encoding: { y: { field: 'low', type: 'quantitative', scale: log, title: 'error' }, y2: { field: 'high' } },
      },
      {
        mark: { type: 'line', point: { size: 45 }, strokeWidth: 2 },
        encoding: {
          y: { field: 'error', type: 'quantitative', scale: log, title: 'error', axis },
          strokeDash,
        },
      },
    ],
    config: { font: 'Helvetica, Arial, sans-serif' },
  };
}
