/** Random numbers for directions, subsets and the bootstrap: the same after the same seed, on every machine. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

export interface Random {
  /** An integer, 0 ≤ … < end. */
  below(end: number): number;
  /** N(0, 1) */
  normal(): number;
}

/** Numbers that a state with few bits set needs to be mixed. */
const MIXING = 100;

export function randomOf(seed: bigint): Random {
  const half = (shift: bigint) => Number((seed >> shift) & 0xffffffffn) | 0;
  const generator = xoroshiro128plusFromState([half(0n), half(32n), 0x9e3779b9 | 0, 0x243f6a88]);
  for (let i = 0; i < MIXING; i++) generator.next();
  return {
    below: end => uniformInt(generator, 0, end - 1),
    // Box and Muller's; 1 − u is never 0.
    normal: () => {
      const radius = Math.sqrt(-2 * Math.log(1 - uniformFloat64(generator)));
      return radius * Math.cos(2 * Math.PI * uniformFloat64(generator));
    },
  };
}
