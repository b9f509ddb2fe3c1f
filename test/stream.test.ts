/** Finished samples one by one: leaving the loop, a slow reader, abort. */
import { describe, expect, it } from 'vitest';
import { callbackScore, type Progress, type SdeErrorResult, stream } from '../src/index.js';
import { caught } from './support/caught.js';
import { gaussianFunction } from './support/gaussian.js';
import { long, sde, short } from './support/jobs.js';

describe('a stream', () => {
  it('ends its job when the loop is left', async () => {
    const controller = new AbortController();
    let calls = 0;
    const exact = gaussianFunction(sde);
    const score = callbackScore((x, t, out, info) => {
      calls++;
      exact(x, t, out, info);
    });
    for await (const one of stream({ ...short, count: 100_000, score, signal: controller.signal })) {
      expect(one.status).toBe('success');
      break;
    }
    const atTheEnd = calls;
    await new Promise(resolve => setTimeout(resolve, 100));
    expect(calls).toBe(atTheEnd);
  });

  it('waits for a slow reader', async () => {
    let latest = 0;
    const onProgress = ({ finished }: Progress) => {
      latest = finished;
    };
    const samples = stream({ ...short, count: 5000, onProgress });
    await samples.next();
    await new Promise(resolve => setTimeout(resolve, 300));
    // Two batches may wait, one is in flight, and what was taken at once is being read.
    expect(latest).toBeLessThan(500);
    let count = 1;
    for await (const _ of samples) count++;
    expect(count).toBe(5000);
  });

  it('is refused for bad options at its first step', async () => {
    expect((await caught(() => stream({ ...short, count: 0 }).next())).option).toBe('count');
  });

  it('throws when it is aborted, with statistics', async () => {
    const controller = new AbortController();
    const error = await caught(async () => {
      for await (const _ of stream({ ...long, signal: controller.signal })) controller.abort();
    });
    expect(error.code).toBe('ERR_SDE_ABORTED');
    const { ended, totals } = (error.result as SdeErrorResult).stats;
    expect(Object.values(ended).reduce((sum, samples) => sum + samples)).toBe(4000);
    expect(ended.success).toBeGreaterThan(0);
    expect(totals.evaluations).toBeGreaterThan(ended.success * totals.mostEvaluations * 0.5);
  });
});
