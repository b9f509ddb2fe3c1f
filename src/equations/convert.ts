/** Itô to Stratonovich and back: the same process, with ½ Σ_j L^j g_j taken from the drift or added to it. */
import { type Expression, is } from './graph.js';
import { directionals, type System } from './system.js';

/** f of the other calculus; `sign` −1 leads from Itô to Stratonovich, 1 back. */
export function convertedDrift(system: System, sign: 1 | -1): Expression[] {
  const { graph, drift } = system;
  const corrections = drift.map(() => graph.constant(0));
  for (const { state, value } of directionals(system, (along, noise) => along === noise)) {
    corrections[state] = graph.add(corrections[state], value);
  }
  return drift.map((f, i) => {
    if (is(corrections[i], 0)) return f;
    const half = graph.mul(graph.constant(0.5), corrections[i]);
    const [there, back] = sign < 0 ? (['sub', 'add'] as const) : (['add', 'sub'] as const);
    // The way back gives what was there before, not that with a correction twice.
    const before = [...f.args, ...f.args.map(graph.neg)].find(one => graph.apply(back, one, half) === f);
    return before ?? graph.apply(there, f, half);
  });
}
