/** Drift and diffusion that are JavaScript functions: the same paths as those of text, exact counts, and all that goes wrong. */
import { describe, expect, it } from 'vitest';
import {
  type CoefficientFunction,
  eulerMaruyama,
  itoSde,
  type OutsideSpec,
  type SdeSpec,
  type SolveOptions,
  shark,
  solve,
  spark,
  sriw1,
  step,
  stratonovichSde,
  streamPaths,
} from '../src/index.js';
import { pathSolver, pathSolvers } from '../src/solver/paths/solver.js';

/** Every row of x, t and out. */
type Row = (x: Float64Array, t: number, out: Float64Array) => void;

/** How many rows were asked for. */
interface Counted {
  drift: number;
  diffusion: number;
}

function byRow(row: Row, states: number, width: number, count: () => void = () => {}): CoefficientFunction {
  return (x, t, out) => {
    for (let i = 0; i < t.length; i++) {
      row(x.subarray(i * states, (i + 1) * states), t[i], out.subarray(i * width, (i + 1) * width));
      count();
    }
  };
}

/** dX of two states, each with a noise of its own, as text and as functions; async: every answer is a promise. */
const TEXT = { state: ['a', 'b'], drift: ['1.5*(b - a)', 'a*t - b'], diffusion: ['0.2*a', '0.1*b'] };
const drift: Row = (x, t, out) => {
  out[0] = 1.5 * (x[1] - x[0]);
  out[1] = x[0] * t - x[1];
};
const diffusion: Row = (x, _, out) => {
  out[0] = 0.2 * x[0];
  out[1] = 0.1 * x[1];
};

function counted(spec: Pick<OutsideSpec, 'noise' | 'noises'> & { f?: Row; g?: Row; width?: number } = {}) {
  const counts: Counted = { drift: 0, diffusion: 0 };
  const { f = drift, g = diffusion, width = 2, ...noise } = spec;
  const functions: OutsideSpec = {
    state: ['a', 'b'],
    noise: 'diagonal',
    ...noise,
    drift: byRow(f, 2, 2, () => counts.drift++),
    diffusion: byRow(g, 2, width, () => counts.diffusion++),
  };
  return { functions, counts };
}

const RUN: SolveOptions = { t1: 1, x0: [1, 2], seed: 3 };

