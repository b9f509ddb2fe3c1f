/** The noise levels that a sampler with fixed steps goes through. */
import { invalidOption } from '../errors.js';
import type { Gridded, GridName } from '../options/grid.js';
import type { ProcessData, ScheduleFunctions } from '../sde/facts.js';

/** What the levels are of. */
export type Process = Pick<ProcessData, 'T' | 'tEnd'> & Pick<ScheduleFunctions, 'alpha' | 'sigma'>;

export interface Level {
  readonly t: number;
  readonly alpha: number;
  readonly sigma: number;
  /** ln(alpha/sigma); it rises as t falls. */
  readonly logSnr: number;
}

export interface Levels {
  /** Where steps begin and end, from T to tEnd: one more than there are steps. */
  readonly ends: readonly Level[];
  /** The level at which ln(alpha/sigma) has a value; T or tEnd where no time has it. */
  atLogSnr(wanted: number): Level;
}

/** Throws ERR_SDE_INVALID_OPTION where a list of times does not go from T to tEnd. */
export function levelsOf(kind: string, { steps, grid }: Gridded, process: Process): Levels {
  const { T, tEnd } = process;
  const at = (t: number): Level => {
    const [alpha, sigma] = [process.alpha(t), process.sigma(t)];
    return { t, alpha, sigma, logSnr: Math.log(alpha / sigma) };
  };
  const [first, last] = [at(T), at(tEnd)];
  const atLogSnr = (wanted: number) => {
    if (wanted <= first.logSnr) return first;
    if (wanted >= last.logSnr) return last;
    return at(bisected(t => at(t).logSnr > wanted, tEnd, T));
  };
  if (typeof grid !== 'string') {
    if (grid[0] !== T || grid[grid.length - 1] !== tEnd) {
      throw invalidOption(`${kind}.grid`, grid, `times from the SDE's T to its tEnd, ${T} … ${tEnd}`);
    }
    return { ends: grid.map(at), atLogSnr };
  }
  const between = (share: number): Level => {
    const along = MIDDLES[grid](share, first, last);
    return 't' in along ? at(along.t) : atLogSnr(along.logSnr);
  };
  const ends = Array.from({ length: steps + 1 }, (_, k) => (k === 0 ? first : k === steps ? last : between(k / steps)));
  return { ends, atLogSnr };
}

/** The time, or the ln(alpha/sigma), a share of the way from the first level to the last. */
const MIDDLES: Record<GridName, (share: number, first: Level, last: Level) => { t: number } | { logSnr: number }> = {
  logSnr: (share, first, last) => ({ logSnr: first.logSnr + share * (last.logSnr - first.logSnr) }),
  uniform: (share, first, last) => ({ t: first.t + share * (last.t - first.t) }),
  quadratic: (share, first, last) => ({ t: (Math.sqrt(first.t) * (1 - share) + Math.sqrt(last.t) * share) ** 2 }),
  karras: (share, first, last) => {
    const root = ({ logSnr }: Level) => Math.exp(-logSnr / 7);
    return { logSnr: -7 * Math.log(root(first) + share * (root(last) - root(first))) };
  },
};

/** The number in [low, high] at which a condition that holds below turns false, to the last bit. */
function bisected(holds: (at: number) => boolean, low: number, high: number): number {
  for (;;) {
    const middle = low + (high - low) / 2;
    if (!(low < middle && middle < high)) return middle;
    if (holds(middle)) low = middle;
    else high = middle;
  }
}
