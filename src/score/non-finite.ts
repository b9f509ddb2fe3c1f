/** Why samples ended as 'nonFinite': the network is asked again, and says so where the cause is its answer. */

import type { ScoreFacts } from './facts.js';
import { type NoiseLevels, networkTime, noise, noised, type Request } from './network.js';

/** Times from T down to tEnd, half of them near the end, where networks overflow. */
const TIMES = 16;

export interface Failed {
  /** Its position within the job. */
  sample: number;
  /** [n]: its last state, where it is there. */
  state?: Float32Array;
}

/** 'the network answers NaN at t = 0.93', or undefined where it does not. */
export async function nonFiniteAnswer(
  { timeInput }: ScoreFacts,
  { shape, ask }: { shape: readonly number[]; ask: (requests: readonly Request[]) => Promise<Float32Array[]> },
  sde: NoiseLevels & { readonly tEnd: number },
  { sample, state }: Failed,
): Promise<string | undefined> {
  const elements = shape.reduce((product, size) => product * size, 1);
  const z = noise(elements, 0);
  for (const t of times(sde.tEnd, sde.T)) {
    for (const x of [state, noised(sde, t, z)]) {
      if (x === undefined || !x.every(Number.isFinite)) continue;
      const [answer] = await ask([{ x, time: networkTime(timeInput, sde, t), sample }]);
      const odd = answer.find(value => !Number.isFinite(value));
      if (odd !== undefined) return `the network answers ${odd} at t = ${Number(t.toPrecision(3))}`;
    }
  }
  return undefined;
}

function times(tEnd: number, T: number): number[] {
  const even = Array.from({ length: TIMES / 2 }, (_, i) => T - (i * (T - tEnd)) / (TIMES / 2));
  const late = Array.from({ length: TIMES / 2 }, (_, i) => tEnd * (T / tEnd) ** ((TIMES / 2 - 1 - i) / (TIMES / 2)));
  return [...even, ...late].sort((a, b) => b - a);
}
