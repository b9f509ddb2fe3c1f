/** What itoSde() returns: its facts, parameters, programs' entries, the probe, and large systems. */
import { describe, expect, it } from 'vitest';
import { checkedEquations, lower, paramsByPath, probeAt } from '../src/equations/sde.js';
import { itoSde } from '../src/index.js';
import { caught } from './support/caught.js';
import { runProgram } from './support/run-program.js';

const cir = () => ({
  state: ['v'],
  params: { kappa: 2, s: 0.5 },
  equations: ['dv = kappa*(1 - v)*dt + s*sqrt(max(v, 0))*dW1'],
});

describe('an SDE', () => {
  it('says what it is, and is frozen', () => {
    const sde = itoSde({ ...cir(), domain: ['v >= 0'] });
    expect(sde).toMatchObject({
      calculus: 'ito',
      states: ['v'],
      noises: ['W1'],
      params: { kappa: 2, s: 0.5 },
      noiseClass: 'diagonal',
      domain: ['v >= 0'],
      drift: ['kappa*(1 - v)'],
      diffusion: ['s*sqrt(max(v, 0))'],
    });
    expect([sde, sde.states, sde.noises, sde.params, sde.domain, sde.commutation].every(Object.isFrozen)).toBe(true);
  });

  it('may be made again from what it says', () => {
    const sde = itoSde({
      state: ['x', 'y'],
      params: { a: 2 },
      equations: ['dx = a*y*dWb', 'dy = x*dt + dWa'],
      domain: ['x < 10'],
    });
    const { states, params, noises, drift, diffusion, domain } = sde;
    const again = itoSde({ state: states, params, noise: noises, drift, diffusion: diffusion as string[][], domain });
    expect(again).toEqual(sde);
    expect(lower(again, { needs: ['jacobian'] })).toEqual(lower(sde, { needs: ['jacobian'] }));
  });

  it('takes other parameters, which may change the class of its noise', async () => {
    const sde = itoSde(cir());
    const other = sde.withParams({ s: 0 });
    expect([sde.noiseClass, other.noiseClass, other.params]).toEqual(['diagonal', 'additive', { kappa: 2, s: 0 }]);
    expect(lower(other).entries.length).toBe(0);
    const error = await caught(() => sde.withParams({ kapa: 1 }));
    expect(error.message).toMatch(/withParams.kapa: unknown parameter. Did you mean kappa\?/);
    expect((await caught(() => sde.withParams({ kappa: Number.NaN }))).code).toBe('ERR_SDE_INVALID_OPTION');
  });

  it('keeps a copy of parameters that differ by path', () => {
    const s = Float64Array.of(0.1, 0.2);
    const sde = itoSde({ ...cir(), params: { kappa: Float32Array.of(1, 2), s } });
    s[0] = 9;
    expect(paramsByPath(sde)).toEqual([
      { name: 'kappa', values: Float32Array.of(1, 2) },
      { name: 's', values: Float64Array.of(0.1, 0.2) },
    ]);
    const { params, drift, diffusion } = lower(sde);
    expect([params, runProgram(drift, [3], 0, [2, 0.2]), runProgram(diffusion, [4], 0, [2, 0.2])]).toEqual([
      2,
      [-4],
      [0.4],
    ]);
  });

  it('is recognised, and a copy is not', async () => {
    const sde = itoSde(cir());
    expect(checkedEquations('problem', sde)).toBe(sde);
    for (const other of [structuredClone({ ...sde }), null, 3, cir()]) {
      const error = await caught(() => checkedEquations('problem', other));
      expect(error).toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option: 'problem' });
    }
  });
});

