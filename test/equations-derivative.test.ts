/** The graph's simplifications, products that cancel, and every rule of differentiation against differences. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derivativeBy } from '../src/equations/derivative.js';
import { valuesAt } from '../src/equations/evaluate.js';
import { type Expression, Graph } from '../src/equations/graph.js';
import { OPS, type Op, operandsOf } from '../src/equations/ops.js';
import { parse } from '../src/equations/parse.js';
import { product } from '../src/equations/product.js';
import { readFunction } from '../src/equations/read.js';
import { rounds } from './support/rounds.js';

const graph = new Graph();
const [x, y] = [graph.state(0), graph.state(1)];
const NAMES = {
  graph,
  places: new Map(),
  isDifferential: () => false,
  values: new Map<string, Expression>([
    ['x', x],
    ['y', y],
    ['t', graph.time()],
    ['k', graph.param(0)],
    ['pi', graph.constant(Math.PI)],
  ]),
};
const read = (text: string): Expression => readFunction(parse('test', text), NAMES);

function valueAt(expression: Expression, at: readonly number[], t = 0.3): number {
  return valuesAt([expression], { x: at, t, params: [1.7] }).get(expression)!;
}

/** Central differences, extrapolated twice (Ridders): errors of some 1e-10 of the function's size. */
function slope(f: (h: number) => number, width = 1e-2): number {
  const central = (h: number) => (f(h) - f(-h)) / (2 * h);
  const [one, half, quarter] = [width, width / 2, width / 4].map(central);
  const [first, second] = [(4 * half - one) / 3, (4 * quarter - half) / 3];
  return (16 * second - first) / 15;
}

describe('the derivative of', () => {
  const CASES = [
    '-x',
    'abs(x)',
    'abs(x*y - 2)',
    'sign(x)*x',
    'sqrt(x)',
    'exp(x*y)',
    'log(x + y)',
    'expm1(x)',
    'log1p(x)',
    'sin(x^2)',
    'cos(3*x)',
    'tan(x/2)',
    'asin(x/4)',
    'acos(x/4)',
    'atan(x*y)',
    'sinh(x)',
    'cosh(x - y)',
    'tanh(x)',
    'erf(x/2)',
    'cbrt(x)',
    'cbrt(-x)',
    'floor(5*x)*x',
    'ceil(5*x) + x',
    'round(7*x)*x',
    'x + y',
    'x - y*x',
    'x*y*t',
    'x/y',
    'y/x',
    'k/(x + y^2)',
    'x^3',
    'x^-2',
    'x^0.3',
    '2^x',
    'x^y',
    'y^x',
    'min(x, y)',
    'max(x, y, 1)',
    'max(x - 1, 0)',
    'atan2(x, y)',
    'atan2(y, x)',
    'x < y ? x^2 : y*x',
    'x >= 1 and y < 1 ? x : 2*x',
    '(x < y)*x',
    'mod(x, 0.7)*y',
    'log2(x)',
    'log10(x*y)',
    'square(x)',
    'hypot(x, y)',
    'asinh(x - 1)',
    'acosh(x + 1)',
    'atanh(x/4)',
    'sec(x/3)',
    'csc(x)',
    'cot(x/2)',
    'sqrt(max(x - y, 0))*x',
    'exp(-x^2/2)/sqrt(2*pi)',
    'pow(1 + x, k)',
  ];

  it.each(CASES)('%s', text => {
    const expression = read(text);
    const coordinate = fc.integer({ min: 400, max: 2000 }).map(value => value / 1000);
    fc.assert(
      fc.property(coordinate, coordinate, fc.constantFrom(0, 1), (atX, atY, state) => {
        // Never equal, where max and < have kinks that differences do not see.
        const at = [atX, atY + 3e-4];
        const along = (h: number) =>
          valueAt(
            expression,
            at.map((value, i) => value + (i === state ? h : 0)),
          );
        const differences = slope(along);
        const size = 1 + Math.abs(along(0)) + Math.abs(differences);
        // Not across a jump or a kink, where narrower differences are others.
        fc.pre(Math.abs(differences - slope(along, 5e-3)) < 1e-7 * size);
        const exact = valueAt(derivativeBy(graph, state)(expression), at);
        expect(Math.abs(exact - differences)).toBeLessThan(1e-6 * size);
      }),
      { seed: 1, endOnFailure: true, numRuns: rounds(20, 300) },
    );
  });

  it('every operation stands above', () => {
    const made = new Set(CASES.flatMap(text => [...opsOf(read(text))]));
    const left = OPS.filter(op => op !== 'fill' && op !== 'copy' && !made.has(op));
    // == is a step without width.
    expect(left).toEqual(['equal']);
    expect(derivativeBy(graph, 0)(read('x == y'))).toBe(graph.constant(0));
  });

  it('a kink is that of one side', () => {
    const at0 = (text: string) => valueAt(derivativeBy(graph, 0)(read(text)), [0, 0]);
    expect(['abs(x)', 'max(x, 0)', 'max(0, x)', 'min(x, 0)', 'sign(x)', 'floor(x)', 'x < 0'].map(at0)).toEqual([
      0, 1, 1, 1, 0, 0, 0,
    ]);
  });

  it('a branch with no slope is 0 where the other has none', () => {
    const slopeOf = derivativeBy(graph, 0)(read('sqrt(max(x, 0))'));
    expect(valueAt(slopeOf, [-1, 0])).toBe(0);
    expect(valueAt(slopeOf, [4, 0])).toBe(0.25);
  });
});

