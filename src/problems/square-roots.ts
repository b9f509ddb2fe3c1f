/** Diffusions that are square roots: they vanish at the edge of a domain, where their derivative is infinite. */
import type { ProblemFacts } from './facts.js';

export const coxIngersollRoss: ProblemFacts = {
  calculus: 'ito',
  spec: {
    state: ['x'],
    params: { k: 1.5, m: 0.4, s: 0.5 },
    drift: ['k*(m - x)'],
    diffusion: ['s*sqrt(max(x, 0))'],
    domain: ['x >= 0'],
  },
  t1: 1,
  x0: [0.6],
  expectations: [
    { of: 'x', is: 'm + (x - m)*exp(-k*t)' },
    {
      of: 'x^2',
      is: '(m + (x - m)*exp(-k*t))^2 + x*s^2/k*(exp(-k*t) - exp(-2*k*t)) + m*s^2/(2*k)*(1 - exp(-k*t))^2',
    },
    {
      of: 'exp(-x)',
      is: '(1 + s^2/(2*k)*(1 - exp(-k*t)))^(-2*k*m/s^2)*exp(-x*exp(-k*t)/(1 + s^2/(2*k)*(1 - exp(-k*t))))',
    },
  ],
  source: 'Cox, Ingersoll and Ross 1985; noncentral chi-squared law',
};

/** Of dimension 3, which never reaches 0, and of dimension 1, which does. */
export const squaredBessel: ProblemFacts = {
  calculus: 'ito',
  spec: {
    state: ['x', 'y'],
    drift: ['3', '1'],
    diffusion: ['2*sqrt(max(x, 0))', '2*sqrt(max(y, 0))'],
    domain: ['x >= 0', 'y >= 0'],
  },
  t1: 1,
  x0: [1, 0.25],
  expectations: [
    { of: 'x', is: 'x + 3*t' },
    { of: 'exp(-x/2)', is: '(1 + t)^-1.5*exp(-x/2/(1 + t))' },
    { of: 'exp(-y/2)', is: '(1 + t)^-0.5*exp(-y/2/(1 + t))' },
  ],
  source: 'Laplace transform of the noncentral chi-squared law',
};

/** Two edges. */
export const wrightFisher: ProblemFacts = {
  calculus: 'ito',
  spec: {
    state: ['x'],
    params: { a: 0.6, b: 0.9 },
    drift: ['a*(1 - x) - b*x'],
    diffusion: ['sqrt(max(x*(1 - x), 0))'],
    domain: ['0 <= x <= 1'],
  },
  t1: 1,
  x0: [0.3],
  expectations: [
    { of: 'x', is: 'a/(a + b) + (x - a/(a + b))*exp(-(a + b)*t)' },
    {
      of: 'x^2',
      // (2a + 1) E x is what feeds it.
      is:
        '(2*a + 1)*a/((a + b)*(2*a + 2*b + 1)) + (2*a + 1)/(a + b + 1)*(x - a/(a + b))*exp(-(a + b)*t)' +
        ' + (x^2 - (2*a + 1)*a/((a + b)*(2*a + 2*b + 1)) - (2*a + 1)/(a + b + 1)*(x - a/(a + b)))*exp(-(2*a + 2*b + 1)*t)',
    },
  ],
  source: 'moment equations',
};

/** Noise that does not commute: price and variance. */
export const heston: ProblemFacts = {
  calculus: 'ito',
  spec: {
    state: ['S', 'v'],
    params: { r: 0.03, kappa: 1.5, theta: 0.04, xi: 0.5, rho: -0.7 },
    equations: [
      'dS = r*S*dt + sqrt(max(v, 0))*S*dW1',
      'dv = kappa*(theta - v)*dt + xi*sqrt(max(v, 0))*(rho*dW1 + sqrt(1 - rho^2)*dW2)',
    ],
    domain: ['v >= 0'],
  },
  t1: 1,
  x0: [100, 0.04],
  expectations: [
    { of: 'S', is: 'S*exp(r*t)' },
    { of: 'v', is: 'theta + (v - theta)*exp(-kappa*t)' },
    { of: 'log(S)', is: 'log(S) + (r - theta/2)*t - (v - theta)/(2*kappa)*(1 - exp(-kappa*t))' },
  ],
  source: 'Heston 1993',
};