describe('lowered', () => {
  it('diffusion has the entries that are not zero, by state, then noise', () => {
    const sde = itoSde({
      state: ['x', 'y'],
      drift: [0, 0],
      diffusion: [
        ['0', 'x', '2'],
        ['y', 0, 'x - x'],
      ],
    });
    const { entries, diffusion, noises } = lower(sde);
    expect([noises, entries]).toEqual([3, Int32Array.of(0, 1, 0, 2, 1, 0)]);
    expect(runProgram(diffusion, [5, 7], 0)).toEqual([5, 2, 7]);
  });

  it("Milstein's terms are L^j1 g(i, j2) for j1 <= j2", () => {
    const sde = itoSde({
      state: ['x', 'y'],
      drift: [0, 0],
      diffusion: [
        ['x', 'y'],
        ['y', 'x'],
      ],
    });
    const { program, entries } = lower(sde, { needs: ['milstein'] }).milstein!;
    // g_1 = (x, y), g_2 = (y, x): L1 g_1 = (x, y), L1 g_2 = (y, x), L2 g_2 = (x, y).
    expect(entries).toEqual(Int32Array.of(0, 0, 0, 0, 0, 1, 0, 1, 1, 1, 0, 0, 1, 0, 1, 1, 1, 1));
    expect(runProgram(program, [3, 5], 0)).toEqual([3, 5, 3, 5, 3, 5]);
  });

  it('g g′ of a diagonal is finite at the edge', () => {
    const { program } = lower(itoSde(cir()), { needs: ['milstein'] }).milstein!;
    for (const [v, exact] of [
      [4, 0.125],
      [0, 0.125],
      [-1, 0],
    ]) {
      expect(runProgram(program, [v], 0)).toEqual([exact]);
    }
  });

  it('the Jacobian has ∂f_i/∂x_j, by i, then j', () => {
    const sde = itoSde({
      state: ['x', 'y', 'z'],
      drift: ['10*(y - x)', 'x*(28 - z) - y', 'x*y - 8/3*z'],
      diffusion: [1, 1, 1],
    });
    const { program, entries } = lower(sde, { needs: ['jacobian'] }).jacobian!;
    expect(entries).toEqual(Int32Array.of(0, 0, 0, 1, 1, 0, 1, 1, 1, 2, 2, 0, 2, 1, 2, 2));
    expect(runProgram(program, [2, 3, 4], 0)).toEqual([-10, 10, 24, -1, -2, 3, 2, -8 / 3]);
  });

  it('a domain has an output a condition', () => {
    const { domain } = lower(
      itoSde({
        ...cir(),
        domain: ['v >= 0', 'v < 2 and t < 1', '0 <= v <= 1', 't < 1 ? v > 0 : not (v > 1 or v < 0)'],
      }),
    );
    expect(runProgram(domain!, [0.5], 0)).toEqual([1, 1, 1, 1]);
    expect(runProgram(domain!, [1.5], 2)).toEqual([1, 0, 0, 0]);
    expect(runProgram(domain!, [Number.NaN], 0)).toEqual([0, 0, 0, 0]);
    expect(lower(itoSde(cir())).domain).toBeUndefined();
  });

  it('without noise there is nothing to diffuse', () => {
    const { noises, entries, diffusion } = lower(itoSde({ state: ['x'], equations: ['dx = -x*dt'] }));
    expect([noises, entries.length, diffusion.code.length]).toEqual([0, 0, 0]);
    const { states, noises: none, drift, diffusion: rows } = itoSde({ state: ['x'], equations: ['dx = -x*dt'] });
    const again = itoSde({ state: states, noise: none, drift, diffusion: rows as string[][] });
    expect([again.noises, again.noiseClass, lower(again).noises]).toEqual([[], 'additive', 0]);
  });
});

