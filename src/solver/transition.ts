/** One step of the forward process, as samplers see it that invert a chain of such steps. */
import type { Level } from './levels.js';

/** x at the noisier level is kept·x' + √variance·z, with x' at the other. */
export function transition(noisier: Level, other: Level): { kept: number; variance: number } {
  const kept = noisier.alpha / other.alpha;
  return { kept, variance: noisier.sigma ** 2 - (kept * other.sigma) ** 2 };
}