function opsOf(expression: Expression): Set<string> {
  return new Set([expression.op, ...expression.args.flatMap(arg => [...opsOf(arg)])]);
}

describe('a product', () => {
  const ofDerivative = (text: string) => {
    const expression = read(text);
    return product(graph, expression, derivativeBy(graph, 0)(expression));
  };

  it('is finite at the edge of a domain, where one factor is 0 and the other infinite', () => {
    // g g' of CIR, Wright-Fisher and CEV, and of a product of a root with something.
    const CASES: [string, (x: number) => number][] = [
      ['sqrt(x)', () => 0.5],
      ['2*sqrt(max(x, 0))', () => 2],
      ['sqrt(x*(1 - x))', x => (1 - 2 * x) / 2],
      ['x^0.75', x => 0.75 * Math.sqrt(x)],
      ['x*sqrt(x)', x => 1.5 * x * x],
      ['y*sqrt(x)/k', () => (0.5 * 4) / 1.7 ** 2],
      ['-sqrt(x)', () => 0.5],
      ['sqrt(x)*(1 + x)', x => (1 + x) ** 2 / 2 + x * (1 + x)],
      ['sqrt(x) - x', x => 0.5 - 1.5 * Math.sqrt(x) + x],
    ];
    for (const [text, exact] of CASES) {
      for (const at of [0, 0.5]) expect(valueAt(ofDerivative(text), [at, 2])).toBeCloseTo(exact(at), 13);
    }
  });

  it('takes no root of a square for the base', () => {
    expect(valueAt(product(graph, read('sqrt(x^2)'), read('1/x')), [-2, 0])).toBe(-1);
    expect(valueAt(product(graph, read('sqrt(x^2)'), read('sqrt(x^2)')), [-2, 0])).toBe(4);
  });

  it('is the product', () => {
    const factor = fc.constantFrom(
      'x',
      '-x',
      'sqrt(x)',
      '1/x',
      'x^2',
      'x*y',
      '(x + y)',
      '3',
      '(1/sqrt(x) - y)',
      '(x > y ? 0 : y)',
      'x/(2*y)',
      'x^-1.5',
      'sin(y)',
    );
    fc.assert(
      fc.property(factor, factor, factor, (a, b, c) => {
        const [one, other] = [read(`${a}*${b}`), read(c)];
        const at = [0.7, 1.3];
        const exact = valueAt(one, at) * valueAt(other, at);
        expect(Math.abs(valueAt(product(graph, one, other), at) - exact)).toBeLessThanOrEqual(1e-14 * Math.abs(exact));
      }),
      { seed: 1, endOnFailure: true, numRuns: 200 },
    );
  });
});

describe('the graph', () => {
  it('has equal expressions once', () => {
    expect(read('x*y + sin(t)')).toBe(read('sin(t) + y*x'));
    expect(read('x - y')).not.toBe(read('y - x'));
  });

  it('simplifies what changes no value', () => {
    const SAME: [string, string][] = [
      ['x + 0', 'x'],
      ['0 + x', 'x'],
      ['x - 0', 'x'],
      ['0 - x', '-x'],
      ['1*x', 'x'],
      ['x*1', 'x'],
      ['x/1', 'x'],
      ['-1*x', '-x'],
      ['x/(-1)', '-x'],
      ['- -x', 'x'],
      ['x + -y', 'x - y'],
      ['-x + y', 'y - x'],
      ['x - -y', 'x + y'],
      ['-x*y', '-(x*y)'],
      ['-x*-y', 'x*y'],
      ['x/-y', '-(x/y)'],
      ['-(x - y)', 'y - x'],
      ['abs(-x)', 'abs(x)'],
      ['x^1', 'x'],
      ['x^0', '1'],
      ['0*x', '0'],
      ['x - x', '0'],
      ['0/x', '0'],
      ['2 > 1 ? x : y', 'x'],
      ['x > 0 ? y : y', 'y'],
      ['sqrt(4) + 2^3', '10'],
      ['max(x, x)', 'x'],
      ['not (1 > 2)', '1'],
      ['x != 0', '1 - (x == 0)'],
    ];
    for (const [one, other] of SAME) expect([one, read(one)]).toEqual([one, read(other)]);
  });

  it('leaves what is not finite to the probe', () => {
    for (const text of ['1/0', 'log(-1)', 'sqrt(-4)', '0/0 + 1'])
      expect(Number.isFinite(valueAt(read(text), [0, 0]))).toBe(false);
  });

  it('ends in an error where it grows without end', () => {
    const large = new Graph();
    let grown = large.state(0);
    const grow = () => {
      for (;;) grown = large.apply('sin', grown);
    };
    expect(grow).toThrow(/more than 1000000 operations/);
  });

  it('takes as many operands as an operation has', () => {
    expect(OPS.map(op => operandsOf(op)).every(count => count >= 1 && count <= 3)).toBe(true);
    expect(operandsOf('select' satisfies Op)).toBe(3);
  });
});
