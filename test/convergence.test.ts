/** Orders that are measured: the tools against what is known without them. */
import { describe, expect, it } from 'vitest';
import { fitOfGroups, slopeOf } from '../src/analysis/fit.js';
import { normalNodes, schemeMoments } from '../src/analysis/moments.js';
import { convergence, eulerMaruyama, heun, itoSde, problems } from '../src/index.js';
import { fittingSolver } from '../src/solver/paths/solver.js';
import { caught } from './support/caught.js';

describe('the fit', () => {
  it('finds the exponent of a power of h, exactly', () => {
    const h = [1, 0.5, 0.25, 0.125];
    const errors = h.map(step => 3 * step ** 1.5);
    expect(slopeOf(h, errors)).toBeCloseTo(1.5, 12);
    const squares = Array.from({ length: 10 }, (_, i) => errors.map(error => (1 + i / 10) * error ** 2));
    const { order, halfWidth } = fitOfGroups(h, squares);
    expect(order).toBeCloseTo(1.5, 12);
    expect(halfWidth).toBeLessThan(1e-12);
  });

  it('leaves out errors that are none', () => {
    expect(slopeOf([1, 0.5, 0.25], [1, 0, 0.25])).toBeCloseTo(1, 12);
    expect(slopeOf([1, 0.5], [1, 0])).toBeNaN();
  });
});

describe("the quadrature's nodes", () => {
  it.each([2, 3, 5, 7])('integrate powers against the normal law: %i nodes to degree 2n − 1', n => {
    const nodes = normalNodes(n);
    expect(nodes).toHaveLength(n);
    for (let degree = 0; degree < 2 * n; degree++) {
      const found = nodes.reduce((sum, { value, weight }) => sum + weight * value ** degree, 0);
      let exact = degree % 2 === 0 ? 1 : 0; // (degree − 1)!!
      for (let k = degree - 1; k > 1; k -= 2) exact *= k;
      expect(Math.abs(found - exact)).toBeLessThan(1e-10 * Math.max(1, exact));
    }
  });
});

describe("a scheme's own moments", () => {
  it('are those of the recursion by hand for Euler-Maruyama', () => {
    const [a, b, n, h] = [1.5, 0.3, 16, 1 / 16];
    const sde = itoSde({ state: ['x'], params: { a, b }, drift: ['a*x'], diffusion: ['b*x'] });
    const { solver } = fittingSolver('solver', eulerMaruyama({ steps: n }), sde);
    const options = { t0: 0, t1: 1, x0: [0.1], steps: n, discrete: false, levyArea: false, autonomous: true };
    const [first, second] = schemeMoments(sde, solver, options);
    expect(first).toBeCloseTo(0.1 * (1 + a * h) ** n, 12);
    expect(second).toBeCloseTo(0.01 * ((1 + a * h) ** 2 + b ** 2 * h) ** n, 12);
    // The mean of three-point noise is the same to this degree.
    expect(schemeMoments(sde, solver, { ...options, discrete: true })[1]).toBeCloseTo(second, 12);
  });

  it('know coefficients that depend on time', () => {
    const sde = itoSde({ state: ['x'], equations: ['dx = t*x*dt + 0*dW1'] });
    const { solver } = fittingSolver('solver', eulerMaruyama({ steps: 4 }), sde);
    const options = { t0: 0, t1: 1, x0: [1], steps: 4, discrete: false, levyArea: false, autonomous: false };
    const byHand = [0, 0.25, 0.5, 0.75].reduce((product, t) => product * (1 + 0.25 * t), 1);
    expect(schemeMoments(sde, solver, options)[0]).toBeCloseTo(byHand, 12);
  });
});