describe('functions and text', () => {
  const text = itoSde(TEXT);

  it.each([1, 7, 300, 5000])('give the same %i paths, in equal and in adaptive steps', async paths => {
    for (const solver of [eulerMaruyama({ steps: 16 }), sriw1({ rtol: 1e-2, atol: 1e-3 })]) {
      const { functions, counts } = counted();
      const wanted = await solve(text, { ...RUN, paths, solver });
      const found = await solve(itoSde(functions), { ...RUN, paths, solver });
      expect(found.states).toEqual(wanted.states);
      expect(found.stats.accepted).toEqual(wanted.stats.accepted);
      expect(found.stats.rejected).toEqual(wanted.stats.rejected);
      expect(found.stats.totals).toEqual(wanted.stats.totals);
      expect(found.stats.totals).toMatchObject({ drifts: counts.drift, diffusions: counts.diffusion });
    }
  });

  it('of which one may be text and the other a function', async () => {
    const { functions } = counted();
    const options = { ...RUN, paths: 40, solver: sriw1({ rtol: 1e-2, atol: 1e-3 }) };
    const wanted = await solve(text, options);
    const mixed = itoSde({ state: ['a', 'b'], drift: functions.drift, diffusion: TEXT.diffusion });
    expect(mixed.noiseClass).toBe('diagonal');
    expect((await solve(mixed, options)).states).toEqual(wanted.states);
    const other = itoSde({ ...functions, drift: TEXT.drift });
    expect((await solve(other, options)).states).toEqual(wanted.states);
  });

  it('give the same paths backwards in time', async () => {
    const { functions } = counted();
    const options = { ...RUN, t0: 1, t1: 0.25, paths: 20, solver: sriw1({ rtol: 1e-2, atol: 1e-3 }) };
    expect((await solve(itoSde(functions), options)).states).toEqual((await solve(text, options)).states);
  });

  it('give the same paths in float32, as far as functions round', async () => {
    const { functions } = counted();
    const options: SolveOptions = { ...RUN, paths: 20, solver: eulerMaruyama({ steps: 16 }), precision: 'float32' };
    const [wanted, found] = [await solve(text, options), await solve(itoSde(functions), options)];
    found.states.forEach((value, i) => {
      expect(Math.abs(value - wanted.states[i])).toBeLessThan(1e-5);
    });
  });

  it('give the same paths at times in between, within a domain, with events, and keep the same steps', async () => {
    const domain = ['a > 0.9'];
    const events = [{ when: 'a*b - 2.2' }, { when: 'b - 1.5', terminal: false }];
    const { functions, counts } = counted();
    const options = { ...RUN, paths: 300, saveAt: { every: 0.3 }, events, onFailure: 'keep' as const };
    for (const solver of [eulerMaruyama({ steps: 20 }), sriw1({ rtol: 1e-2, atol: 1e-3 })]) {
      Object.assign(counts, { drift: 0, diffusion: 0 });
      const wanted = await solve(itoSde({ ...TEXT, domain }), { ...options, solver });
      const found = await solve(itoSde({ ...functions, domain }), { ...options, solver });
      expect(found.states).toEqual(wanted.states);
      expect(found.stats.events).toEqual(wanted.stats.events);
      expect(found.stats.status).toEqual(wanted.stats.status);
      expect(found.stats.ended.event).toBeGreaterThan(30);
      // The diffusion once more a step: an event's chance within it depends on that.
      const { accepted, rejected, diffusions } = wanted.stats.totals;
      expect(counts.diffusion).toBe(diffusions + accepted + rejected);
      expect(found.stats.totals).toMatchObject({ drifts: counts.drift, diffusions: counts.diffusion });
      const steps = { ...options, solver, saveAt: 'steps' as const };
      const [textSteps, functionSteps] = [
        await solve(itoSde({ ...TEXT, domain }), steps),
        await solve(itoSde({ ...functions, domain }), steps),
      ];
      expect(functionSteps.paths).toEqual(textSteps.paths);
    }
  });

  it('give the same statistics, and the same stream of paths', async () => {
    const { functions } = counted();
    const options = { ...RUN, paths: 5000, solver: eulerMaruyama({ steps: 8 }) };
    const reductions = { of: { s: 'a + b' }, quantiles: [0.5] };
    const [wanted] = (await solve(text, { ...options, reductions })).statistics;
    const [found] = (await solve(itoSde(functions), { ...options, reductions })).statistics;
    expect(found.count).toBe(5000);
    expect(found.mean.s).toBeCloseTo(wanted.mean.s, 12);
    expect(found.min).toEqual(wanted.min);
    expect(found.quantiles).toEqual(wanted.quantiles);
    const all = await solve(text, { ...options, paths: 9 });
    let k = 0;
    for await (const { states } of streamPaths(itoSde(functions), { ...options, paths: 9 })) {
      expect(states).toEqual(all.states.subarray(2 * k, 2 * k + 2));
      k++;
    }
    expect(k).toBe(9);
  });

  it('go on from a checkpoint to the same paths', async () => {
    const { functions } = counted();
    const options = { ...RUN, paths: 30, solver: sriw1({ rtol: 1e-2, atol: 1e-3 }) };
    const run = async (sde: Parameters<typeof solve>[0]) => {
      const { checkpoint } = await solve(sde, { ...options, t1: 0.5 });
      return solve(sde, { t1: 1, resume: checkpoint });
    };
    expect((await run(itoSde(functions))).states).toEqual((await run(text)).states);
  });

  it('give the same step', () => {
    const { functions } = counted();
    const given = { t: 0.5, h: 0.1, x: [1, 2], dW: [0.1, -0.2], H: [0.01, 0.02] };
    expect(step(itoSde(functions), sriw1(), given)).toEqual(step(text, sriw1(), given));
  });

  it('of any noise: scalar, additive, or states × noises', async () => {
    const both: Row = (x, t, out) => {
      out[0] = 0.2 * x[0];
      out[1] = 0.1 * t;
      out[2] = 0.3 * x[1];
      out[3] = 0.25;
    };
    const fixed: Row = (_, t, out) => {
      out[0] = 0.2;
      out[1] = 0.3 * t;
    };
    const f = TEXT.drift;
    const cases: [Parameters<typeof counted>[0], SolveOptions['solver'], SdeSpec][] = [
      [{ noise: 'scalar' }, sriw1(), { ...TEXT, noise: 'scalar' }],
      [{ noise: 'additive', g: fixed }, shark(), { ...TEXT, diffusion: ['0.2', '0.3*t'] }],
      [
        { noise: 'additive', noises: 2, width: 4, g: (_, t, out) => out.set([0.2, t, 0.1, 0.3]) },
        shark(),
        {
          ...TEXT,
          diffusion: [
            ['0.2', 't'],
            ['0.1', '0.3'],
          ],
        },
      ],
      [
        { noise: 'general', noises: 2, width: 4, g: both },
        eulerMaruyama({ steps: 9 }),
        {
          state: ['a', 'b'],
          drift: f,
          diffusion: [
            ['0.2*a', '0.1*t'],
            ['0.3*b', '0.25'],
          ],
        },
      ],
    ];
    for (const [spec, solver, wanted] of cases) {
      const options = { ...RUN, paths: 20, solver };
      const { functions } = counted(spec);
      const sde = itoSde(functions);
      expect(sde.noiseClass).toBe(spec!.noise);
      expect((await solve(sde, options)).states, spec!.noise as string).toEqual(
        (await solve(itoSde(wanted), options)).states,
      );
    }
    const { functions } = counted({ noise: 'general', noises: 2, width: 4, g: both });
    const options = { ...RUN, paths: 20, solver: spark({ rtol: 1e-2, atol: 1e-3 }) };
    const matrix = {
      state: ['a', 'b'],
      drift: f,
      diffusion: [
        ['0.2*a', '0.1*t'],
        ['0.3*b', '0.25'],
      ],
    };
    const [found, known] = [
      await solve(stratonovichSde(functions), options),
      await solve(stratonovichSde(matrix), options),
    ];
    expect(found.states).toEqual(known.states);
  });
});

describe('every solver', () => {
  const able = pathSolvers().filter(({ needs, form, noiseless }) => !needs && !form && !noiseless);

  it.each(able.map(({ kind }) => kind))('%s asks as often as it says', async kind => {
    const { calculus, orders, errorOrder } = able.find(one => one.kind === kind)!;
    const noise = orders.diagonal ? 'diagonal' : 'additive';
    for (const solver of [pathSolver('solver', { kind }, 4), ...(errorOrder ? [pathSolver('solver', { kind })] : [])]) {
      if (kind === 'eulerMaruyama' && solver.steps === 0) continue; // adapts to additive noise alone
      const { functions, counts } = counted({ noise });
      const sde = (calculus === 'stratonovich' ? stratonovichSde : itoSde)(functions);
      const { totals } = (await solve(sde, { ...RUN, paths: 5, solver })).stats;
      expect(totals).toMatchObject({ drifts: counts.drift, diffusions: counts.diffusion });
    }
  });
});
