/** What goes wrong with drift and diffusion that are functions: in their description, in the choice of a solver, in their answers. */
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import {
  type CoefficientFunction,
  driftImplicit,
  eulerMaruyama,
  heun,
  itoSde,
  milstein,
  type OutsideSpec,
  ri1,
  type SolveResult,
  solve,
  sriw1,
  step,
  stratonovichSde,
} from '../src/index.js';
import { caught } from './support/caught.js';

const decay: CoefficientFunction = (x, _, out) => {
  for (const [i, value] of x.entries()) out[i] = -value;
};
const own: CoefficientFunction = (x, _, out) => {
  for (const [i, value] of x.entries()) out[i] = 0.1 * value;
};
const SPEC: OutsideSpec = { state: ['x'], noise: 'diagonal', drift: decay, diffusion: own };
const RUN = { t1: 1, x0: [1], paths: 50, solver: eulerMaruyama({ steps: 8 }) };

describe('a description', () => {
  it.each<[string, Record<string, unknown>, string, RegExp]>([
    ['without a class of noise', { noise: undefined }, 'noise', /cannot be found from a function/],
    ['with names for the class', { noise: ['W'] }, 'noise', /one of 'additive'/],
    ['with noises beside diagonal noise', { noises: 1 }, 'noises', /nothing beside noise 'diagonal'/],
    ['of general noise without their number', { noise: 'general' }, 'noises', /the number of noises/],
    ['with half a noise', { noise: 'general', noises: 1.5 }, 'noises', /integer/],
    [
      'with noises beside text',
      { diffusion: ['x'], noise: undefined, noises: 1 },
      'noises',
      /beside a diffusion as text/,
    ],
    ['with neither text nor function', { drift: 7 }, 'drift', /list of texts/],
    ['with equations beside functions', { equations: ['dx = 0*dt'] }, 'drift', /nothing beside equations/],
  ])('%s is refused', async (_, change, option, message) => {
    const error = await caught(() => itoSde({ ...SPEC, ...change } as OutsideSpec));
    expect(error.code).toBe('ERR_SDE_INVALID_OPTION');
    expect(error.option).toBe(`itoSde.${option}`);
    expect(error.message).toMatch(message);
  });

  it('of more entries than a function may have is refused', async () => {
    const state = Array.from({ length: 4096 }, (_, i) => `x${i}`);
    const error = await caught(() => itoSde({ ...SPEC, state, noise: 'general', noises: 17 }));
    expect(error).toMatchObject({ code: 'ERR_SDE_INVALID_EQUATION', option: 'itoSde.noises' });
  });

  it('tells what is declared, and gives the functions back', () => {
    const sde = itoSde({ ...SPEC, noise: 'general', noises: 3 });
    expect(sde).toMatchObject({ noiseClass: 'general', noises: ['W1', 'W2', 'W3'] });
    expect(sde.commutation).toEqual({ commutes: false, by: 'declared' });
    expect([sde.drift, sde.diffusion]).toEqual([decay, own]);
  });
});

describe('the other calculus', () => {
  it('is refused, save of additive noise, where both are the same', async () => {
    const sde = itoSde(SPEC);
    expect(sde.toIto()).toBe(sde);
    const error = await caught(() => sde.toStratonovich());
    expect(error).toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option: 'itoSde.diffusion' });
    expect(error.hint).toMatch(/½ Σ_j L\^j g_j/);
    const other = await caught(() => stratonovichSde({ state: ['x'], drift: decay, diffusion: ['x'] }).toIto());
    expect(other.option).toBe('stratonovichSde.drift');
    expect(itoSde({ ...SPEC, noise: 'additive' }).toStratonovich()).toMatchObject({
      calculus: 'stratonovich',
      noiseClass: 'additive',
    });
  });
});

