/** Every path solver of the list: the same ones as the addon's, and the strong orders they declare, on shared paths. */
import { describe, expect, it } from 'vitest';
import { addon } from '../src/addon.js';
import { itoSde, type SdeSpec, solve, step, stratonovichSde } from '../src/index.js';
import { eulerMaruyamaOfPaths } from '../src/solver/paths/euler-maruyama.js';
import type { PathSolver, PathSolverMaker } from '../src/solver/paths/facts.js';
import * as listed from '../src/solver/paths/list.js';
import { PATH_STATUSES } from '../src/words.js';
import { caught } from './support/caught.js';
import { rounds } from './support/rounds.js';

const SOLVERS = [eulerMaruyamaOfPaths, ...Object.values(listed)] as unknown as readonly PathSolverMaker[];

/** The same equations for both calculi, a problem a class of noise. */
const PROBLEMS = {
  additive: {
    state: ['x', 'y'],
    drift: ['sin(2*y) - x', 'cos(2*x)'],
    diffusion: [
      ['1 + 0.5*sin(4*t)', '0.6'],
      ['0.5', '1'],
    ],
  },
  diagonal: {
    state: ['x', 'y'],
    drift: ['sin(5*t)*y - x', 'x*cos(t) - y'],
    diffusion: ['0.7*(1+t)*sqrt(1+x^2)', '0.6*sin(y)'],
  },
  scalar: {
    state: ['x', 'y'],
    drift: ['-x', '0.5*x - y'],
    diffusion: ['0.8*sqrt(1+x^2)', '0.4*x + 0.5*y'],
    noise: 'scalar',
  },
  commutative: { state: ['x'], drift: ['sin(3*t) - x'], diffusion: [['0.8*sqrt(1+x^2)', '0.5*sqrt(1+x^2)']] },
  general: {
    state: ['x', 'y'],
    drift: ['-0.2*x', '0.1*x'],
    diffusion: [
      ['1', '0'],
      ['0', 'x'],
    ],
  },
} as const satisfies Record<string, SdeSpec>;
const LANGEVIN: SdeSpec = { state: ['x', 'v'], equations: ['dx = v*dt', 'dv = (x - x^3 - 0.7*v)*dt + 0.8*dW1'] };

const start = (spec: SdeSpec) => (spec.state.length === 1 ? [0.7] : [0.7, -0.4]);
const steppedBy = (make: PathSolverMaker, steps: number) => make({ steps }) as PathSolver;

describe('the list of path solvers', () => {
  it("is the addon's", () => {
    expect(SOLVERS.map(({ facts }) => facts.kind).sort()).toEqual([...addon().contract().pathSolvers].sort());
  });

  it('has the statuses of paths in the same order: they cross as numbers', () => {
    expect(addon().contract().pathStatuses).toEqual(PATH_STATUSES);
  });

  it('has a class of noise for each solver but those for none, and no order without a class', () => {
    for (const { facts } of SOLVERS) {
      expect(Object.keys(facts.orders).length > 0).toBe(!facts.noiseless);
      expect(Object.keys(PROBLEMS)).toEqual(expect.arrayContaining(Object.keys(facts.orders)));
      expect(facts.source).toMatch(/\d{4}/);
    }
  });
});

/** Every solver with each class of noise it declares a strong order for. */
const declared = SOLVERS.flatMap(make =>
  Object.entries(make.facts.orders).flatMap(([noise, { strong }]) =>
    strong === undefined ? [] : [{ kind: make.facts.kind, noise: noise as keyof typeof PROBLEMS, strong, make }],
  ),
);

describe('strong order', () => {
  it.each(declared)('of $kind is $strong with $noise noise', async ({ noise, strong, make }) => {
    const { calculus, form } = make.facts;
    const spec = form ? LANGEVIN : PROBLEMS[noise];
    const sde = calculus === 'stratonovich' ? stratonovichSde(spec) : itoSde(spec);
    expect(sde.noiseClass).toBe(noise);
    const levels = [4, 5, 6, 7, 8];
    const cells = 2 ** 10;
    const run = async (steps: number) => {
      const shared = { t1: 1, x0: start(spec), paths: rounds(512, 2048), path: { steps: cells }, seed: 5 };
      return (await solve(sde, { ...shared, solver: steppedBy(make, steps) })).states;
    };
    const fine = await run(cells);
    const errors: number[] = [];
    for (const level of levels) {
      const coarse = await run(2 ** level);
      errors.push(Math.sqrt(Array.from(coarse).reduce((sum, x, i) => sum + (x - fine[i]) ** 2, 0)));
    }
    expect(Math.abs(slope(levels, errors.map(Math.log2)) + strong)).toBeLessThan(0.2);
  });
});

function slope(x: readonly number[], y: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  return (
    x.reduce((sum, one, i) => sum + (one - mx) * (y[i] - my), 0) / x.reduce((sum, one) => sum + (one - mx) ** 2, 0)
  );
}

