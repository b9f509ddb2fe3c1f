/** Which class of noise equations have, found from the equations. */
import { valuesAt } from './evaluate.js';
import type { Expression } from './graph.js';
import { statesOf } from './graph.js';
import { countDirectionals, type Directional, directionals, type Entry, type System } from './system.js';

/**
 * From the narrowest: G does not depend on the state; each state has a noise of its own and its g depends on no other
 * state; there is one noise; L^j g_k = L^k g_j for all columns; none of these.
 */
export type NoiseClass = 'additive' | 'diagonal' | 'scalar' | 'commutative' | 'general';

export interface Commutation {
  readonly commutes: boolean;
  /**
   * How that is known: by the form of the matrix (additive, diagonal, scalar), by both sides being the same expression
   * ('symbols'), by their values at random points ('numbers'), or not at all, since there are too many to compare ('size'),
   * or since it is declared of a function ('declared').
   */
  readonly by: 'form' | 'symbols' | 'numbers' | 'size' | 'declared';
  /** The first two noises that do not commute, and a state where that shows. */
  readonly pair?: { readonly noises: readonly [number, number]; readonly state: number };
}

/** Terms of all L^j g_k: some seconds. */
const MOST_TERMS = 1 << 17;

export function classify(system: System): { noiseClass: NoiseClass; commutation: Commutation } {
  const form = classByForm(system);
  if (form) return { noiseClass: form, commutation: { commutes: true, by: 'form' } };
  const commutation = commutationOf(system);
  return { noiseClass: commutation.commutes ? 'commutative' : 'general', commutation };
}

function classByForm({ noises, entries }: System): NoiseClass | undefined {
  const reads = new Map(entries.map(entry => [entry, statesOf(entry.value)]));
  if (entries.every(entry => reads.get(entry)!.size === 0)) return 'additive';
  const readsOwn = ([{ state }, states]: [Entry, Set<number>]) =>
    states.size === 0 || (states.size === 1 && states.has(state));
  const isAlone = new Set(entries.map(({ state }) => state)).size === entries.length;
  const isOwn = new Set(entries.map(({ noise }) => noise)).size === entries.length;
  if (isAlone && isOwn && [...reads].every(readsOwn)) return 'diagonal';
  return noises === 1 ? 'scalar' : undefined;
}

function commutationOf(system: System): Commutation {
  if (countDirectionals(system) > MOST_TERMS) return { commutes: false, by: 'size' };
  const all = directionals(system);
  const found = new Map(all.map(one => [`${one.state} ${one.along} ${one.noise}`, one]));
  const first = ({ along, noise }: Directional) => Math.min(along, noise);
  const second = ({ along, noise }: Directional) => Math.max(along, noise);
  const byPair = all.toSorted((a, b) => first(a) - first(b) || second(a) - second(b) || a.state - b.state);
  let by: Commutation['by'] = 'symbols';
  for (const one of byPair) {
    const { state, along, noise } = one;
    const other = found.get(`${state} ${noise} ${along}`);
    // Each pair once, and with what has no counterpart because that is zero.
    if (along === noise || (along > noise && other) || one.value === other?.value) continue;
    by = 'numbers';
    if (!agree(one, other, system)) {
      const noises = [first(one), second(one)] as const;
      return { commutes: false, by, pair: { noises, state } };
    }
  }
  return { commutes: true, by };
}

/** Points at which both sides must be finite and equal, and tries to find them. */
const [POINTS, TRIES] = [6, 60];
/** Of the sum of the absolute terms. */
const TOLERANCE = 1e-10;

function agree(one: Directional, other: Directional | undefined, system: System): boolean {
  const terms: Expression[] = [...one.terms, ...(other?.terms ?? [])];
  const random = randomNumbers();
  for (let tries = 0, points = 0; tries < TRIES && points < POINTS; tries++) {
    // Many equations have a sense for positive states alone, some between 0 and 1 alone.
    const [low, high] = [
      [0.1, 2],
      [-2, 2],
      [0, 1],
    ][tries % 3];
    const uniform = () => low + (high - low) * random();
    const x = Array.from({ length: system.states }, uniform);
    const values = valuesAt(terms, { x, t: random(), params: new Proxy([], { get: uniform }) });
    const sum = (side: Directional | undefined) =>
      (side?.terms ?? []).reduce((all, term) => all + values.get(term)!, 0);
    const scale = terms.reduce((all, term) => all + Math.abs(values.get(term)!), 0);
    if (!Number.isFinite(scale)) continue;
    if (Math.abs(sum(one) - sum(other)) > TOLERANCE * scale) return false;
    points++;
    if (points === POINTS) return true;
  }
  return false;
}

/** In (0, 1), the same in every run. */
function randomNumbers(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}
