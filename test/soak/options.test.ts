/** Whatever is passed for an option: a result, or a typed error that is short and soon there. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  adaptive,
  affine,
  callbackScore,
  convergence,
  discrete,
  ERRORS,
  eulerMaruyama,
  heun,
  inspect,
  itoSde,
  mixtureScore,
  problems,
  SdeError,
  sample,
  solve,
  step,
  stream,
  streamPaths,
  subVp,
  torchScore,
  ve,
  vp,
} from '../../src/index.js';
import { gaussianScore } from '../support/gaussian.js';
import { texts } from '../support/random-equations.js';
import { rounds } from '../support/rounds.js';

const long = 'x'.repeat(1e6);
/** What the library that makes the inputs cannot hold itself, made when it is passed. */
class Made {
  constructor(readonly make: () => unknown) {}
}

function made(given: unknown): unknown {
  if (given instanceof Made) return given.make();
  if (typeof given !== 'object' || given === null || Object.getPrototypeOf(given) !== Object.prototype) return given;
  const values = Object.entries(given).map(([name, value]) => [name, value instanceof Made ? value.make() : value]);
  return Object.fromEntries(values);
}

const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const detached = () => {
  const array = new Float32Array(4);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
};
const throwing = (thrown: unknown) =>
  new Proxy(
    {},
    {
      get() {
        throw thrown;
      },
      ownKeys() {
        throw thrown;
      },
    },
  );

const thrown = fc.constantFrom<unknown>(undefined, null, Symbol('s'), Object.create(null), 1n, new Error('e'));
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -0, 1, 5e-324, 1e308, -1e308, Number.NaN, Infinity, 2 ** 26, 2 ** 53, 2 ** 53 - 1),
);
const odd: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: number },
  {
    weight: 4,
    arbitrary: fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(long, [long], { [long]: long }, Symbol(), new Array(2 ** 32 - 1)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(revoked, detached, () => new SharedArrayBuffer(8)).map(make => new Made(make)),
  },
  { weight: 1, arbitrary: thrown.map(value => new Made(() => throwing(value))) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>('vp', 'cuda:0', 'auto', '1', '', 'noise', 'file:///a%2fb', /./u) },
);

/** An option right or odd; odd names too. */
function options(right: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  const named = Object.fromEntries(
    Object.entries(right).map(([name, good]) => [
      name,
      fc.oneof({ weight: 6, arbitrary: good }, { weight: 1, arbitrary: odd }),
    ]),
  );
  const others = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom(long, '__proto__', 'constructor')), odd, {
    maxKeys: 1,
  });
  return fc.oneof(
    { weight: 12, arbitrary: fc.record(named, { requiredKeys: [] }) },
    { weight: 2, arbitrary: fc.tuple(fc.record(named), others).map(([own, more]) => Object.assign({}, own, more)) },
    { weight: 1, arbitrary: odd },
  );
}

const positive = fc.double({ min: 1e-3, max: 10, noNaN: true });
const range = fc.constant([-1, 1]);
/** Functions of t, right and odd. */
const ofTime = fc.oneof(
  fc.constantFrom<(t: number) => unknown>(
    t => 1 + t,
    () => 1,
    t => Math.exp(-t),
    () => Math.random(),
    t => Math.sin(1e10 * t),
    t => (t < 0.3 ? 1 : 2),
    () => 1e300,
    () => 5e-324,
    () => '1',
    () => 1n,
    () => undefined,
  ),
  thrown.map(value => () => {
    throw value;
  }),
);
const scores = fc.constantFrom<unknown>(
  gaussianScore(2),
  callbackScore((_x, _t, out) => void out.fill(0)),
);

const network = callbackScore((_x, _t, out) => void out.fill(0));
const linear = itoSde({ state: ['x', 'y'], equations: ['dx = y*dt + x*dW1', 'dy = -x*dt + dW2'] });
const pair = fc.constantFrom<unknown>([1, 0], Float64Array.of(1, 0), new Float32Array(2), new Float64Array(6));
const expression = fc.oneof(
  { weight: 4, arbitrary: texts(['x', 'y', 't', 'a']) },
  { weight: 1, arbitrary: fc.string() },
  {
    weight: 1,
    arbitrary: fc.constantFrom('__proto__', 'constructor', 'x*dW1', '(', long, '((x', '1e999', 'ans', 'import("x")'),
  },
);
const equation = fc
  .tuple(fc.constantFrom('dx', 'dy', 'dz', 'x'), expression, expression)
  .map(([left, f, g]) => `${left} = (${f})*dt + (${g})*dW1`);