describe('a solver', () => {
  it.each([
    ['derivatives of the diffusion', milstein({ steps: 4 }), SPEC],
    ['derivatives of the drift', driftImplicit({ steps: 4 }), SPEC],
    ['single columns of the diffusion', ri1({ steps: 4 }), { ...SPEC, noise: 'general', noises: 2 }],
  ] as const)('that needs %s is refused, with those that do not', async (words, solver, spec) => {
    const error = await caught(() => solve(itoSde(spec as OutsideSpec), { ...RUN, solver }));
    expect(error).toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option: 'solve.solver' });
    expect(error.hint).toContain(words);
    expect(error.hint).toMatch(/Take .*eulerMaruyama/);
    expect(error.hint).not.toMatch(/Take .*milstein,/);
  });

  it('has the derivatives of what is text', async () => {
    const sde = itoSde({ ...SPEC, drift: ['-x'] });
    const known = itoSde({ state: ['x'], drift: ['-x'], diffusion: ['0.1*x'] });
    const options = { ...RUN, solver: driftImplicit({ steps: 4 }) };
    expect((await solve(sde, options)).states).toEqual((await solve(known, options)).states);
    const mixed = itoSde({ state: ['x'], drift: decay, diffusion: ['0.1*x'] });
    const adaptive = { ...RUN, solver: milstein() };
    expect((await solve(mixed, adaptive)).states).toEqual((await solve(known, adaptive)).states);
  });

  it('of the other calculus, or for other noise, is refused without a conversion', async () => {
    const calculus = await caught(() => solve(itoSde(SPEC), { ...RUN, solver: heun({ steps: 4 }) }));
    expect(calculus.hint).toMatch(/Take .*eulerMaruyama/);
    expect(calculus.hint).not.toMatch(/toStratonovich/);
    const noise = await caught(() =>
      solve(itoSde({ ...SPEC, noise: 'general', noises: 1 }), { ...RUN, solver: sriw1() }),
    );
    expect(noise.hint).toMatch(/sriw1 can do diagonal, scalar noise/);
    expect(noise.hint).not.toMatch(/toStratonovich/);
  });

  it('is chosen where one fits, and asked for where none adapts', async () => {
    expect((await solve(itoSde(SPEC), { ...RUN, solver: undefined })).stats.solver.kind).toBe('sriw1');
    const error = await caught(() =>
      solve(itoSde({ ...SPEC, noise: 'general', noises: 1 }), { ...RUN, solver: undefined }),
    );
    expect(error.option).toBe('solve.solver');
    expect(error.hint).toMatch(/cannot be converted.*eulerMaruyama.*{ steps }/);
  });
});

/** A drift that does something else from its third call on. */
function spoilt(instead: CoefficientFunction): { drift: CoefficientFunction; calls: () => number } {
  let calls = 0;
  const drift: CoefficientFunction = (...all) => (++calls >= 3 ? instead(...all) : decay(...all));
  return { drift, calls: () => calls };
}

