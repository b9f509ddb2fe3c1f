/** Every problem's answers against its own equations: Itô's formula for paths, Kolmogorov's equation for expectations. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derivativeBy } from '../src/equations/derivative.js';
import { valuesAt } from '../src/equations/evaluate.js';
import { type Expression, Graph } from '../src/equations/graph.js';
import { parse } from '../src/equations/parse.js';
import { readFunction } from '../src/equations/read.js';
import { lower } from '../src/equations/sde.js';
import { type EquationSde, problems } from '../src/index.js';
import type { ProblemFacts } from '../src/problems/facts.js';
import * as listed from '../src/problems/list.js';
import { rounds } from './support/rounds.js';
import { runProgram } from './support/run-program.js';

const ALL = Object.entries(listed) as [keyof typeof listed, ProblemFacts][];

const runs = { seed: 1, endOnFailure: true, numRuns: rounds(20, 500) };
const between = (low: number, high: number) =>
  fc.integer({ min: low * 1000, max: high * 1000 }).map(value => value / 1000);

/** A text as an expression whose variables are numbered states; parameters are constants. */
function expressionOf(
  graph: Graph,
  text: string,
  names: readonly string[],
  params: Readonly<Record<string, number>> = {},
): Expression {
  const values = new Map<string, Expression>([
    ...names.map((name, i): [string, Expression] => [name, graph.state(i)]),
    ...Object.entries(params).map(([name, value]): [string, Expression] => [name, graph.constant(value)]),
    ['pi', graph.constant(Math.PI)],
  ]);
  return readFunction(parse('test', text), { graph, values, places: new Map(), isDifferential: () => false });
}

/** Itô's f and G at a point. */
function coefficients(sde: EquationSde): (x: number[], t: number) => { f: number[]; g: number[][] } {
  const { drift, diffusion, entries, states, noises } = lower(sde.toIto());
  return (x, t) => {
    const g = Array.from({ length: states }, () => new Array<number>(noises).fill(0));
    for (const [k, value] of runProgram(diffusion, x, t).entries()) g[entries[2 * k]][entries[2 * k + 1]] = value;
    return { f: runProgram(drift, x, t), g };
  };
}

function expectClose(value: number, exact: number, scale = 1): void {
  expect(Math.abs(value - exact)).toBeLessThanOrEqual(1e-10 * Math.max(scale, Math.abs(exact), Math.abs(value)));
}

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);

const having = (answer: 'path' | 'expectations' | 'stationary') => ALL.filter(([, facts]) => facts[answer]);

