/** Langevin equations: positions first, then as many velocities, dx = v dt, dv = (F(x, t) − γ v) dt + σ dW. */
import { derivativeBy } from './derivative.js';
import { type Expression, is, reachedFrom, statesOf } from './graph.js';
import type { System } from './system.js';

/** What keeps equations from that form, with γ a number for each velocity and σ numbers; undefined: nothing. */
export function langevinFault({ graph, states, drift, entries }: System): string | undefined {
  const half = states / 2;
  if (!Number.isInteger(half)) return 'there are not as many positions as velocities';
  const isVelocity = ({ op, value }: Expression, i: number) => op === 'state' && value === half + i;
  if (!drift.slice(0, half).every(isVelocity)) return 'the drift of position i is not velocity i';
  if (entries.some(({ state }) => state < half)) return 'positions have noise';
  if (entries.some(({ value }) => !isFixed(value))) return 'the noise depends on the state or the time';
  for (let i = half; i < states; i++) {
    const own = [...statesOf(drift[i])].filter(state => state >= half);
    if (own.some(state => state !== i)) return 'a velocity acts on another one';
    if (!isFixed(derivativeBy(graph, i)(drift[i]))) return 'the friction is not a number times the velocity';
  }
  return undefined;
}

/** −γ of each velocity, where it is not 0. */
export function frictions({ graph, states, drift }: System): { row: number; column: number; value: Expression }[] {
  const rows = drift.map((value, row) => ({ row, column: row, value: derivativeBy(graph, row)(value) }));
  return rows.filter(({ row, value }) => row >= states / 2 && !is(value, 0));
}

function isFixed(expression: Expression): boolean {
  return reachedFrom([expression]).every(({ op }) => op !== 'state' && op !== 'time');
}
