/** A run that goes on from an earlier one's end has the bits of a run that never stopped. */
import { deserialize, serialize } from 'node:v8';
import { expect, test } from 'vitest';
import { type Checkpoint, eulerMaruyama, heun, itoSde, type SolveOptions, solve, sra1, sriw1 } from '../src/index.js';

const growth = itoSde({
  state: ['x', 'y'],
  params: { k: Float64Array.from({ length: 40 }, (_, i) => 0.5 + i / 40) },
  equations: ['dx = k*x*cos(3*t)*dt + 0.4*x*dW1', 'dy = (x - y)*dt + 0.3*y*dW2'],
});
const base = { x0: [1, 0.5], paths: 40, seed: 7, firstIndex: 1000, t1: 2 } satisfies SolveOptions;
type Bits = { states: Float64Array | Float32Array };
const bits = ({ states }: Bits) => Buffer.from(states.buffer, states.byteOffset, states.byteLength).toString('hex');
const sent = (checkpoint: Checkpoint | undefined) => deserialize(serialize(checkpoint)) as Checkpoint;

/** The second half of a run in one piece, and of one that stopped at `pause`. */
async function bothWays(pause: number, whole: SolveOptions, first: Partial<SolveOptions>, later = {}) {
  const straight = await solve(growth, { ...whole, saveAt: [pause, whole.t1] });
  const begun = await solve(growth, { ...whole, ...first, t1: pause });
  const resumed = await solve(growth, { resume: sent(begun.checkpoint), t1: whole.t1, ...later });
  const second = straight.states.filter((_, i) => Math.floor(i / 2) % 2 === 1);
  return { straight: bits({ states: second }), resumed: bits(resumed), begun, end: resumed };
}

for (const precision of ['float64', 'float32'] as const) {
  for (const pause of [1, 37 / 64]) {
    test(`equal steps go on bit for bit: ${precision}, from ${pause}`, async () => {
      const whole = { ...base, precision, solver: eulerMaruyama({ steps: 128 }) };
      const steps = 64 * pause;
      const { straight, resumed } = await bothWays(pause, whole, { solver: eulerMaruyama({ steps }) });
      expect(resumed).toBe(straight);
    });

    test(`steps of the paths' own go on bit for bit: ${precision}, from ${pause}`, async () => {
      const solver = sriw1({ rtol: 1e-3, h0: 0.3, hMax: 0.5 });
      const { straight, resumed, begun } = await bothWays(pause, { ...base, precision, solver }, {});
      expect(begun.stats.totals.rejected).toBeGreaterThan(40);
      expect(resumed).toBe(straight);
    });
  }
}

test('steps of several pieces of a shared Brownian path go on, and W with them', async () => {
  const whole = { ...base, solver: eulerMaruyama({ steps: 32 }), path: { steps: 96 }, saveW: true };
  const first = { solver: eulerMaruyama({ steps: 9 }), path: { steps: 27 } };
  const { straight, resumed, end } = await bothWays(9 / 16, whole, first, { saveW: true });
  expect(resumed).toBe(straight);
  const { W } = await solve(growth, whole);
  expect(bits({ states: end.W! })).toBe(bits({ states: W! }));
});

test('runs go on backwards in time, and again and again', async () => {
  const back = { ...base, t0: 1, t1: -1 };
  const straight = await solve(growth, { ...back, solver: eulerMaruyama({ steps: 128 }) });
  let run = await solve(growth, { ...back, t1: 0.75, solver: eulerMaruyama({ steps: 16 }) });
  for (const t1 of [0.5, -0.25, -1]) run = await solve(growth, { resume: run.checkpoint, t1 });
  expect(bits(run)).toBe(bits(straight));
  expect(run.times).toEqual(Float64Array.of(-1));
});

