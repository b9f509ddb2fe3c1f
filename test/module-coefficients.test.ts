/** Drift and diffusion that are TorchScript modules, beside the same formulas as text. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  eulerMaruyama,
  itoSde,
  type OutsideSpec,
  type SolvedSteps,
  type SolveOptions,
  type SolveResult,
  solve,
  sriw1,
  step,
  type TorchCoefficient,
  torchCoefficient,
} from '../src/index.js';
import { caught } from './support/caught.js';
import { testModels } from './support/models.js';

const STATE = ['a', 'b'];
const DRIFT = ['1.5*(b - a)', 'a*t - b'];
const OWN = ['0.2*a', '0.2*b'];
const MATRIX = [
  ['0.2*a', '0.1*t', '0.1*b'],
  ['0.3*b', '0.25', '0'],
];
const RUN: SolveOptions = { t1: 1, x0: [1, 1.2], paths: 300, seed: 5 };

let file: (name: string) => string;
let load: (name: string) => Promise<TorchCoefficient>;

beforeAll(async () => {
  const models = await testModels();
  file = name => models(`coefficient-${name}`);
  load = name => torchCoefficient(file(name));
}, 120_000);

function farthest(a: SolveResult, b: SolveResult): number {
  return Math.max(...Array.from(a.states, (value, i) => Math.abs(value - b.states[i])));
}

describe('modules', () => {
  it('give the paths of text to float32, a noise a state and a matrix of noises', async () => {
    const drift = await load('drift');
    const cases: [
      OutsideSpec['diffusion'],
      Partial<OutsideSpec>,
      typeof OWN | typeof MATRIX,
      SolveOptions['solver'],
    ][] = [
      [await load('own'), { noise: 'diagonal' }, OWN, eulerMaruyama({ steps: 20 })],
      [await load('own'), { noise: 'diagonal' }, OWN, sriw1({ steps: 10 })],
      [await load('matrix'), { noise: 'general', noises: 3 }, MATRIX, eulerMaruyama({ steps: 20 })],
    ];
    for (const [diffusion, noise, known, solver] of cases) {
      const found = await solve(itoSde({ state: STATE, drift, diffusion, ...noise }), { ...RUN, solver });
      const wanted = await solve(itoSde({ state: STATE, drift: DRIFT, diffusion: known }), { ...RUN, solver });
      expect(farthest(found, wanted)).toBeLessThan(2e-6);
      expect(farthest(found, wanted)).toBeGreaterThan(0);
      expect(found.stats.totals).toEqual(wanted.stats.totals);
    }
  });

  it('adapt, go backwards, and stand beside text and functions', async () => {
    const [drift, diffusion] = [await load('drift'), await load('own')];
    const options = { ...RUN, t0: 1, t1: 0.5, solver: sriw1({ rtol: 1e-3, atol: 1e-4 }) };
    const wanted = await solve(itoSde({ state: STATE, drift: DRIFT, diffusion: OWN }), options);
    const function_: OutsideSpec['diffusion'] = (x, _, out) => {
      for (const [i, value] of x.entries()) out[i] = 0.2 * value;
    };
    for (const spec of [
      { drift, diffusion, noise: 'diagonal' },
      { drift, diffusion: OWN },
      { drift, diffusion: function_, noise: 'diagonal' },
    ] as const) {
      const found = await solve(itoSde({ state: STATE, ...spec }), options);
      // Steps are chosen by errors, which differ in the last bits: so may the paths, by no more than the tolerance.
      expect(farthest(found, wanted)).toBeLessThan(1e-3);
      const mean = (result: SolveResult) => [...result.states].reduce((sum, value) => sum + value) / 600;
      expect(Math.abs(mean(found) - mean(wanted))).toBeLessThan(1e-4);
    }
  });

  it('tell of a path the same in any company', async () => {
    const sde = itoSde({ state: STATE, drift: await load('drift'), diffusion: await load('own'), noise: 'diagonal' });
    const options = { ...RUN, solver: sriw1({ rtol: 1e-2, atol: 1e-3 }) };
    const { states } = await solve(sde, { ...options, paths: 5000 });
    for (const [firstIndex, paths] of [
      [0, 1],
      [4999, 1],
      [40, 7],
    ]) {
      const part = await solve(sde, { ...options, firstIndex, paths });
      expect(part.states).toEqual(states.subarray(2 * firstIndex, 2 * (firstIndex + paths)));
    }
  });

  it('have networkThreads, events, a hash, and are freed', async () => {
    using drift = await load('drift');
    expect(drift.sha256).toMatch(/^[0-9a-f]{64}$/);
    const again = await torchCoefficient(file('own'), { sha256: (await load('own')).sha256, dtype: 'float32' });
    const sde = itoSde({ state: STATE, drift, diffusion: again, noise: 'diagonal' });
    const events = [{ when: 'a - b' }];
    const options = {
      ...RUN,
      events,
      networkThreads: 1,
      saveAt: 'steps' as const,
      solver: eulerMaruyama({ steps: 8 }),
    };
    const { stats }: SolvedSteps = await solve(sde, options);
    expect(stats.ended.event).toBeGreaterThan(10);
    const running = solve(sde, RUN);
    drift.dispose();
    await running; // what has begun goes on
    const error = await caught(() => solve(sde, RUN));
    expect(error).toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option: 'itoSde.drift' });
    expect(error.hint).toMatch(/await torchCoefficient/);
  });
});

it('the example of a neural SDE tells the same of networks and of the equations behind them', async () => {
  const example = join(import.meta.dirname, '..', 'examples', '11-neural-sde.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [example]);
  const numbers = (beginning: string) =>
    [...stdout.matchAll(new RegExp(`${beginning}: (.*)`, 'g'))].map(([, rest]) => rest.split(' ').map(Number));
  const [networks, equations] = numbers('1.5, 2\\)');
  expect(networks).toHaveLength(8);
  // Of 4000 paths: five standard deviations of a difference are 0.05.
  for (const [i, share] of networks.entries()) expect(Math.abs(share - equations[i])).toBeLessThan(0.05);
  const [[one], [other]] = numbers('t = 8');
  expect(one).toBeGreaterThan(0.2);
  expect(Math.abs(one - other)).toBeLessThan(0.05);
}, 60_000);

describe('a module that is unfit', () => {
  const solveWith = (drift: TorchCoefficient, more: Partial<OutsideSpec> = {}) =>
    solve(itoSde({ state: STATE, drift, diffusion: OWN, ...more }), { ...RUN, solver: eulerMaruyama({ steps: 8 }) });

  it.each([
    ['mean', /mixes the rows of a call/],
    ['random', /answers the same x and t differently/],
  ])('%s', async (name, message) => {
    const error = await caught(async () => solveWith(await load(name)));
    expect(error).toMatchObject({ code: 'ERR_SDE_MODEL_INVALID', option: 'itoSde.drift' });
    expect(error.message).toMatch(message);
    expect(error.hint).not.toMatch(/batch: 1/); // of scores
  });

  it('because of its shape', async () => {
    const error = await caught(async () => solveWith(await load('matrix')));
    expect(error.code).toBe('ERR_SDE_MODEL_OUTPUT');
    expect(error.message).toMatch(/input's shape \[3, 2\]/);
    const diffusion = await load('own');
    const noise = { noise: 'general', noises: 3 } as const;
    const flat = await caught(() =>
      solve(itoSde({ state: STATE, drift: DRIFT, diffusion, ...noise }), {
        ...RUN,
        solver: eulerMaruyama({ steps: 2 }),
      }),
    );
    expect(flat.message).toMatch(/the shape \[3, 2, 3\] is expected/);
  });

  it('because it throws midway: the job ends with its words, and keeps what there was', async () => {
    const error = await caught(async () => solveWith(await load('raises')));
    expect(error.code).toBe('ERR_SDE_MODEL_FAILED');
    expect(error.message).toMatch(/too large/);
    expect((error.result as unknown as SolveResult).stats.ended.unfinished).toBe(300);
  });

  it('because of its file, its hash, its options, or this thread', async () => {
    expect(await caught(() => torchCoefficient('/nowhere.pt'))).toMatchObject({
      code: 'ERR_SDE_MODEL_NOT_FOUND',
      option: 'torchCoefficient.path',
    });
    expect(await caught(() => torchCoefficient(''))).toMatchObject({ option: 'torchCoefficient.path' });
    const hash = await caught(() => torchCoefficient(file('own'), { sha256: '0'.repeat(64) }));
    expect(hash).toMatchObject({ code: 'ERR_SDE_MODEL_HASH', option: 'torchCoefficient.sha256' });
    const options = { device: 'cuda' } as never;
    expect((await caught(() => torchCoefficient(file('own'), options))).code).toBe('ERR_SDE_UNKNOWN_OPTION');
    const copy = structuredClone({ ...(await load('drift')) }) as TorchCoefficient;
    const error = await caught(() => solveWith(copy));
    expect(error).toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option: 'itoSde.drift' });
    expect(error.hint).toMatch(/torchCoefficient/);
  });

  it('for step(), which says what to do', async () => {
    const sde = itoSde({ state: STATE, drift: await load('drift'), diffusion: OWN });
    const error = await caught(() => step(sde, eulerMaruyama({ steps: 1 }), { h: 0.1, x: [1, 1], dW: [0, 0] }));
    expect(error).toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option: 'step.problem' });
    expect(error.hint).toMatch(/solve\(\)/);
  });
});
