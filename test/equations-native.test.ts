/** What the addon makes of programs: random equations, and one step of the oracles, beside the evaluation in JavaScript. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lower } from '../src/equations/sde.js';
import { eulerMaruyama, itoSde, step } from '../src/index.js';
import { texts } from './support/random-equations.js';
import { rounds } from './support/rounds.js';
import { runProgram } from './support/run-program.js';

it('computes random equations as JavaScript does, up to the rounding of functions', () => {
  const number = fc.integer({ min: -3000, max: 3000 }).map(value => value / 1000);
  const equations = fc.array(texts(['x', 'y', 't', 'k']), { minLength: 20, maxLength: 20 });
  let compared = 0;
  fc.assert(
    fc.property(equations, number, number, number, (list, x, y, t) => {
      const state = ['x', 'y', ...list.map((_, i) => `z${i}`)];
      const sde = itoSde({
        state,
        params: { k: 0.7 },
        drift: [0, 0, ...list],
        diffusion: state.map(() => 0),
        noise: 'scalar',
      });
      const start = (x: number, y: number) => [x, y, ...list.map(() => 0)];
      const { drift } = lower(sde);
      const exact = runProgram(drift, start(x, y), t);
      // Where inputs that differ by rounding have other values, functions that do may have too.
      const near = runProgram(drift, start(x + 1e-12, y - 1e-12), t + 1e-12);
      // From 0, a step of length 1 leads to the drift itself.
      const { x: next } = step(sde, eulerMaruyama({ steps: 1 }), { t, h: 1, x: start(x, y), dW: [0] });
      for (let i = 2; i < state.length; i++) {
        const [value, size] = [next[i], Math.max(1, Math.abs(exact[i]))];
        if (!Number.isFinite(exact[i]) || !(Math.abs(near[i] - exact[i]) < 1e-9 * size)) continue;
        compared++;
        if (!(Math.abs(value - exact[i]) < 1e-8 * size)) {
          throw new Error(`${list[i - 2]} at x = ${x}, y = ${y}, t = ${t}: ${value} instead of ${exact[i]}`);
        }
      }
    }),
    { seed: 1, endOnFailure: true, numRuns: rounds(20, 500) },
  );
  expect(compared).toBeGreaterThan(200);
});