describe('a problem', () => {
  it.each(ALL)('%s starts and ends somewhere, and has an answer and a source', name => {
    const { sde, x0, t0, t1, ...problem } = problems[name]();
    expect(x0).toHaveLength(sde.states.length);
    expect(t1).toBeGreaterThan(t0);
    expect(problem.source.length).toBeGreaterThan(5);
    const answers = [
      problem.path?.(
        t1,
        sde.noises.map(() => 0.1),
      ) ?? [],
      problem.expectations,
      problem.stationary,
    ].flat();
    expect(answers.length).toBeGreaterThan(0);
    for (const { at } of problem.expectations) expect(at(t1)).toSatisfy(Number.isFinite);
  });

  it.each(having('path'))("%s: its path solves the equation by Itô's formula", (name, facts) => {
    const { sde, x0, path } = problems[name]();
    const { params } = facts.spec;
    const graph = new Graph();
    const start = sde.states.map(state => `${state}0`);
    const paths = facts.path!.map(text => expressionOf(graph, text, ['t', ...sde.noises, ...start], params));
    const byTime = derivativeBy(graph, 0);
    const byNoise = sde.noises.map((_, j) => derivativeBy(graph, 1 + j));
    const rates = paths.map(path => ({
      time: byTime(path),
      noise: byNoise.map(by => by(path)),
      second: byNoise.map(by => by(by(path))),
    }));
    const outputs = [...paths, ...rates.flatMap(({ time, noise, second }) => [time, ...noise, ...second])];
    const at = coefficients(sde);
    fc.assert(
      fc.property(
        between(0.1, 1),
        fc.array(between(-0.5, 0.5), { minLength: sde.noises.length, maxLength: sde.noises.length }),
        (t, W) => {
          const values = valuesAt(outputs, { x: [t, ...W, ...x0], t: 0, params: [] });
          const of = (expression: Expression) => values.get(expression)!;
          const x = paths.map(of);
          for (const [i, value] of path!(t, W).entries()) expectClose(value, x[i]);
          const { f, g } = at(x, t);
          for (const [i, { time, noise, second }] of rates.entries()) {
            expectClose(of(time) + sum(second.map(of)) / 2, f[i]);
            for (const [j, slope] of noise.entries()) expectClose(of(slope), g[i][j]);
          }
        },
      ),
      runs,
    );
    for (const [i, value] of path!(
      0,
      sde.noises.map(() => 0),
    ).entries())
      expectClose(value, x0[i]);
  });

  it.each(having('expectations'))("%s: its expectations solve Kolmogorov's backward equation", (name, facts) => {
    const { sde, x0, t1, expectations } = problems[name]();
    const { params } = facts.spec;
    // For that the equations must not depend on time.
    expect(sde.drift.join().match(/\bt\b/)).toBeNull();
    const at = coefficients(sde);
    for (const [k, { of, is }] of facts.expectations!.entries()) {
      const graph = new Graph();
      const names = ['t', ...sde.states];
      const u = expressionOf(graph, is, names, params);
      const begins = expressionOf(graph, of, names, params);
      const byTime = derivativeBy(graph, 0)(u);
      const by = sde.states.map((_, i) => derivativeBy(graph, 1 + i));
      const gradient = by.map(one => one(u));
      const second = gradient.map(slope => by.map(one => one(slope)));
      const outputs = [u, begins, byTime, ...gradient, ...second.flat()];
      const point = fc.array(between(0.05, 0.95), { minLength: x0.length, maxLength: x0.length });
      fc.assert(
        fc.property(between(0.1, 1), fc.constantFrom(1, 1e-3), point, (time, unit, x) => {
          const t = time * unit;
          const values = valuesAt(outputs, { x: [t, ...x], t: 0, params: [] });
          const value = (expression: Expression) => values.get(expression)!;
          const { f, g } = at(x, 0);
          const terms = [
            ...gradient.map((slope, i) => f[i] * value(slope)),
            ...second.flatMap((row, i) =>
              row.map((bend, j) => (sum(g[i].map((own, l) => own * g[j][l])) * value(bend)) / 2),
            ),
          ];
          expectClose(value(byTime), sum(terms), sum(terms.map(Math.abs)));
          // At the start it is the function itself.
          const first = valuesAt([u, begins], { x: [1e-14, ...x], t: 0, params: [] });
          expect(Math.abs(first.get(u)! - first.get(begins)!)).toBeLessThan(1e-6);
        }),
        runs,
      );
      const exact = valuesAt([u], { x: [t1, ...x0], t: 0, params: [] }).get(u)!;
      expect(expectations[k].of).toBe(of);
      expectClose(expectations[k].at(t1), exact);
    }
  });

  it.each(having('stationary').filter(([, { x0 }]) => x0.length === 1))(
    '%s: its law in the long run is that of the stationary density',
    (name, facts) => {
      const { sde, stationary } = problems[name]();
      const { params } = facts.spec;
      const at = coefficients(sde);
      // p = exp(∫ 2 f/g² dx)/g², in steps of Simpson's rule; x = sinh u reaches far into the tails.
      const [steps, far] = [10_000, 10];
      const ratio = (u: number) => {
        const x = Math.sinh(u);
        const { f, g } = at([x], 0);
        return ((2 * f[0]) / g[0][0] ** 2) * Math.cosh(u);
      };
      const h = (2 * far) / steps;
      const exponents = new Float64Array(steps + 1);
      for (const way of [1, -1]) {
        for (let i = steps / 2; i > 0 && i < steps; i += way) {
          const u = -far + i * h;
          const rise = ratio(u) + 4 * ratio(u + (way * h) / 2) + ratio(u + way * h);
          exponents[i + way] = exponents[i] + ((way * h) / 6) * rise;
        }
      }
      const nodes = Array.from(exponents, (exponent, i) => {
        const u = -far + i * h;
        return { x: Math.sinh(u), exponent, width: Math.cosh(u) / at([Math.sinh(u)], 0).g[0][0] ** 2 };
      });
      const top = Math.max(...nodes.map(node => node.exponent));
      const weights = nodes.map(({ exponent, width }, i) => Math.exp(exponent - top) * width * (i % 2 === 0 ? 2 : 4));
      for (const { of, value } of stationary) {
        const graph = new Graph();
        const text = expressionOf(graph, of, sde.states, params);
        const parts = nodes.map(({ x }, i) =>
          weights[i] > 0 ? weights[i] * valuesAt([text], { x: [x], t: 0, params: [] }).get(text)! : 0,
        );
        expect(Math.abs(sum(parts) / sum(weights) - value)).toBeLessThan(1e-8);
      }
    },
  );
});

it('harmonicLangevin: its law in the long run is that of Gibbs', () => {
  const { stationary } = problems.harmonicLangevin();
  const { k, T } = listed.harmonicLangevin.spec.params as { k: number; T: number };
  expect(stationary.map(({ value }) => value)).toEqual([T / k, T]);
});

it('there are at least 20, of all classes of noise and both calculi', () => {
  const all = ALL.map(([name]) => problems[name]().sde);
  expect(all.length).toBeGreaterThanOrEqual(20);
  expect(new Set(all.map(({ noiseClass }) => noiseClass)).size).toBe(5);
  expect(new Set(all.map(({ calculus }) => calculus)).size).toBe(2);
});

it('docs/problems.md names each', () => {
  const page = readFileSync(new URL('../docs/problems.md', import.meta.url), 'utf8');
  const named = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  expect(named).toEqual(Object.keys(listed));
});