describe('without noise', () => {
  const oscillator = itoSde({ state: ['x', 'y'], drift: ['y', '-x'], diffusion: ['0', '0'] });
  const solvers = SOLVERS.filter(({ facts }) => !facts.form).map(make => ({ kind: make.facts.kind, make }));

  it.each(solvers)('$kind has the order it declares, and keeps to its tolerance', async ({ make }) => {
    const error = async (solver: PathSolver) => {
      const { states } = await solve(oscillator, { t1: 10, x0: [1, 0], paths: 1, solver });
      return Math.hypot(states[0] - Math.cos(10), states[1] + Math.sin(10));
    };
    const { orderWithoutNoise, errorOrder } = make.facts;
    const steps = orderWithoutNoise > 3 ? [128, 256] : orderWithoutNoise > 1 ? [512, 1024] : [8192, 16384];
    const [coarse, fine] = [await error(steppedBy(make, steps[0])), await error(steppedBy(make, steps[1]))];
    expect(Math.abs(Math.log2(coarse / fine) - orderWithoutNoise)).toBeLessThan(0.05);
    if (errorOrder === undefined) return;
    const toTolerance = (rtol: number) => error(make({ rtol, atol: rtol }));
    // Of order 1, errors of all steps add up to the square root of the tolerance.
    if (orderWithoutNoise > 1) expect(await toTolerance(1e-4)).toBeLessThan(1e-3);
    else expect((await toTolerance(1e-6)) / (await toTolerance(1e-4))).toBeLessThan(0.12);
  });

  it('is all that a solver for no noise takes', async () => {
    const noisy = itoSde({ state: ['x'], drift: ['x'], diffusion: ['1'] });
    const error = await caught(() => solve(noisy, { t1: 1, x0: [1], paths: 1, solver: listed.dormandPrince() }));
    expect(error).toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option: 'solve.solver' });
  });
});

describe('additive noise of each state', () => {
  it("suits solvers for noise of each state's own, unless a state has two", async () => {
    const at = { t1: 1, x0: [1, 0], paths: 2, solver: listed.sriw1({ steps: 4 }) };
    const own = itoSde({ state: ['x', 'y'], drift: ['-x', 'x'], diffusion: ['0.3', '0.2*t'] });
    expect((await solve(own, at)).states.every(Number.isFinite)).toBe(true);
    const two = itoSde({ state: ['x', 'y'], equations: ['dx = -x*dt + dW1 + dW2', 'dy = dt'] });
    expect(await caught(() => solve(two, at))).toMatchObject({ option: 'solve.solver' });
  });
});

describe('what does not fit', () => {
  const gbm = itoSde({ state: ['x'], drift: ['x'], diffusion: ['x'] });

  it('tells the form that Langevin solvers are for', async () => {
    const kinds = SOLVERS.filter(({ facts }) => facts.form === 'langevin');
    expect(kinds.length).toBeGreaterThan(0);
    for (const make of kinds) {
      for (const [equations, words] of [
        [['dx = v*dt', 'dv = -v*x*dt + dW1'], 'friction'],
        [['dx = 2*v*dt', 'dv = -x*dt + dW1'], 'position'],
        [['dx = v*dt + dW1', 'dv = -x*dt'], 'positions have noise'],
        [['dx = v*dt', 'dv = -x*dt + (1+t)*dW1'], 'time'],
      ] as const) {
        const sde = itoSde({ state: ['x', 'v'], equations: [...equations] });
        const error = await caught(() => solve(sde, { t1: 1, x0: [1, 0], paths: 1, solver: steppedBy(make, 4) }));
        expect(error).toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option: 'solve.solver' });
        expect(String((error as Error).message)).toContain(words);
      }
    }
  });

  it('takes no tolerances where there is no error estimate, and names the other calculus', async () => {
    for (const make of SOLVERS.filter(({ facts }) => facts.errorOrder === undefined)) {
      expect(() => make({ rtol: 1e-3 })).toThrow(/steps/);
    }
    const error = await caught(() => solve(gbm, { t1: 1, x0: [1], paths: 1, solver: listed.heun({ steps: 4 }) }));
    expect(String((error as Error).message)).toContain('toStratonovich()');
  });
});

describe("a solver's own numbers", () => {
  it('reach the addon', () => {
    const decay = itoSde({ state: ['x'], drift: ['-x'], diffusion: ['0'] });
    const at = { h: 0.5, x: [1], dW: [0] };
    expect(step(decay, listed.driftImplicit({ steps: 1 }), at).x[0]).toBeCloseTo(1 / 1.5, 14);
    expect(step(decay, listed.driftImplicit({ steps: 1, theta: 0.5 }), at).x[0]).toBeCloseTo(0.75 / 1.25, 14);
    const stiff = itoSde({ state: ['x'], drift: ['-100*x'], diffusion: ['0'] });
    const ends = [3, 10].map(stages =>
      Math.abs(step(stiff, listed.skRock({ steps: 1, stages }), { ...at, h: 1 }).x[0]),
    );
    expect(ends[0]).toBeGreaterThan(1);
    expect(ends[1]).toBeLessThan(1);
    expect(() => listed.skRock({ steps: 1, stages: 0 })).toThrow(/stages/);
  });
});