describe('a function that fails', () => {
  const nothing = Object.create(null);
  const raised = (cause: unknown) => () => {
    throw cause;
  };
  it.each<[string, CoefficientFunction, unknown]>([
    ['throws', raised(nothing), nothing],
    ['throws undefined', raised(undefined), undefined],
    ['rejects', () => Promise.reject(nothing), nothing],
    ['rejects with undefined', () => Promise.reject(), undefined],
  ])('because it %s, ends the job with that for a cause', async (_, fails, cause) => {
    const { drift, calls } = spoilt(fails);
    const error = await caught(() => solve(itoSde({ ...SPEC, drift }), { ...RUN, saveAt: [0.25, 1] }));
    expect(error).toMatchObject({ code: 'ERR_SDE_CALLBACK_FAILED', option: 'itoSde.drift' });
    expect(error.cause).toBe(cause);
    expect(calls()).toBe(3);
    // What there was before.
    const { states, stats } = error.result as unknown as SolveResult;
    expect(stats.ended.unfinished).toBe(50);
    expect(states[0]).not.toBe(0);
  });

  it.each<[string, unknown, RegExp]>([
    ['is too short', new Float64Array(3), /a Float64Array of 50 numbers, got a Float64Array of 3/],
    ['is a Float32Array', new Float32Array(50), /got object/],
    ['is a list', [1, 2], /got object/],
    ['is null', null, /got object/],
    ['comes later, too short', Promise.resolve(new Float64Array(3)), /got a Float64Array of 3/],
  ])('because its answer %s', async (_, answer, message) => {
    const error = await caught(() => solve(itoSde({ ...SPEC, diffusion: () => answer as never }), RUN));
    expect(error).toMatchObject({ code: 'ERR_SDE_CALLBACK_FAILED', option: 'itoSde.diffusion' });
    expect((error.cause as Error).message).toMatch(message);
  });

  it('because it gave its array away', async () => {
    const drift: CoefficientFunction = (_x, _t, out) => {
      structuredClone(out, { transfer: [out.buffer as ArrayBuffer] });
    };
    const error = await caught(() => solve(itoSde({ ...SPEC, drift }), RUN));
    expect(error.code).toBe('ERR_SDE_CALLBACK_FAILED');
    expect(error.message).toMatch(/transferred away/);
  });

  it('loses no path that was finished before', async () => {
    let calls = 0;
    const drift: CoefficientFunction = (...all) => (++calls > 12 ? raised('late')() : decay(...all));
    const options = { ...RUN, paths: 5000 };
    const error = await caught(() => solve(itoSde({ ...SPEC, drift }), options));
    const { states, stats } = error.result as unknown as SolveResult;
    expect(stats.ended).toMatchObject({ success: 4096, unfinished: 904 });
    expect(states.subarray(0, 4096)).toEqual((await solve(itoSde(SPEC), options)).states.subarray(0, 4096));
    calls = 0;
    const reduced = await caught(() => solve(itoSde({ ...SPEC, drift }), { ...options, reductions: {} }));
    expect(reduced).toMatchObject({ code: 'ERR_SDE_CALLBACK_FAILED', result: { statistics: [{ count: 4096 }] } });
  });
});

it('a path whose answer is NaN, or forgotten, is not finite; the others go on', async () => {
  const forgets: CoefficientFunction = (x, _, out, { indices }) => {
    for (const [i, value] of x.entries()) if (indices[i] !== 107) out[i] = -value;
  };
  for (const solver of [RUN.solver, sriw1()]) {
    const options = { ...RUN, firstIndex: 100, solver };
    const error = await caught(() => solve(itoSde({ ...SPEC, drift: forgets }), options));
    expect(error.code).toBe('ERR_SDE_PATH_FAILED');
    const { states, stats } = error.result as unknown as SolveResult;
    expect(stats.ended).toMatchObject({ success: 49, nonFinite: 1 });
    expect(stats.status[7]).toBe('nonFinite');
    const { states: wanted } = await solve(itoSde(SPEC), options);
    for (const [i, value] of wanted.entries()) expect(states[i]).toBe(i === 7 ? Number.NaN : value);
  }
});

it('a function may return its own array, now or later', async () => {
  const wanted = (await solve(itoSde(SPEC), RUN)).states;
  const now = itoSde({ ...SPEC, drift: x => x.map(value => -value) });
  const later = itoSde({
    ...SPEC,
    drift: async x =>
      setTimeout(
        1,
        x.map(value => -value),
      ),
  });
  expect((await solve(now, RUN)).states).toEqual(wanted);
  expect((await solve(later, RUN)).states).toEqual(wanted);
});

it('functions may solve something else themselves', async () => {
  const drift: CoefficientFunction = async (x, t, out, info) => {
    await solve(itoSde(SPEC), { ...RUN, paths: 2 });
    return decay(x, t, out, info);
  };
  const options = { ...RUN, solver: eulerMaruyama({ steps: 2 }) };
  expect((await solve(itoSde({ ...SPEC, drift }), options)).states).toEqual(
    (await solve(itoSde(SPEC), options)).states,
  );
});