describe('convergence', () => {
  it('finds orders 1/2 and 1 of Euler-Maruyama and Heun on geometric Brownian motion', async () => {
    const found = await convergence(problems.geometricBrownianMotion(), [eulerMaruyama, 'heun'], { seed: 2 });
    expect(found.reference).toBe('exact');
    expect(found.h).toEqual([4, 5, 6, 7, 8, 9].map(k => 2 ** -k));
    const [first, second] = found.solvers;
    expect([first.solver, second.solver]).toEqual(['eulerMaruyama', 'heun']);
    // The intervals are of 95 %: three of them are exceeded far more rarely than once in 100,000.
    expect(Math.abs(first.strong!.order - 0.5)).toBeLessThan(3 * first.strong!.halfWidth);
    expect(Math.abs(second.strong!.order - 1)).toBeLessThan(3 * second.strong!.halfWidth);
    expect(first.weak!.order).toBeGreaterThan(0.85);
    expect(second.weak!.order).toBeGreaterThan(0.9);
  });

  it('measures from fine steps where no solution is known', async () => {
    const problem = problems.ornsteinUhlenbeck();
    const { reference, solvers } = await convergence(problem, [heun], { steps: [8, 16, 32], paths: 200 });
    expect(reference).toBe('fine steps');
    expect(solvers[0].strong!.order).toBeGreaterThan(0.85);
  });

  it.each([
    [{ steps: [16] }, 'convergence.steps'],
    [{ steps: [16, 24] }, 'convergence.steps[0]'],
    [{ steps: [32, 16] }, 'convergence.steps[0]'],
    [{ paths: 3 }, 'convergence.paths'],
  ])('refuses %j', async (options, option) => {
    const error = await caught(() => convergence(problems.geometricBrownianMotion(), [heun], options));
    expect(error.option).toBe(option);
  });
});

describe('what is sampled', () => {
  it('are the errors of expectations of nonlinear problems, on the same paths', async () => {
    const { solvers } = await convergence(problems.hyperbolicSine(), [eulerMaruyama], { paths: 4000, seed: 1 });
    const [{ weak, sampled, failed }] = solvers;
    expect([weak, failed]).toEqual([undefined, 0]);
    const [first] = sampled!;
    // The drift is x/2: in the mean Euler and Maruyama's method is (1 + h/2)^n.
    for (const [level, steps] of [16, 32, 64, 128, 256, 512].entries()) {
      const exact = 0.2 * ((1 + 0.5 / steps) ** steps - Math.exp(0.5));
      expect(Math.abs(first.errors[level] - exact)).toBeLessThan(2.5 * first.halfWidths[level]);
    }
    expect(first.of).toBe('x');
  });

  it('is every expectation that the problem knows, with its order where errors are larger than chance', async () => {
    const options = { paths: 5000, seed: 1, steps: [4, 8, 16, 32] };
    const { solvers } = await convergence(problems.student(), [eulerMaruyama], { ...options, steps: [32, 64, 128] });
    expect(solvers[0].sampled!.map(({ of }) => of)).toEqual(['x', 'x^2']);
    // Paths leave the domain of this one, and those that stay have another law.
    const [rates] = (await convergence(problems.coxIngersollRoss(), [eulerMaruyama], options)).solvers;
    expect([rates.failed > 0, rates.sampled]).toEqual([true, undefined]);
    const sinh = await convergence(problems.hyperbolicSine(), [eulerMaruyama], options);
    const { order, halfWidth } = sinh.solvers[0].sampled![1];
    expect(Math.abs(order - 1)).toBeLessThan(Math.min(0.5, halfWidth + 0.1));
  });

  it('leaves out paths that failed, and counts them', async () => {
    // tan W explodes on 23 of 100 paths, and the method goes beyond what numbers hold on some of them.
    const options = { paths: 400, seed: 2, steps: [64, 128, 256] };
    const { solvers } = await convergence(problems.tangent(), [eulerMaruyama], options);
    expect(solvers[0].failed).toBeGreaterThan(20);
    expect(solvers[0].strong!.errors.some(Number.isNaN)).toBe(false);
  });
});
