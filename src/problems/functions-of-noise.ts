/** Nonlinear equations whose solution is a function of t and W(t): strong errors without a reference solution. */
import type { ProblemFacts } from './facts.js';

/** Explodes: tan W leaves for infinity where |W| reaches π/2, on 23 % of the paths before t = 1. */
export const tangent: ProblemFacts = {
  calculus: 'ito',
  spec: { state: ['x'], drift: ['x*(1 + x^2)'], diffusion: ['1 + x^2'] },
  t1: 1,
  x0: [0],
  path: ['tan(W1 + atan(x0))'],
  source: 'Itô formula',
};

export const hyperbolicTangent: ProblemFacts = {
  calculus: 'ito',
  spec: { state: ['x'], params: { a: 1, b: 0.8 }, drift: ['-(a + b^2*x)*(1 - x^2)'], diffusion: ['b*(1 - x^2)'] },
  t1: 1,
  x0: [0.1],
  path: ['tanh(b*W1 - a*t + atanh(x0))'],
  source: 'Kloeden and Platen 1992, (4.4.46)',
};

export const arcTangent: ProblemFacts = {
  calculus: 'ito',
  spec: { state: ['x'], params: { a: 0.5 }, drift: ['-a^2*sin(x)*cos(x)^3'], diffusion: ['a*cos(x)^2'] },
  t1: 1,
  x0: [0.3],
  path: ['atan(a*W1 + tan(x0))'],
  source: 'Kloeden and Platen 1992, section 4.4',
};

export const hyperbolicSine: ProblemFacts = {
  calculus: 'ito',
  spec: { state: ['x'], drift: ['x/2'], diffusion: ['sqrt(1 + x^2)'] },
  t1: 1,
  x0: [0.2],
  path: ['sinh(W1 + asinh(x0))'],
  expectations: [
    { of: 'x', is: 'x*exp(t/2)' },
    { of: 'x^2', is: '(x^2 + 0.5)*exp(2*t) - 0.5' },
  ],
  source: 'Kloeden and Platen 1992, section 4.4',
};

export const driftedHyperbolicSine: ProblemFacts = {
  calculus: 'ito',
  spec: { state: ['x'], drift: ['x/2 + sqrt(x^2 + 1)'], diffusion: ['sqrt(x^2 + 1)'] },
  t1: 1,
  x0: [0],
  path: ['sinh(t + W1 + asinh(x0))'],
  source: 'Rößler 2010, SIAM J. Numer. Anal. 48, example of diagonal noise',
};

/** The diffusion has no derivative that is bounded near 0. */
export const cubeOfNoise: ProblemFacts = {
  calculus: 'ito',
  spec: { state: ['x'], drift: ['cbrt(x)/3'], diffusion: ['cbrt(x)^2'] },
  t1: 1,
  x0: [8],
  path: ['(cbrt(x0) + W1/3)^3'],
  expectations: [{ of: 'x', is: 'x + cbrt(x)*t/3' }],
  source: 'Kloeden and Platen 1992, section 4.4',
};

/** Stays in (0, 1). */
export const logistic: ProblemFacts = {
  calculus: 'stratonovich',
  spec: {
    state: ['x'],
    params: { a: 1, b: 0.6 },
    drift: ['a*x*(1 - x)'],
    diffusion: ['b*x*(1 - x)'],
    domain: ['0 < x < 1'],
  },
  t1: 1,
  x0: [0.2],
  path: ['1/(1 + (1/x0 - 1)*exp(-a*t - b*W1))'],
  source: 'chain rule',
};

/** Grows to infinity in finite time where the drift is alone; the noise pushes it down. */
export const stochasticExponential: ProblemFacts = {
  calculus: 'stratonovich',
  spec: { state: ['x'], params: { a: -1, b: 0.5 }, drift: ['a*exp(x)'], diffusion: ['b*exp(x)'] },
  t1: 0.5,
  x0: [-1],
  path: ['-log(exp(-x0) - a*t - b*W1)'],
  source: 'chain rule',
};