it('a CUDA device is refused, since functions answer on the CPU', async () => {
  const error = await caught(() => solve(itoSde(SPEC), { ...RUN, device: 'cuda' }));
  expect(error).toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option: 'solve.device' });
  expect(error.hint).toMatch(/as text/);
});

describe('an abort', () => {
  it('stops within one question, with what there is', async () => {
    const controller = new AbortController();
    const { drift, calls } = spoilt((...all) => {
      controller.abort('enough');
      return decay(...all);
    });
    const error = await caught(() => solve(itoSde({ ...SPEC, drift }), { ...RUN, signal: controller.signal }));
    expect(error).toMatchObject({ code: 'ERR_SDE_ABORTED', cause: 'enough' });
    expect((error.result as unknown as SolveResult).stats.ended.unfinished).toBe(50);
    expect(calls()).toBe(3);
  });

  it('waits for no promise', async () => {
    const controller = new AbortController();
    const { drift } = spoilt(() => {
      controller.abort();
      return new Promise(() => {});
    });
    const error = await caught(() => solve(itoSde({ ...SPEC, drift }), { ...RUN, signal: controller.signal }));
    expect(error.code).toBe('ERR_SDE_ABORTED');
  });

  it('comes through between questions that are answered at once', async () => {
    const run = { ...RUN, paths: 1, solver: eulerMaruyama({ steps: 1e7 }) };
    const error = await caught(() => solve(itoSde(SPEC), { ...run, signal: AbortSignal.timeout(50) }));
    expect(error.code).toBe('ERR_SDE_ABORTED');
  });

  it('by onProgress, which is told as paths are done', async () => {
    const told: number[] = [];
    const onProgress = ({ finished }: { finished: number }) => void told.push(finished);
    await solve(itoSde(SPEC), { ...RUN, paths: 9000, onProgress });
    expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
    expect(told.at(-1)).toBe(9000);
    const thrown = new Error('no more');
    const fails = () => {
      throw thrown;
    };
    await expect(solve(itoSde(SPEC), { ...RUN, onProgress: fails })).rejects.toBe(thrown);
  });
});

describe('step', () => {
  const given = { h: 0.1, x: [1], dW: [0] };

  it('refuses a promise, and says what to do', async () => {
    const error = await caught(() => step(itoSde({ ...SPEC, drift: async () => {} }), RUN.solver, given));
    expect(error).toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option: 'step.problem' });
    expect(error.hint).toMatch(/solve\(\)/);
  });

  it('throws what the function fails with', async () => {
    const drift = () => {
      throw undefined;
    };
    const error = await caught(() => step(itoSde({ ...SPEC, drift }), RUN.solver, given));
    expect(error).toMatchObject({ code: 'ERR_SDE_CALLBACK_FAILED', option: 'itoSde.drift' });
    const short = await caught(() => step(itoSde({ ...SPEC, drift: () => new Float64Array(2) }), RUN.solver, given));
    expect((short.cause as Error).message).toMatch(/of 1 numbers/);
  });
});

it('a worker that is terminated in the midst of a question ends', async () => {
  const program = `
    const { parentPort, workerData } = require('node:worker_threads');
    import(workerData).then(({ itoSde, solve, eulerMaruyama }) => {
      const drift = () => (parentPort.postMessage('asked'), new Promise(() => {}));
      const sde = itoSde({ state: ['x'], noise: 'additive', drift, diffusion: drift });
      solve(sde, { t1: 1, x0: [1], solver: eulerMaruyama({ steps: 8 }) });
      setInterval(() => {}, 1000);
    });`;
  const worker = new Worker(program, { eval: true, workerData: new URL('../dist/esm/index.js', import.meta.url).href });
  await new Promise(resolve => worker.once('message', resolve));
  expect(await worker.terminate()).toBe(1);
});
