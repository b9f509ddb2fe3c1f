/** Solvers of one kind with several budgets are one line in a plot. */
import type { Comparison } from '../../index.js';
import type { Drawer } from './drawing.js';

/** 'name:0.05:norm=max' → name with 'norm=max', and 0.05 of it. */
export function familyOf(spelling: string): { family: string; budget: string } {
  const [kind, budget = '', ...others] = spelling.split(':');
  return { family: [kind, ...others].join(' '), budget };
}

/** In the order in which they are first named. */
export function familiesOf({ targets }: Comparison): string[] {
  const all = targets.flatMap(({ costs }) => costs.map(({ solver }) => familyOf(solver).family));
  return [...new Set(all)];
}

/** Those of one plot in the colours that they have in all. */
export function colourScale(shown: readonly string[], families: readonly string[], { colours }: Drawer) {
  const domain = families.filter(family => shown.includes(family));
  return { domain, range: domain.map(family => colours[families.indexOf(family) % colours.length]) };
}