describe('the probe', () => {
  const probed = (drift: string, x: number, more: object = {}) =>
    probeAt(
      itoSde({
        state: ['x'],
        params: { k: Float64Array.of(1, Number.NaN) },
        drift: [drift],
        diffusion: ['1'],
        ...more,
      }),
      { t: 0, x: [x] },
    );

  it.each([
    ['1/(x - 1)', 1, /division by zero at t = 0, x = 1/, '1/(x - 1)'],
    ['2*log(x)', 0, /the logarithm of 0/, 'log(x)'],
    ['log(x) + 1', -2, /complex value: the logarithm of -2/, 'log(x)'],
    ['1 + sqrt(x*3)', -1, /complex value: the square root of -3/, 'sqrt(x*3)'],
    ['x^0.3', -1, /complex value: the power 0.3 of -1/, 'x^0.3'],
    ['x^-2', 0, /a negative power of 0/, 'x^-2'],
    ['asin(2*x)', 1, /complex value: asin\(2\)/, 'asin(2*x)'],
    ['exp(1000*x)', 1, /too large/, 'exp(1000*x)'],
    ['x > 0 ? log(x) : 1/(x + 1)', -1, /division by zero/, '1/(x + 1)'],
    ['x', Number.NaN, /the state x is no finite number/, 'x'],
  ])('%s at %d', async (drift, x, message, mark) => {
    const error = await caught(() => probed(drift, x));
    expect(error).toMatchObject({ code: 'ERR_SDE_INVALID_EQUATION', option: 'itoSde.drift[0]' });
    expect(error.message).toMatch(message);
    const [text, under] = error.message.split('\n').slice(-2);
    expect(text.slice(under.indexOf('^'), under.lastIndexOf('^') + 1)).toBe(mark);
  });

  it('does not look at a branch that is not taken', () => {
    expect(() => probed('x > 0 ? log(x) : 0', -1)).not.toThrow();
    expect(() => probed('min(1/x, 3)', 0)).not.toThrow();
  });

  it('looks at the values of one path', async () => {
    const sde = itoSde({
      state: ['x'],
      params: { k: Float64Array.of(1, Number.NaN) },
      drift: ['k*x'],
      diffusion: ['1'],
    });
    expect(() => probeAt(sde, { t: 0, x: [1] })).not.toThrow();
    const error = await caught(() => probeAt(sde, { t: 0, x: [1], path: 1 }));
    expect(error.message).toMatch(/the parameter k is no finite number/);
  });

  it('is about what was converted too', async () => {
    const sde = itoSde({ state: ['x'], drift: ['0'], diffusion: ['x^0.4'] }).toStratonovich();
    expect((await caught(() => probeAt(sde, { t: 0, x: [0] }))).message).toMatch(
      /^itoSde: division by zero at t = 0, x = 0/,
    );
  });

  it('wants the start inside of the domain', async () => {
    const error = await caught(() => probed('x', -1, { domain: ['x < 3', 'x >= 0'] }));
    expect(error).toMatchObject({ option: 'itoSde.domain[1]' });
    expect(error.message).toMatch(/does not hold at t = 0, x = -1/);
  });
});

describe('large systems', () => {
  it('1000 states with neighbours', () => {
    const state = Array.from({ length: 1000 }, (_, i) => `x${i}`);
    const at = (i: number) => state[(i + 1000) % 1000];
    const drift = state.map((name, i) => `(${at(i + 1)} - ${at(i - 2)})*${at(i - 1)} - ${name} + 8`);
    const sde = itoSde({ state, drift, diffusion: state.map(name => `0.1*${name}`) });
    expect(sde.noiseClass).toBe('diagonal');
    const { jacobian, milstein } = lower(sde.toStratonovich(), { needs: ['jacobian', 'milstein'] });
    expect([jacobian!.entries.length, milstein!.entries.length]).toEqual([2 * 4000, 3 * 1000]);
  });

  it('300 states that all see their mean', () => {
    const state = Array.from({ length: 300 }, (_, i) => `x${i}`);
    const mean = `(${state.join(' + ')})/300`;
    const sde = itoSde({ state, drift: state.map(name => `${mean} - ${name}`), diffusion: state.map(() => 1) });
    const { drift, jacobian } = lower(sde, { needs: ['jacobian'] });
    // The mean once, then a difference each.
    expect(drift.code.length / 6).toBe(300 + 300);
    expect(jacobian!.entries.length).toBe(2 * 300 * 300);
  });
});
