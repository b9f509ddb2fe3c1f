/** Several noises on the same state, commuting and not, and rotations. */
import type { ProblemFacts } from './facts.js';

/** One sign for all noises in place of one a noise is found out here. */
export const twoNoises: ProblemFacts = {
  calculus: 'ito',
  spec: { state: ['x'], params: { a: -0.02, b1: 0.6, b2: 0.8 }, drift: ['a*x'], diffusion: [['b1*x', 'b2*x']] },
  t1: 1,
  x0: [1],
  path: ['x0*exp((a - (b1^2 + b2^2)/2)*t + b1*W1 + b2*W2)'],
  expectations: [{ of: 'x', is: 'x*exp(a*t)' }],
  source: 'Itô formula',
};

/** Two assets, correlated: commutative, not diagonal. */
export const correlatedAssets: ProblemFacts = {
  calculus: 'ito',
  spec: {
    state: ['x', 'y'],
    params: { r: 0.05, a: 0.3, b: 0.4, rho: 0.6 },
    equations: ['dx = r*x*dt + a*x*dW1', 'dy = r*y*dt + b*y*(rho*dW1 + sqrt(1 - rho^2)*dW2)'],
  },
  t1: 1,
  x0: [1, 2],
  path: ['x0*exp((r - a^2/2)*t + a*W1)', 'y0*exp((r - b^2/2)*t + b*(rho*W1 + sqrt(1 - rho^2)*W2))'],
  expectations: [
    { of: 'x', is: 'x*exp(r*t)' },
    { of: 'x*y', is: 'x*y*exp((2*r + a*b*rho)*t)' },
    {
      of: 'max(x - y, 0)',
      is: 'exp(r*t)*(x*(1 + erf((log(x/y)/sqrt((a^2 + b^2 - 2*a*b*rho)*t) + sqrt((a^2 + b^2 - 2*a*b*rho)*t)/2)/sqrt(2)))/2 - y*(1 + erf((log(x/y)/sqrt((a^2 + b^2 - 2*a*b*rho)*t) - sqrt((a^2 + b^2 - 2*a*b*rho)*t)/2)/sqrt(2)))/2)',
    },
  ],
  source: 'Itô formula; Margrabe 1978 for the exchange option',
};

/** Starts away from the line x = y, on which the noise would commute. */
export const nonCommutativeLinear: ProblemFacts = {
  calculus: 'ito',
  spec: {
    state: ['x', 'y'],
    drift: ['-x + 0.5*y', '0.2*x - 0.8*y'],
    diffusion: [
      ['0.3*x + 0.2*y', '0.1*x'],
      ['0.1*y', '0.4*x - 0.2*y'],
    ],
  },
  t1: 2,
  x0: [1, 0.5],
  expectations: [
    { of: 'x', is: 'exp(-0.9*t)*(x*cosh(sqrt(0.11)*t) + (0.5*y - 0.1*x)/sqrt(0.11)*sinh(sqrt(0.11)*t))' },
    { of: 'y', is: 'exp(-0.9*t)*(y*cosh(sqrt(0.11)*t) + (0.2*x + 0.1*y)/sqrt(0.11)*sinh(sqrt(0.11)*t))' },
  ],
  source: 'matrix exponential of the drift',
};

/** The simplest noise that does not commute. */
export const levyArea: ProblemFacts = {
  calculus: 'ito',
  spec: { state: ['x', 'y', 'A'], equations: ['dx = dW1', 'dy = dW2', 'dA = (x*dW2 - y*dW1)/2'] },
  t1: 1,
  x0: [0, 0, 0],
  expectations: [
    { of: 'A^2', is: 'A^2 + ((x^2 + y^2)*t + t^2)/4' },
    { of: 'cos(2*A)', is: 'cos(2*A)*exp(-(x^2 + y^2)/2*tanh(t))/cosh(t)' },
  ],
  source: 'Lévy 1951',
};

/** Stays on its circle, in both calculi written differently. */
export const circle: ProblemFacts = {
  calculus: 'ito',
  spec: { state: ['x', 'y'], drift: ['-x/2', '-y/2'], diffusion: ['-y', 'x'], noise: 'scalar' },
  t1: 1,
  x0: [0.6, 0.8],
  path: ['x0*cos(W1) - y0*sin(W1)', 'x0*sin(W1) + y0*cos(W1)'],
  expectations: [
    { of: 'x', is: 'x*exp(-t/2)' },
    { of: 'x^2 + y^2', is: 'x^2 + y^2' },
    { of: 'x*y', is: 'x*y*exp(-2*t)' },
  ],
  source: 'Itô formula',
};

/** An oscillator whose frequency is noisy. */
export const kuboOscillator: ProblemFacts = {
  calculus: 'stratonovich',
  spec: {
    state: ['x', 'y'],
    params: { omega: 2, s: 0.5 },
    equations: ['dx = -y*(omega*dt + s*dW1)', 'dy = x*(omega*dt + s*dW1)'],
  },
  t1: 1,
  x0: [1, 0],
  path: ['x0*cos(omega*t + s*W1) - y0*sin(omega*t + s*W1)', 'x0*sin(omega*t + s*W1) + y0*cos(omega*t + s*W1)'],
  expectations: [{ of: 'x', is: 'exp(-s^2*t/2)*(x*cos(omega*t) - y*sin(omega*t))' }],
  source: 'Kubo 1954; chain rule',
};