test('paths that ended stay as they were, and events are those of one run', async () => {
  const events = [{ when: 'x - 0.8' }, { when: 'y - 0.7', terminal: false }];
  for (const solver of [(steps: number) => eulerMaruyama({ steps }), () => heun({ h0: 0.1, hMax: 0.1 })]) {
    const sde = growth.toStratonovich();
    const problem = solver(1).kind === 'heun' ? sde : growth;
    const whole = { ...base, events, solver: solver(64), saveAt: [1, 2], onFailure: 'keep' } satisfies SolveOptions;
    const straight = await solve(problem, whole);
    const begun = await solve(problem, { ...whole, t1: 1, saveAt: 'end', solver: solver(32) });
    const end = await solve(problem, { resume: begun.checkpoint, t1: 2, events, onFailure: 'keep' });
    expect(begun.stats.ended.event).toBeGreaterThan(3);
    expect(end.stats.ended.event).toBeGreaterThan(begun.stats.ended.event);
    expect(end.stats.status).toEqual(straight.stats.status);
    expect(end.stats.endTimes).toEqual(straight.stats.endTimes);
    expect(bits(end)).toBe(bits({ states: straight.states.filter((_, i) => Math.floor(i / 2) % 2 === 1) }));
    const counts = begun.stats.events!.counts.map((count, i) => count + end.stats.events!.counts[i]);
    expect(counts).toEqual(straight.stats.events!.counts);
  }
});

test('a path that failed stays failed; the others go on', async () => {
  const bursts = itoSde({
    state: ['x'],
    params: { a: Float64Array.of(0, 1, 0) },
    equations: ['dx = a*x^2*dt + 0.1*dW'],
  });
  const first = await solve(bursts, {
    x0: [3],
    paths: 3,
    t1: 1,
    solver: eulerMaruyama({ steps: 400 }),
    onFailure: 'keep',
  });
  expect(first.stats.status).toEqual(['success', 'nonFinite', 'success']);
  const later = await solve(bursts, { resume: first.checkpoint, t1: 2, onFailure: 'keep' });
  expect(later.stats.status).toEqual(['success', 'nonFinite', 'success']);
  expect(later.stats.endTimes[1]).toBe(first.stats.endTimes[1]);
  expect(later.states[1]).toBeNaN();
});

test('additive noise with areas goes on too', async () => {
  const sde = itoSde({ state: ['x'], equations: ['dx = -x*dt + (1 + 0.5*t)*dW'] });
  const options = {
    x0: [1],
    paths: 20,
    solver: sra1({ rtol: 1e-4, h0: 0.5, hMax: 1 }),
  } satisfies Partial<SolveOptions>;
  const straight = await solve(sde, { ...options, t1: 3, saveAt: [1.3, 3] });
  const begun = await solve(sde, { ...options, t1: 1.3 });
  const resumed = await solve(sde, { resume: begun.checkpoint, t1: 3 });
  expect(bits(resumed)).toBe(bits({ states: straight.states.filter((_, i) => i % 2 === 1) }));
});

test('what cannot go on is refused with what to do', async () => {
  const run = await solve(growth, { ...base, t1: 1, solver: eulerMaruyama({ steps: 10 }) });
  const refused = async (options: SolveOptions, option: string, text: RegExp) => {
    await expect(solve(growth, options)).rejects.toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option });
    await expect(solve(growth, options)).rejects.toThrow(text);
  };
  const resume = run.checkpoint!;
  await refused({ resume, t1: 2, seed: 3 }, 'solve.seed', /beside resume/);
  await refused({ resume, t1: 1.25 }, 'solve.t1', /1\.2.*and 1\.3/);
  await refused({ resume, t1: 1 }, 'solve.t1', /another time/);
  await refused({ resume, t1: 2, saveW: true }, 'solve.resume.W', /Float64Array/);
  await refused({ resume: { ...resume, states: new Float64Array(3) }, t1: 2 }, 'solve.resume.states', /80/);
  await refused({ resume: { ...resume, steps: { length: 0.1, done: 3 } }, t1: 2 }, 'solve.resume', /steps/);
  const shared = await solve(growth, { ...base, solver: sriw1(), path: { steps: 64 } });
  await refused({ resume: shared.checkpoint, t1: 3 }, 'solve.resume', /equal steps/);
});
