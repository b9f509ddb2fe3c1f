/** The class of noise of known problems, and the change of calculus against what was derived by hand. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lower, lowerFunction } from '../src/equations/sde.js';
import { type EquationSde, itoSde, type NoiseClass, type SdeSpec, stratonovichSde } from '../src/index.js';
import { rounds } from './support/rounds.js';
import { runProgram } from './support/run-program.js';

const CASES: [name: string, noiseClass: NoiseClass, by: string, spec: SdeSpec][] = [
  ['no noise', 'additive', 'form', { state: ['x'], equations: ['dx = -x*dt'] }],
  ['zeros', 'additive', 'form', { state: ['x', 'y'], drift: ['y', '-x'], diffusion: ['0', '0'] }],
  ['a parameter that is 0', 'additive', 'form', { state: ['x'], params: { s: 0 }, drift: ['-x'], diffusion: ['s*x'] }],
  ['Ornstein-Uhlenbeck', 'additive', 'form', { state: ['x'], drift: ['-x'], diffusion: ['0.3*(1 + sin(t))'] }],
  ['Langevin', 'additive', 'form', { state: ['x', 'v'], equations: ['dx = v*dt', 'dv = -x*dt - v*dt + 0.5*dW1'] }],
  [
    'additive, correlated',
    'additive',
    'form',
    {
      state: ['x', 'y'],
      drift: ['y', 'x'],
      diffusion: [
        ['1', '0.5', '0'],
        ['t', '2', '1'],
      ],
    },
  ],
  ['geometric Brownian motion', 'diagonal', 'form', { state: ['x'], drift: ['x'], diffusion: ['0.5*x'] }],
  ['own state', 'diagonal', 'form', { state: ['x', 'y'], drift: ['y', 'x'], diffusion: ['0.5*x', 'sqrt(1 + y^2)'] }],
  [
    'own state, noises crossed',
    'diagonal',
    'form',
    { state: ['x', 'y'], noise: ['W1', 'W2'], equations: ['dx = x*dW2', 'dy = y*dW1'] },
  ],
  [
    'Langevin with a state-dependent friction',
    'general',
    'numbers',
    { state: ['x', 'v', 'w'], equations: ['dx = v*dt', 'dv = x*dW1', 'dw = v*dW2'] },
  ],
  [
    'one noise',
    'scalar',
    'form',
    { state: ['x', 'y'], drift: ['0', '0'], diffusion: ['x*y', 'sin(x)'], noise: 'scalar' },
  ],
  ['one noise, in equations', 'scalar', 'form', { state: ['x', 'y'], equations: ['dx = y*dW', 'dy = -x*dW'] }],
  [
    'a diagonal matrix with g_1(y)',
    'general',
    'numbers',
    { state: ['x', 'y'], drift: ['0', '0'], diffusion: ['y', '0.5*y'] },
  ],
  [
    'a diagonal matrix with g_1(y), g_2 additive',
    'general',
    'numbers',
    { state: ['x', 'y'], drift: ['0', '0'], diffusion: ['y', '1'] },
  ],
  [
    'own states, two of them with one noise',
    'commutative',
    'symbols',
    { state: ['x', 'y', 'z'], equations: ['dx = x*dW1', 'dy = y*dW1', 'dz = z*dW2'] },
  ],
  [
    'two noises of one state',
    'commutative',
    'symbols',
    { state: ['x'], params: { a: 0.6, b: 0.8 }, drift: ['0'], diffusion: [['a*x', 'b*x']] },
  ],
  [
    'assets with correlated noises',
    'commutative',
    'symbols',
    {
      state: ['x', 'y'],
      params: { rho: 0.5, a: 0.2, b: 0.3 },
      equations: ['dx = a*x*dW1', 'dy = b*y*(rho*dW1 + sqrt(1 - rho^2)*dW2)'],
    },
  ],
  [
    'two noises, commuting by identities',
    'commutative',
    'numbers',
    {
      state: ['x'],
      drift: ['0'],
      diffusion: [['sin(x)*cos(x)', 'sin(2*x)']],
    },
  ],
  [
    'two noises of one state that do not commute',
    'general',
    'numbers',
    { state: ['x'], drift: ['0'], diffusion: [['x', '1']] },
  ],
  [
    'commuting matrices',
    'commutative',
    'numbers',
    {
      // [[a, b], [b, a]] for both noises: multiples of one another's eigenvectors.
      state: ['x', 'y'],
      drift: ['0', '0'],
      diffusion: [
        ['x + y', 'x - y'],
        ['x + y', 'y - x'],
      ],
    },
  ],
  [
    'columns with the states swapped',
    'commutative',
    'symbols',
    {
      state: ['x', 'y'],
      drift: ['0', '0'],
      diffusion: [
        ['x', 'y'],
        ['y', 'x'],
      ],
    },
  ],
  [
    'Heston',
    'general',
    'numbers',
    {
      state: ['S', 'v'],
      params: { r: 0.03, kappa: 1.5, theta: 0.04, xi: 0.5, rho: -0.7 },
      equations: [
        'dS = r*S*dt + sqrt(max(v,0))*S*dW1',
        'dv = kappa*(theta-v)*dt + xi*sqrt(max(v,0))*(rho*dW1 + sqrt(1-rho^2)*dW2)',
      ],
    },
  ],
  [
    'Heston without volatility of its volatility',
    'diagonal',
    'form',
    {
      state: ['S', 'v'],
      params: { xi: 0 },
      equations: ['dS = S*dW1', 'dv = (1 - v)*dt + xi*sqrt(max(v,0))*dW2'],
    },
  ],
  [
    'Levy area',
    'general',
    'numbers',
    {
      state: ['x', 'y', 'A'],
      drift: ['0', '0', '0'],
      diffusion: [
        ['1', '0'],
        ['0', '1'],
        ['-y/2', 'x/2'],
      ],
    },
  ],
  [
    'the area of a rectangle',
    'commutative',
    'symbols',
    {
      state: ['x', 'y', 'A'],
      drift: ['0', '0', '0'],
      diffusion: [
        ['1', '0'],
        ['0', '1'],
        ['y', 'x'],
      ],
    },
  ],
  [
    'parameters one a path',
    'general',
    'numbers',
    {
      state: ['x', 'y'],
      params: { a: Float64Array.of(1, 2) },
      drift: ['0', '0'],
      diffusion: [
        ['a*x', 'y'],
        ['0', '1'],
      ],
    },
  ],
];

describe('the class of noise', () => {
  it.each(CASES)('%s: %s', (_name, noiseClass, by, spec) => {
    const sde = itoSde(spec);
    expect([sde.noiseClass, sde.commutation.by]).toEqual([noiseClass, by]);
    expect(sde.commutation.commutes).toBe(noiseClass !== 'general');
    expect('pair' in sde.commutation).toBe(noiseClass === 'general');
    // The calculus does not matter, nor the conversion.
    expect(sde.toStratonovich().noiseClass).toBe(noiseClass);
    expect(stratonovichSde(spec).noiseClass).toBe(noiseClass);
  });

  it('that does not commute names the pair and a state', () => {
    const { commutation } = itoSde({
      state: ['x', 'y', 'z'],
      equations: ['dx = dWa', 'dy = dWb', 'dz = z*dWa + x*dWc + dWb'],
    });
    expect(commutation).toEqual({ commutes: false, by: 'numbers', pair: { noises: ['Wa', 'Wb'], state: 'z' } });
  });

  it('is general where there are too many columns to compare', () => {
    const state = Array.from({ length: 40 }, (_, i) => `x${i}`);
    const sum = state.join(' + ');
    const sde = itoSde({
      state,
      drift: state,
      diffusion: state.map((_, i) => state.map((_, j) => `${i + j}*(${sum})`)),
    });
    expect([sde.noiseClass, sde.commutation]).toEqual(['general', { commutes: false, by: 'size' }]);
  });
});

/** f at a point, by the program. */
function driftAt(sde: EquationSde, x: number[], t = 0.4): number[] {
  return runProgram(lower(sde).drift, x, t);
}