/** A job that would take minutes is aborted before it starts. */
function short(given: unknown): never {
  try {
    const { count } = given as { count: number };
    if (count > 1000) return { ...(given as object), signal: AbortSignal.abort() } as never;
  } catch {}
  return given as never;
}

/** One over many paths, times or steps likewise; and equal steps unless it has a solver. */
function few(given: unknown): never {
  try {
    const { paths, t0, t1, saveAt, solver } = given as Record<string, unknown>;
    const many = Number(paths) > 1000 || typeof t0 === 'object' || typeof t1 === 'object' || typeof saveAt === 'object';
    const signal = many ? { signal: AbortSignal.abort() } : {};
    return { solver: solver ?? eulerMaruyama({ steps: 4 }), ...(given as object), ...signal } as never;
  } catch {}
  return given as never;
}

function pathIn(given: unknown): never {
  try {
    return (given as { path: never }).path;
  } catch {
    return given as never;
  }
}

/** How each public function is called with one object of options. */
const CALLS: Record<string, [(given: never) => unknown, fc.Arbitrary<unknown>]> = {
  adaptive: [
    adaptive,
    options({ rtol: positive, atol: positive, scale: fc.constant('sum'), norm: fc.constant('max'), h0: positive }),
  ],
  eulerMaruyama: [eulerMaruyama, options({ steps: fc.nat() })],
  vp: [vp, options({ betaMin: positive, betaMax: fc.constant(20), tEnd: fc.constant(1e-3), dataRange: range })],
  subVp: [subVp, options({ betaMin: positive, betaMax: fc.constant(20), dataRange: range })],
  ve: [ve, options({ sigmaMin: positive, sigmaMax: fc.constant(50), dataRange: range })],
  affine: [
    affine,
    options({ drift: ofTime, diffusion: ofTime, T: positive, tEnd: fc.constant(1e-3), sigma0: positive }),
  ],
  'affine by its solution': [affine, options({ alpha: ofTime, sigma: ofTime, T: positive, priorStd: positive })],
  discrete: [discrete, options({ alphasCumprod: fc.array(fc.double({ min: 0, max: 1 }), { maxLength: 20 }) })],
  mixtureScore: [
    mixtureScore,
    options({
      weights: fc.array(positive, { maxLength: 3 }),
      means: fc.array(fc.array(number, { maxLength: 3 }), { maxLength: 3 }),
      variances: fc.array(positive, { maxLength: 3 }),
    }),
  ],
  callbackScore: [given => callbackScore(() => {}, given), options({ predicts: fc.constant('noise') })],
  torchScore: [given => torchScore(pathIn(given), given), options({ path: odd, predicts: fc.constant('noise') })],
  sample: [given => sample(short(given)), undefined as never],
  stream: [given => stream(short(given)).next(), undefined as never],
  inspect: [
    given => inspect(network, given),
    options({ sde: fc.constant(vp()), shape: fc.constant([2]), device: fc.constant('cpu'), count: fc.nat(3) }),
  ],
  heun: [
    heun,
    options({
      steps: fc.nat(10),
      rtol: positive,
      atol: positive,
      norm: fc.constant('max'),
      h0: positive,
      controller: options({ p: positive, i: positive, safety: fc.constant(0.5) }),
      maxSteps: fc.nat(100),
    }),
  ],
  itoSde: [
    itoSde,
    options({
      state: fc.constantFrom<unknown>(['x'], ['x', 'y'], ['x', 'x'], ['__proto__'], ['dt'], ['t']),
      params: fc.constantFrom<unknown>({ a: 1 }, { a: new Float64Array(2) }, JSON.parse('{ "__proto__": 1 }')),
      equations: fc.array(equation, { minLength: 1, maxLength: 2 }),
      noise: fc.constantFrom<unknown>('scalar', ['W1'], ['constructor']),
      domain: fc.array(expression, { maxLength: 1 }),
    }),
  ],
  'itoSde by its coefficients': [
    itoSde,
    options({
      state: fc.constantFrom<unknown>(['x'], ['x', 'y']),
      drift: fc.array(expression, { minLength: 1, maxLength: 2 }),
      diffusion: fc.array(fc.oneof(expression, fc.array(expression, { maxLength: 2 })), { minLength: 1, maxLength: 2 }),
    }),
  ],
  solve: [given => solve(linear, few(given)), undefined as never],
  'solve with reductions': [
    given => solve(linear, { t1: 1, x0: [1, 0], paths: 3, solver: eulerMaruyama({ steps: 2 }), reductions: given }),
    options({
      of: fc.oneof(fc.constant({ a: 'x*y' }), fc.dictionary(fc.string(), expression, { maxKeys: 2 })),
      covariance: fc.boolean(),
      quantiles: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
      histograms: fc.array(options({ of: fc.constantFrom('x', 'a'), low: number, high: number, bins: fc.nat(9) }), {
        maxLength: 2,
      }),
      stop: options({ of: fc.constantFrom('x', 'a'), halfWidth: positive, confidence: fc.constant(0.9) }),
    }),
  ],
  streamPaths: [given => streamPaths(linear, few(given)).next(), undefined as never],
  step: [given => step(linear, undefined, given), options({ t: number, h: positive, x: pair, dW: pair, H: pair })],
  convergence: [
    given => convergence(problems.geometricBrownianMotion(), ['eulerMaruyama'], given),
    options({ steps: fc.constant([1, 2]), paths: fc.constant(100), seed: fc.nat() }),
  ],
};
const ofJob = options({
  sde: fc.constant(vp()),
  score: scores,
  shape: fc.constant([2]),
  count: fc.integer({ min: 1, max: 3 }),
  seed: fc.oneof(fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  firstIndex: fc.nat(),
  solver: fc.constant(eulerMaruyama({ steps: 2 })),
  batch: fc.constantFrom(1, 7),
  device: fc.constant('cpu'),
  noise: fc.constantFrom('bridge', 'redraw', 'retain'),
  maxEvaluations: fc.nat(),
  initial: fc.constantFrom(undefined, new Float32Array(2)),
  onFailure: fc.constant('keep'),
  onProgress: fc.oneof(
    fc.constant(undefined),
    thrown.map(value => () => {
      throw value;
    }),
  ),
  signal: fc.constantFrom(undefined, AbortSignal.abort()),
});
CALLS.sample[1] = ofJob;
CALLS.stream[1] = ofJob;
const ofPaths = options({
  t0: fc.oneof(fc.constant(0), number),
  t1: fc.oneof(fc.constant(1), number),
  x0: pair,
  paths: fc.integer({ min: 1, max: 3 }),
  solver: fc.oneof(
    fc.constantFrom<unknown>(eulerMaruyama({ steps: 2 }), heun({ steps: 2 }), { kind: 'heun', steps: 2 }),
    options({ kind: fc.constantFrom('heun', 'ri1', 'shark', '__proto__'), steps: fc.nat(3), maxSteps: fc.nat(100) }),
  ),
  saveAt: fc.oneof(fc.constantFrom<unknown>('end', 'steps', [0.5, 1]), fc.record({ every: number })),
  seed: fc.nat(),
  firstIndex: fc.nat(),
  precision: fc.constantFrom('float64', 'float32'),
  path: options({ steps: fc.nat(10) }),
  saveW: fc.boolean(),
  events: fc.array(options({ when: expression, direction: fc.constant('up'), terminal: fc.boolean() }), {
    maxLength: 2,
  }),
  threads: fc.nat(3),
  onFailure: fc.constantFrom('keep', 'throw'),
  onProgress: fc.constantFrom(undefined, () => Promise.reject(new Error('e'))),
  signal: fc.constantFrom(undefined, AbortSignal.abort()),
  resume: fc.constantFrom<unknown>(undefined, {}),
});
CALLS.solve[1] = ofPaths;
CALLS.streamPaths[1] = ofPaths;

/** The error, where there is one. What onProgress throws, where that is an error, comes back as it is. */
async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}

it.each(Object.entries(CALLS))('%s ends by a result or a typed error', async (_name, [call, given]) => {
  const numRuns = Math.ceil(rounds(10_000, 100_000) / Object.keys(CALLS).length);
  const property = fc.asyncProperty(given, async one => {
    const error = await errorOf(() => call(made(one) as never));
    if (error === undefined || (error instanceof Error && error.message === 'e')) return;
    expect(error).toBeInstanceOf(SdeError);
    const { code, message } = error as SdeError;
    expect(ERRORS).toHaveProperty(code);
    expect(message.length).toBeLessThan(3000);
  });
  await fc.assert(property, { numRuns, seed: 20 });
});
