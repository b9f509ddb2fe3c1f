/** Random numbers for tests: the same after the same seed (mulberry32). */
export function random(seed: number) {
  let state = seed;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    /** 0 ≤ … < 1. */
    fraction,
    below: (end: number): number => Math.floor(end * fraction()),
    one: <T>(of: readonly T[]): T => of[Math.floor(of.length * fraction())],
  };
}
