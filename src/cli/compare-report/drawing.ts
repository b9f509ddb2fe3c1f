/** Plots as SVG that stands inside a page: text and lines take the page's colour, in light and dark. */
import type { TopLevelSpec } from 'vega-lite';

export type Drawing = Omit<TopLevelSpec, '$schema' | 'config' | 'background'>;

export interface Drawer {
  svg(drawing: Drawing): Promise<string>;
  /** A colour a name, the same in every plot. */
  colours: readonly string[];
}

const CONFIG = {
  font: 'system-ui, sans-serif',
  view: { stroke: null },
  title: { color: 'currentColor', anchor: 'start', fontSize: 13 },
  axis: {
    ...{
      labelColor: 'currentColor',
      titleColor: 'currentColor',
      domainColor: 'currentColor',
      tickColor: 'currentColor',
    },
    ...{ gridColor: 'currentColor', gridOpacity: 0.15, labelOverlap: true, titleFontWeight: 'normal' },
  },
  legend: { labelColor: 'currentColor', titleColor: 'currentColor', labelLimit: 300, orient: 'bottom', columns: 3 },
  text: { color: 'currentColor' },
} as const;

/** Vega draws; it is loaded only here, since it takes a while. */
export async function drawer(names: readonly string[]): Promise<Drawer> {
  const [{ compile }, { parse, scheme, View }] = await Promise.all([import('vega-lite'), import('vega')]);
  const colours = scheme(names.length > 10 ? 'tableau20' : 'tableau10') as string[];
  const svg = async (drawing: Drawing) => {
    const spec = { ...drawing, config: CONFIG, background: 'transparent' } as unknown as TopLevelSpec;
    const view = new View(parse(compile(spec).spec), { renderer: 'none' });
    try {
      return await view.toSVG();
    } finally {
      view.finalize();
    }
  };
  return { svg, colours };
}
