/** Programs: they compute what mathjs computes, in few rows, and do not depend on how the equations were written. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compute } from '../src/equations/arithmetic.js';
import { OPS, operandsOf } from '../src/equations/ops.js';
import { lower, lowerFunction } from '../src/equations/sde.js';
import { type EquationSde, itoSde, type SdeSpec, stratonovichSde } from '../src/index.js';
import { texts, valueByMathjs } from './support/random-equations.js';
import { rounds } from './support/rounds.js';
import { listing, runProgram } from './support/run-program.js';

const frame = itoSde({
  state: ['x', 'y'],
  params: { k: 0.7, p: Float64Array.of(0) },
  drift: [0, 0],
  diffusion: [0, 0],
});
const programOf = (text: string) => lowerFunction(frame, 'test', text);
const code = (text: string) => listing(programOf(text));

describe('a program', () => {
  it('computes what mathjs computes, to the bit', () => {
    const number = fc.integer({ min: -3000, max: 3000 }).map(value => value / 1000);
    let compared = 0;
    fc.assert(
      fc.property(texts(['x', 'y', 't', 'k', 'p']), number, number, number, number, (text, x, y, t, p) => {
        const exact = valueByMathjs(text, { x, y, t, p, k: 0.7 });
        // 0·∞ and ∞ − ∞ are 0 here: see graph.ts.
        fc.pre(Number.isFinite(exact));
        compared++;
        const [value] = runProgram(programOf(text), [x, y], t, [p]);
        if (value !== exact) throw new Error(`${text}: ${value} instead of ${exact}`);
      }),
      { seed: 1, endOnFailure: true, numRuns: rounds(600, 20_000) },
    );
    expect(compared).toBeGreaterThan(300);
  });

  it('makes products, roots and quotients of powers', () => {
    expect(code('x^2')).toEqual(['r4 = mul r0, r0']);
    expect(code('x^0.5')).toEqual(['r4 = sqrt r0']);
    expect(code('x^-1')).toEqual(['r4 = div 1, r0']);
    expect(code('x^-0.5')).toEqual(['r5 = sqrt r0', 'r4 = div 1, r5']);
    expect(code('x^3*x^2')).toEqual(['r5 = mul r0, r0', 'r6 = mul r5, r0', 'r4 = mul r5, r6']);
    expect(code('x^17')).toEqual(['r4 = pow r0, 17']);
    expect(code('x^1.5')).toEqual(['r4 = pow r0, 1.5']);
    expect(code('2^x')).toEqual(['r4 = pow 2, r0']);
    expect(code('x^(2 - k + 0.7)')).toEqual(['r4 = mul r0, r0']);
    for (let n = -16; n <= 16; n++) {
      const [value] = runProgram(programOf(`x^(${n})`), [1.3, 0], 0, [0]);
      expect(Math.abs(value / 1.3 ** n - 1)).toBeLessThan(4e-15);
      expect(programOf(`x^(${n})`).code.length).toBeLessThanOrEqual(6 * 8);
    }
  });

  it('has constants as operands, of commutative operations in the second place', () => {
    expect(code('2 + x')).toEqual(['r4 = add r0, 2']);
    expect(code('2 - x')).toEqual(['r4 = sub 2, r0']);
    expect(code('max(0, x)')).toEqual(['r4 = max r0, 0']);
    expect(code('x > 1')).toEqual(['r4 = less 1, r0']);
    expect(code('x > 1 ? 2 : x')).toEqual(['r5 = less 1, r0', 'r6 = fill 2', 'r4 = select r5, r6, r0']);
  });

  it('fills what is constant, copies what is an input or another output', () => {
    expect(code('3')).toEqual(['r4 = fill 3']);
    expect(code('p')).toEqual(['r4 = copy r3']);
    expect(code('1/0')).toEqual(['r5 = fill 1', 'r6 = fill 0', 'r4 = div r5, r6']);
    const { drift } = lower(itoSde({ state: ['x', 'y', 'z'], drift: ['x*y', 'z', 'y*x'], diffusion: [0, 0, 0] }));
    expect(listing(drift)).toEqual(['r4 = mul r0, r1', 'r5 = copy r2', 'r6 = copy r4']);
  });

  it('computes what equations have in common once', () => {
    const sde = itoSde({ state: ['x', 'y'], drift: ['sin(x*y) + 1', 'sin(y*x)*x'], diffusion: ['exp(x*y)', '0'] });
    expect(listing(lower(sde).drift)).toEqual(['r5 = mul r0, r1', 'r6 = sin r5', 'r3 = add r6, 1', 'r4 = mul r0, r6']);
  });

  it('takes temporaries again', () => {
    const state = Array.from({ length: 200 }, (_, i) => `x${i}`);
    const sum = state.map((name, i) => `sin(${name}*${i + 1})`).join(' + ');
    const reversed = state.reduceRight((rest, name) => `cos(${name}) + (${rest})`.slice(0, 9000), '0');
    expect(reversed.length).toBeLessThan(9000);
    const sde = itoSde({ state, drift: state.map(() => sum), diffusion: state.map(() => 0) });
    // States, time, outputs, and the sum with one term in two steps.
    expect(lower(sde).drift.registers).toBeLessThanOrEqual(200 + 1 + 200 + 3);
  });

  it('keeps outputs that others are made of', () => {
    const drift = ['sin(x)', 'cos(sin(x)) + exp(y*t)', 'exp(y*t)*exp(x)', 'tan(cos(sin(x)) + exp(y*t))'];
    const sde = itoSde({ state: ['x', 'y', 'z', 'w'], drift, diffusion: [0, 0, 0, 0] });
    const [x, y, t] = [0.3, 0.7, 0.2];
    const exact = drift.map(text => valueByMathjs(text, { x, y, t }));
    expect(runProgram(lower(sde).drift, [x, y, 0, 0], t)).toEqual(exact);
  });

  it('of Lorenz-96 needs few rows', () => {
    const state = Array.from({ length: 40 }, (_, i) => `x${i}`);
    const at = (i: number) => state[(i + 40) % 40];
    const drift = state.map((name, i) => `(${at(i + 1)} - ${at(i - 2)})*${at(i - 1)} - ${name} + 8`);
    const { drift: program } = lower(itoSde({ state, drift, diffusion: state.map(() => 1.5) }));
    expect(program.code.length / 6).toBe(4 * 40);
    expect(program.registers).toBeLessThanOrEqual(40 + 1 + 40 + 3);
  });

  it('has the operations of the native list', () => {
    const native = new URL('../native/equations/ops.def', import.meta.url);
    const rows = [...readFileSync(native, 'utf8').matchAll(/^OP\((\w+), (\d)\)/gm)];
    expect(rows.map(([, op, operands]) => [op, Number(operands)])).toEqual(OPS.map(op => [op, operandsOf(op)]));
  });
});

describe('operations', () => {
  it('have the values that docs/equations.md says', () => {
    expect([-1.5, -0.5, 0.5, 1.5, 2.4].map(value => compute('round', value, 0, 0))).toEqual([-2, -1, 1, 2, 2]);
    expect(compute('sign', 0, 0, 0)).toBe(0);
    for (const op of ['min', 'max'] as const)
      expect([compute(op, 1, NaN, 0), compute(op, NaN, 1, 0)]).toEqual([NaN, NaN]);
    expect([compute('less', NaN, 1, 0), compute('lessEqual', 1, NaN, 0), compute('equal', NaN, NaN, 0)]).toEqual([
      0, 0, 0,
    ]);
    expect(compute('select', NaN, 1, 2)).toBe(1);
    expect(compute('erf', 0.5, 0, 0)).toBeCloseTo(0.5204998778130465, 15);
  });
});

const HESTON = {
  state: ['S', 'v'],
  params: { r: 0.03, kappa: 1.5, theta: 0.04, xi: 0.5, rho: -0.7 },
  domain: ['v >= 0'],
};

describe('both forms', () => {
  const PAIRS: [name: string, one: SdeSpec, other: SdeSpec][] = [
    [
      'Heston',
      {
        ...HESTON,
        equations: [
          'dv = kappa*(theta - v)*dt + xi*sqrt(max(v,0))*(rho*dW1 + sqrt(1 - rho^2)*dW2)',
          'dS = r*S*dt + S*sqrt(max(0,v))*dW1',
        ],
      },
      {
        ...HESTON,
        drift: ['S*r', 'kappa*(theta-v)'],
        diffusion: [
          ['sqrt(max(v,0))*S', 0],
          ['xi*sqrt(max(v,0))*rho', 'xi*sqrt(max(v,0))*sqrt(1-rho^2)'],
        ],
      },
    ],
    [
      'own noises',
      { state: ['x', 'y'], equations: ['dx = -x*dt + x*y*dWa - dWa', 'dy = y/2*dt + dWb*cos(t*y) + x*dt*2'] },
      { state: ['x', 'y'], noise: ['Wa', 'Wb'], drift: ['-x', 'y/2 + 2*x'], diffusion: ['y*x - 1', 'cos(y*t)'] },
    ],
    [
      'one noise',
      { state: ['x', 'y'], equations: ['dx = (y*dW - x*dt)/2', 'dy = -(dW*x) + 0*dt'] },
      { state: ['x', 'y'], drift: ['-x/2', 0], diffusion: ['y/2', '-x'], noise: 'scalar' },
    ],
    [
      'a choice',
      { state: ['x'], equations: ['dx = x > 0 ? x*dt + dW1 : x^2*dW1'] },
      { state: ['x'], drift: ['x > 0 ? x : 0'], diffusion: ['x > 0 ? 1 : x^2'] },
    ],
  ];

  const lowered = (sde: EquationSde) =>
    lower(sde, { needs: sde.commutation.commutes ? ['milstein', 'jacobian'] : ['jacobian'] });

  it.each(PAIRS)('of %s are one', (_name, one, other) => {
    for (const make of [itoSde, stratonovichSde]) {
      const [first, second] = [make(one), make(other)];
      expect(lowered(first)).toEqual(lowered(second));
      expect(lowered(first.toStratonovich())).toEqual(lowered(second.toStratonovich()));
      expect(first.noiseClass).toBe(second.noiseClass);
    }
  });

  it('number noises as they are declared, or else as they appear', () => {
    const equations = ['dx = dW2 + 2*dW1'];
    expect(itoSde({ state: ['x'], equations }).noises).toEqual(['W2', 'W1']);
    expect(itoSde({ state: ['x'], noise: ['W1', 'W2'], equations }).noises).toEqual(['W1', 'W2']);
    expect(itoSde({ state: ['x'], drift: [0], diffusion: [[1, 2]] }).noises).toEqual(['W1', 'W2']);
    const own = itoSde({ state: ['x', 'v'], drift: ['v', '-x'], diffusion: [0, 1] });
    expect([own.noises, lower(own).entries]).toEqual([['W1', 'W2'], Int32Array.of(1, 1)]);
  });

  it.each([
    ['-((x - y)*x)', '-((x - y)*x)'],
    ['-(2*x)', '-(2*x)'],
    ['-x*y', '-x*y'],
    ['2 - (x - y)', '2 - (x - y)'],
    ['x/(y*2)', 'x/(y*2)'],
    ['(x^2)^y', '(x^2)^y'],
    ['x^(2^y)', 'x^2^y'],
    ['(-x)^2', '(-x)^2'],
    ['(x > y ? 1 : x)*2', '(y < x ? 1 : x)*2'],
    ['(x < y) < 2', '(x < y) < 2'],
  ])('are printed: %s as %s', (text, shown) => {
    const sde = (drift: string) => itoSde({ state: ['x', 'y'], drift: [drift, 0], diffusion: [0, 0] });
    expect(sde(text).drift[0]).toBe(shown);
    expect(lower(sde(shown))).toEqual(lower(sde(text)));
  });

  it('are printed as text that means the same', () => {
    fc.assert(
      fc.property(texts(['x', 'y', 't', 'k']), texts(['x', 'y', 't', 'k']), (f, g) => {
        const common = { state: ['x', 'y'], params: { k: 0.3 } };
        const sde = itoSde({ ...common, drift: [f, 'x'], diffusion: [g, 'y'] });
        const again = itoSde({ ...common, drift: sde.drift, diffusion: sde.diffusion as string[] });
        expect(again.drift).toEqual(sde.drift);
        expect(again.diffusion).toEqual(sde.diffusion);
        expect(lower(again)).toEqual(lower(sde));
      }),
      { seed: 2, endOnFailure: true, numRuns: rounds(120, 3000) },
    );
  });
});