describe('the change of calculus', () => {
  // Itô drift, diffusion, Stratonovich drift.
  const KNOWN: [
    name: string,
    spec: { state: string[]; drift: string[]; diffusion: string[] | string[][]; noise?: 'scalar' },
    other: string[],
  ][] = [
    ['geometric', { state: ['x'], drift: ['2*x'], diffusion: ['0.5*x'] }, ['2*x - 0.125*x']],
    ['additive', { state: ['x'], drift: ['-x^3'], diffusion: ['1 + t'] }, ['-x^3']],
    ['tan', { state: ['x'], drift: ['x*(1 + x^2)'], diffusion: ['1 + x^2'] }, ['0']],
    [
      'tanh (4.4.46)',
      { state: ['x'], drift: ['-(1 + x*0.64)*(1 - x^2)'], diffusion: ['0.8*(1 - x^2)'] },
      ['-(1 - x^2)'],
    ],
    ['CIR', { state: ['x'], drift: ['1 - x'], diffusion: ['0.3*sqrt(x)'] }, ['1 - x - 0.0225']],
    ['circle', { state: ['x', 'y'], drift: ['-x/2', '-y/2'], diffusion: ['-y', 'x'], noise: 'scalar' }, ['0', '0']],
    ['own noises of the other state', { state: ['x', 'y'], drift: ['0', '0'], diffusion: ['y', 'x'] }, ['0', '0']],
    // ½ Σ_j Σ_l g_lj ∂_l g_ij by hand, for each of four entries linear in the state.
    [
      'linear, general',
      {
        state: ['x', 'y'],
        drift: ['-x + 0.5*y', '0.2*x - 0.8*y'],
        diffusion: [
          ['0.3*x + 0.2*y', '0.1*x'],
          ['0.1*y', '0.4*x - 0.2*y'],
        ],
      },
      [
        '-x + 0.5*y - 0.5*(0.3*(0.3*x + 0.2*y) + 0.2*0.1*y + 0.1*0.1*x)',
        '0.2*x - 0.8*y - 0.5*(0.1*0.1*y + 0.4*0.1*x - 0.2*(0.4*x - 0.2*y))',
      ],
    ],
  ];

  it.each(KNOWN)('of %s is that derived by hand', (_name, spec, other) => {
    const ito = itoSde(spec);
    const there = ito.toStratonovich();
    const byHand = stratonovichSde({ ...spec, drift: other });
    expect([there.calculus, ito.calculus]).toEqual(['stratonovich', 'ito']);
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        (a, b) => {
          const x = [a, b].slice(0, spec.state.length);
          const close = (one: number[], two: number[]) => {
            for (const [i, value] of one.entries()) expect(Math.abs(value - two[i])).toBeLessThan(2e-15 * 10);
          };
          close(driftAt(there, x), driftAt(byHand, x));
          close(driftAt(byHand.toIto(), x), driftAt(ito, x));
        },
      ),
      { seed: 1, endOnFailure: true, numRuns: rounds(20, 1000) },
    );
  });

  it.each(CASES)('of %s and back is what it was', (_name, _class, _by, spec) => {
    for (const sde of [itoSde(spec), stratonovichSde(spec)]) {
      const back = sde.calculus === 'ito' ? sde.toStratonovich().toIto() : sde.toIto().toStratonovich();
      expect(back.drift).toEqual(sde.drift);
      expect(back.diffusion).toEqual(sde.diffusion);
      expect(lower(back)).toEqual(lower(sde));
    }
  });

  it('of its own calculus is the same object', () => {
    const sde = itoSde({ state: ['x'], drift: ['x'], diffusion: ['x'] });
    expect(sde.toIto()).toBe(sde);
    expect(sde.toStratonovich().toStratonovich().calculus).toBe('stratonovich');
  });

  it('keeps parameters, which may still be changed', () => {
    const sde = itoSde({ state: ['x'], params: { s: 1 }, drift: ['0'], diffusion: ['s*x'] }).toStratonovich();
    expect(sde.drift).toEqual(['-(0.5*(s^2*x))']);
    expect(driftAt(sde.withParams({ s: 2 }), [3])).toEqual([-6]);
  });

  it("agrees with Euler-Maruyama's and Heun's steps of the oracles", () => {
    const { steps } = JSON.parse(readFileSync(ORACLES, 'utf8')) as { steps: OneStep[] };
    for (const { solver, calculus, t, h, x0, dW, x1, state, drift, diffusion } of steps) {
      const sde = (calculus === 'stratonovich' ? stratonovichSde : itoSde)({ state, drift, diffusion });
      const { drift: f, diffusion: g, entries } = lower(sde);
      const change = (x: number[], t: number) => {
        const d = runProgram(f, x, t).map(value => value * h);
        for (const [k, value] of runProgram(g, x, t).entries()) d[entries[2 * k]] += value * dW[entries[2 * k + 1]];
        return d;
      };
      const first = change(x0, t);
      const moved = x0.map((value, i) => value + first[i]);
      const second = change(moved, t + h);
      const next = solver === 'heun' ? x0.map((value, i) => value + (first[i] + second[i]) / 2) : moved;
      for (const [i, value] of next.entries()) expect(Math.abs(value - x1[i])).toBeLessThan(1e-12);
    }
  });
});

interface OneStep {
  solver: 'eulerMaruyama' | 'heun';
  calculus: string;
  state: string[];
  drift: string[];
  diffusion: string[] | string[][];
  t: number;
  h: number;
  x0: number[];
  dW: number[];
  x1: number[];
}

/** One step each, to 15 digits, computed by a program that shares nothing with this one. */
const ORACLES = new URL('./fixtures/one-step.json', import.meta.url);

it('a function of the state is read like a coefficient', () => {
  const sde = itoSde({ state: ['x'], params: { k: 2, p: Float64Array.of(5, 6) }, drift: ['0'], diffusion: ['p'] });
  expect(runProgram(lowerFunction(sde, 'events[0]', 'k*x + p - t'), [3], 1, [5])).toEqual([10]);
  expect(() => lowerFunction(sde, 'events[0]', 'x + z')).toThrow(/^events\[0\]: unknown name 'z'/);
});
