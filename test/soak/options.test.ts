/** Whatever is passed for an option: a result, or a typed error that is short and soon there. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  adaptive,
  affine,
  callbackScore,
  discrete,
  ERRORS,
  eulerMaruyama,
  mixtureScore,
  SdeError,
  sample,
  stream,
  subVp,
  torchScore,
  ve,
  vp,
} from '../../src/index.js';
import { gaussianScore } from '../support/gaussian.js';
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

/** A job that would take minutes is aborted before it starts. */
function short(given: unknown): never {
  try {
    const { count } = given as { count: number };
    if (count > 1000) return { ...(given as object), signal: AbortSignal.abort() } as never;
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
