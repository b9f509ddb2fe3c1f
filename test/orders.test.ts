// The weak orders that solvers declare, measured: for Gaussian data a step is linear in the state, so its mean and
// variance obey a recursion without sampling noise. controller.test.ts shows that the steps are these.
import { expect, it } from 'vitest';
import { adaptive, eulerMaruyama, subVp, ve, vp } from '../src/index.js';

const DATA = { mean: 0.3, variance: 0.25 };

/** x ← factor·x + shift + noise·z */
type Step = (t: number, h: number) => { factor: number; shift: number; noise: number };
type Coefficients = { a: (t: number) => number; b: (t: number) => number; g: (t: number) => number };

/** Reverse time: the drift is a(t)·x + b(t), from x(T) with the exact moments. */
const schemes: [name: string, order: number, step: (sde: Coefficients) => Step][] = [
  [
    'Euler-Maruyama',
    eulerMaruyama().orders.weak,
    ({ a, b, g }) =>
      (t, h) => ({ factor: 1 - h * a(t), shift: -h * b(t), noise: g(t) * Math.sqrt(h) }),
  ],
  [
    'adaptive, at fixed steps',
    adaptive().orders.weak,
    ({ a, b, g }) =>
      (t, h) => {
        const [before, after] = [a(t), a(t - h)];
        return {
          factor: 1 - (h * (before + after * (1 - h * before))) / 2,
          shift: (-h * (b(t) + b(t - h) - h * after * b(t))) / 2,
          noise: ((g(t) + g(t - h) - h * after * g(t)) * Math.sqrt(h)) / 2,
        };
      },
  ],
];

const processes = [vp(), subVp(), ve({ sigmaMax: 5 })];

it.each(schemes.flatMap(([name, order, step]) => processes.map(sde => ({ name, order, step, sde, kind: sde.kind }))))(
  'the weak order of $name for $kind is $order',
  ({ order, step, sde }) => {
    const spread = (t: number) => sde.alpha(t) ** 2 * DATA.variance + sde.sigma(t) ** 2;
    const { g } = sde;
    const a = (t: number) => sde.f(t) + g(t) ** 2 / spread(t);
    const b = (t: number) => (-(g(t) ** 2) / spread(t)) * sde.alpha(t) * DATA.mean;
    const next = step({ a, b, g });
    const end = 0.02;

    const errors = (steps: number) => {
      const h = (sde.T - end) / steps;
      let [mean, variance] = [sde.alpha(sde.T) * DATA.mean, spread(sde.T)];
      for (let i = 0; i < steps; i++) {
        const { factor, shift, noise } = next(sde.T - i * h, h);
        mean = factor * mean + shift;
        variance = factor ** 2 * variance + noise ** 2;
      }
      return [mean - sde.alpha(end) * DATA.mean, variance - spread(end)];
    };
    const [coarse, fine] = [errors(4000), errors(8000)];
    // The mean of ve is exact. The order is that of the slower moment.
    const orders = coarse.flatMap((error, i) => (Math.abs(error) > 1e-10 ? [Math.log2(error / fine[i])] : []));
    expect(Math.abs(Math.min(...orders) - order)).toBeLessThan(0.1);
  },
);
