// What the options of adaptive do to a step, told from what a score is asked: the algorithm followed beside the solver,
// in float64, request by request.
import { describe, expect, it } from 'vitest';
import {
  type AdaptiveOptions,
  adaptive,
  callbackScore,
  type Noise,
  type SampleOptions,
  sample,
  vp,
} from '../src/index.js';
import { gaussianFunction } from './support/gaussian.js';

const sde = vp();
const VARIANCE = 0.25;
const scoreAt = (x: number, t: number) => -x / (sde.alpha(t) ** 2 * VARIANCE + sde.sigma(t) ** 2);
const drift = (x: number, t: number) => sde.f(t) * x - sde.g(t) ** 2 * scoreAt(x, t);

interface Request {
  t: number;
  x: number[];
}

/** Everything that one sample asks, and what becomes of it. */
async function asked(options: Partial<SampleOptions>, n = 16) {
  const requests: Request[] = [];
  const exact = gaussianFunction(sde, 0, VARIANCE);
  const score = callbackScore((x, t, out, info) => {
    requests.push({ t: t[0], x: [...x] });
    return exact(x, t, out, info);
  });
  const result = await sample({ sde, score, shape: [n], count: 1, seed: 4, ...options });
  return { requests, ...result };
}

/** One step tried: from (t, x) with width h over x′ to x″, under the increment dW. */
interface Trial {
  t: number;
  h: number;
  x: number[];
  first: number[];
  second: number[];
  dW: number[];
  accepted: boolean;
}

/** The steps behind the requests: both stages, the second one alone after a rejection, the denoising at the end. */
function trials(requests: readonly Request[]): Trial[] {
  const steps: Trial[] = [];
  let from = requests[0];
  for (let i = 1; i < requests.length; i++) {
    const { t: later, x: first } = requests[i];
    const h = from.t - later;
    const dW = from.x.map((x, e) => (first[e] - x + h * drift(x, from.t)) / sde.g(from.t));
    const second = from.x.map((x, e) => {
      const K2 = -h * drift(first[e], later) + sde.g(later) * dW[e];
      return x + (first[e] - x + K2) / 2;
    });
    // An accepted step goes on where it led, a rejected one is tried again with less.
    const next = requests[i + 1];
    const accepted = next === undefined || Math.abs(next.t - later) < 1e-12;
    steps.push({ t: from.t, h, x: from.x, first, second, dW, accepted });
    if (accepted && next !== undefined) {
      from = next;
      i++;
    }
  }
  return steps;
}

/** A step's error in units of the tolerance. */
function errorOf(step: Trial, previous: number[], { rtol, atol, scale, norm }: ReturnType<typeof adaptive>): number {
  const units = step.first.map((x, e) => {
    const size = rtol * Math.max(Math.abs(x), Math.abs(previous[e]));
    const delta = scale === 'max' ? Math.max(atol!, size) : atol! + size;
    return Math.abs(x - step.second[e]) / delta;
  });
  if (norm === 'max') return Math.max(...units);
  return Math.sqrt(units.reduce((sum, one) => sum + one * one, 0) / units.length);
}

describe('adaptive', () => {
  const defaults = { atol: 2 / 256 };
  it.each<AdaptiveOptions>([
    {},
    { rtol: 0.01 },
    { rtol: 0.2 },
    { atol: 0.05 },
    { atol: 0.001, rtol: 0 },
    { scale: 'sum' },
    { norm: 'max' },
    { h0: 0.1 },
    { h0: 0.001 },
    { safety: 0.5 },
    { exponent: 0.5 },
    { exponent: 1.2, safety: 0.7, norm: 'max', scale: 'sum', h0: 0.3 },
  ])('takes the steps that its options say: %j', async options => {
    const solver = adaptive({ ...defaults, ...options });
    const { requests, samples, stats } = await asked({ solver });
    const steps = trials(requests);
    expect(requests).toHaveLength(stats.evaluations[0]);
    expect(steps.filter(({ accepted }) => accepted)).toHaveLength(stats.accepted[0]);
    expect(steps.filter(({ accepted }) => !accepted)).toHaveLength(stats.rejected[0]);

    let previous = steps[0].x;
    let h = solver.h0;
    for (const [i, step] of steps.entries()) {
      expect(Math.abs(step.h / h - 1), `step ${i} of ${step.h}, ${h} expected`).toBeLessThan(2e-3);
      const error = errorOf(step, previous, solver);
      // Not where rounding decides.
      if (Math.abs(error - 1) > 1e-3) expect(step.accepted, `step ${i}, error ${error}`).toBe(error <= 1);
      if (step.accepted) previous = step.first;
      const end = step.accepted ? step.t - step.h : step.t;
      h = Math.min(end - sde.tEnd, solver.safety * step.h * error ** -solver.exponent);
    }

    // x″ is kept, and denoised at tEnd.
    const last = steps.at(-1)!;
    const [alpha, sigma] = [sde.alpha(sde.tEnd), sde.sigma(sde.tEnd)];
    for (const [e, x] of samples.entries()) {
      const kept = requests.at(-1)!.x[e];
      expect(Math.abs(kept - last.second[e])).toBeLessThan(1e-4);
      expect(Math.abs(x - (kept + sigma ** 2 * scoreAt(kept, sde.tEnd)) / alpha)).toBeLessThan(1e-5);
    }
  });

  it('gives the state itself without the final denoising', async () => {
    const { requests } = await asked({});
    const { samples } = await asked({ finalDenoise: false });
    expect([...samples]).toEqual(requests.at(-1)!.x);
  });
});

describe('the noise of a step that is tried again', () => {
  const n = 4096;
  const solver = adaptive({ h0: 0.4 });
  const correlation = (a: number[], b: number[]) => {
    const dot = (u: number[], v: number[]) => u.reduce((sum, one, e) => sum + one * v[e], 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  };

  /** The first step's increment, refused, and the next one's; as standard normals, and q = h′/h. */
  async function twice(noise: Noise) {
    const steps = trials((await asked({ solver, noise }, n)).requests);
    expect(steps[0].accepted).toBe(false);
    const [before, after] = steps.map(({ dW, h }) => dW.map(one => one / Math.sqrt(h)));
    const variance = after.reduce((sum, one) => sum + one * one, 0) / n;
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    return { before, after, q: steps[1].h / steps[0].h, r: correlation(before, after) };
  }

  it('is the same path by a bridge: W(qh) has the correlation √q with W(h)', async () => {
    const { q, r } = await twice('bridge');
    expect(Math.abs(r - Math.sqrt(q))).toBeLessThan((5 * (1 - q)) / Math.sqrt(n));
    expect(q).toBeLessThan(0.9);
  });

  it('is drawn anew: no correlation', async () => {
    expect(Math.abs((await twice('redraw')).r)).toBeLessThan(5 / Math.sqrt(n));
  });

  it('is scaled: the same normals', async () => {
    const { before, after } = await twice('retain');
    for (const [e, one] of after.entries()) expect(Math.abs(one - before[e])).toBeLessThan(1e-3);
  });
});
