/** Particles: Langevin's equation, a stiff relaxation, wells and heavy tails in the long run. */
import type { ProblemFacts } from './facts.js';

/** A particle on a spring in a heat bath: x, v normal, stationary variance of x T/k. */
export const harmonicLangevin: ProblemFacts = {
  calculus: 'ito',
  spec: {
    state: ['x', 'v'],
    params: { k: 4, g: 0.5, T: 0.8 },
    equations: ['dx = v*dt', 'dv = -k*x*dt - g*v*dt + sqrt(2*g*T)*dW1'],
  },
  t1: 1,
  x0: [1, 0],
  expectations: [
    {
      of: 'x',
      is: 'exp(-g*t/2)*(x*cos(sqrt(k - g^2/4)*t) + (v + g*x/2)/sqrt(k - g^2/4)*sin(sqrt(k - g^2/4)*t))',
    },
    {
      of: 'v',
      is: 'exp(-g*t/2)*(v*cos(sqrt(k - g^2/4)*t) - (k*x + g*v/2)/sqrt(k - g^2/4)*sin(sqrt(k - g^2/4)*t))',
    },
  ],
  stationary: [
    { of: 'x^2', is: 0.2 },
    { of: 'v^2', is: 0.8 },
  ],
  source: 'linear system; Gibbs law',
};

/** Explicit solvers need steps below 2/1000. */
export const stiffRelaxation: ProblemFacts = {
  calculus: 'ito',
  spec: { state: ['x'], params: { k: 1000, m: 0.3, s: 0.5 }, drift: ['-k*(x - m)'], diffusion: ['s'] },
  t1: 1,
  x0: [0],
  expectations: [
    { of: 'x', is: 'm + (x - m)*exp(-k*t)' },
    { of: '(x - m)^2', is: '((x - m)*exp(-k*t))^2 + s^2/(2*k)*(1 - exp(-2*k*t))' },
  ],
  source: 'normal law',
};

/** Two wells at ±1, density proportional to exp(−2 (x⁴/4 − x²/2)/s²). */
export const doubleWell: ProblemFacts = {
  calculus: 'ito',
  spec: { state: ['x'], params: { s: 0.7 }, drift: ['x - x^3'], diffusion: ['s'] },
  t1: 40,
  x0: [1],
  stationary: [
    { of: 'x^2', is: 0.8322329813232591 },
    { of: 'x^4', is: 1.077232981323259 },
  ],
  source: 'Gibbs density, by quadrature',
};

/** Heavy tails: density proportional to (1 + x²)^−3. */
export const student: ProblemFacts = {
  calculus: 'ito',
  spec: { state: ['x'], drift: ['-x'], diffusion: ['sqrt(0.5*(1 + x^2))'] },
  t1: 10,
  x0: [0],
  expectations: [
    { of: 'x', is: 'x*exp(-t)' },
    { of: 'x^2', is: '1/3 + (x^2 - 1/3)*exp(-1.5*t)' },
  ],
  stationary: [{ of: '1/(1 + x^2)', is: 5 / 6 }],
  source: 'stationary density of the Itô equation',
};

/** The same texts: density proportional to (1 + x²)^−5/2. */
export const studentStratonovich: ProblemFacts = {
  calculus: 'stratonovich',
  spec: student.spec,
  t1: 10,
  x0: [0],
  stationary: [{ of: '1/(1 + x^2)', is: 0.8 }],
  source: 'stationary density of the Stratonovich equation',
};
