/** Linear equations with one noise a state: lognormal and normal answers. */
import type { ProblemFacts } from './facts.js';

/** Black–Scholes: strong and weak errors of every solver are known here. */
export const geometricBrownianMotion: ProblemFacts = {
  calculus: 'ito',
  spec: { state: ['x'], params: { a: 1.01, b: 0.87 }, drift: ['a*x'], diffusion: ['b*x'] },
  t1: 1,
  x0: [0.5],
  path: ['x0*exp((a - b^2/2)*t + b*W1)'],
  expectations: [
    { of: 'x', is: 'x*exp(a*t)' },
    { of: 'x^2', is: 'x^2*exp((2*a + b^2)*t)' },
    { of: 'log(x)', is: 'log(x) + (a - b^2/2)*t' },
  ],
  source: 'Itô formula',
};

/** The same texts, another process. */
export const geometricStratonovich: ProblemFacts = {
  calculus: 'stratonovich',
  spec: geometricBrownianMotion.spec,
  t1: 1,
  x0: [0.5],
  path: ['x0*exp(a*t + b*W1)'],
  expectations: [{ of: 'x', is: 'x*exp((a + b^2/2)*t)' }],
  source: 'chain rule',
};

export const ornsteinUhlenbeck: ProblemFacts = {
  calculus: 'ito',
  spec: { state: ['x'], params: { k: 2, m: 0.5, s: 0.4 }, drift: ['k*(m - x)'], diffusion: ['s'] },
  t1: 1,
  x0: [-1],
  expectations: [
    { of: 'x', is: 'm + (x - m)*exp(-k*t)' },
    { of: 'x^2', is: '(m + (x - m)*exp(-k*t))^2 + s^2/(2*k)*(1 - exp(-2*k*t))' },
    { of: 'cos(x)', is: 'cos(m + (x - m)*exp(-k*t))*exp(-s^2/(4*k)*(1 - exp(-2*k*t)))' },
  ],
  source: 'normal law; Uhlenbeck and Ornstein 1930',
};

/** Additive noise that depends on time, with a solution path by path. */
export const decayingNoise: ProblemFacts = {
  calculus: 'ito',
  spec: {
    state: ['x'],
    params: { alpha: 0.1, beta: 0.05 },
    drift: ['beta/sqrt(1 + t) - x/(2*(1 + t))'],
    diffusion: ['alpha*beta/sqrt(1 + t)'],
  },
  t1: 1,
  x0: [1],
  path: ['(x0 + beta*(t + alpha*W1))/sqrt(1 + t)'],
  source: 'Rößler 2010, SIAM J. Numer. Anal. 48, example of additive noise',
};

/** A normal position with a variance of t³/3. */
export const integratedBrownianMotion: ProblemFacts = {
  calculus: 'ito',
  spec: { state: ['x', 'v'], params: { s: 0.7 }, equations: ['dx = v*dt', 'dv = s*dW1'] },
  t1: 2,
  x0: [1, -0.5],
  expectations: [
    { of: 'x', is: 'x + v*t' },
    { of: 'x^2', is: '(x + v*t)^2 + s^2*t^3/3' },
    { of: 'x*v', is: '(x + v*t)*v + s^2*t^2/2' },
  ],
  source: 'normal law',
};

/** The logarithm is an Ornstein–Uhlenbeck process. */
export const gompertz: ProblemFacts = {
  calculus: 'ito',
  spec: {
    state: ['x'],
    params: { a: 0.5, b: 1, s: 0.3 },
    drift: ['x*(a - b*log(x))'],
    diffusion: ['s*x'],
    domain: ['x > 0'],
  },
  t1: 1,
  x0: [0.4],
  expectations: [
    { of: 'x', is: 'exp(exp(-b*t)*log(x) + (a - s^2/2)/b*(1 - exp(-b*t)) + s^2/(4*b)*(1 - exp(-2*b*t)))' },
    { of: 'log(x)', is: 'exp(-b*t)*log(x) + (a - s^2/2)/b*(1 - exp(-b*t))' },
  ],
  source: 'Itô formula for ln x',
};
