/** Figures of a job from what the addon counts. */
import { expect, it } from 'vitest';
import type { NativeFigures, NativeResult } from '../src/native.js';
import { jobStats, sampleStats, summary } from '../src/run/stats.js';

const result: NativeResult = {
  ended: [1, 1, 1, 0, 1],
  evaluations: 35,
  accepted: 12,
  rejected: 8,
  mostEvaluations: 20,
  network: { calls: 9, rows: 50 },
  timing: { totalMs: 30, scoreMs: 20, solverMs: 7 },
  steps: 0,
};
const figures: NativeFigures = {
  evaluations: Uint32Array.of(10, 20, 5, 0),
  accepted: Uint32Array.of(4, 6, 2, 0),
  rejected: Uint32Array.of(1, 7, 0, 0),
  status: Uint8Array.of(0, 2, 1, 4),
};
const stats = jobStats(result, { batch: 6, device: 'cpu' }, 1);

it('names each sample’s status and says which rows were of use', () => {
  const all = sampleStats(stats, figures);
  expect(all).toEqual({
    ...figures,
    status: ['success', 'stepUnderflow', 'nonFinite', 'unfinished'],
    ended: { success: 1, nonFinite: 1, stepUnderflow: 1, maxEvaluations: 0, unfinished: 1 },
    totals: { evaluations: 35, accepted: 12, rejected: 8, mostEvaluations: 20 },
    network: result.network,
    timing: result.timing,
    batch: 6,
    device: 'cpu',
    utilisation: 35 / 50,
  });
  // Plain data to all who read it, and made once.
  expect(JSON.parse(JSON.stringify(all)).status).toEqual(all.status);
  expect(structuredClone(all).status).toEqual(all.status);
  expect(all.status).toBe(all.status);
});

it('counts two rows an evaluation under guidance', () => {
  const network = { calls: 9, rows: 100 };
  expect(jobStats({ ...result, network }, { batch: 6, device: 'cpu' }, 2)).toEqual({
    ...stats,
    ended: { success: 1, nonFinite: 1, stepUnderflow: 1, maxEvaluations: 0, unfinished: 1 },
    totals: { evaluations: 35, accepted: 12, rejected: 8, mostEvaluations: 20 },
    network,
    utilisation: 0.7,
  });
});

it('calls no row at all fully used', () => {
  expect(jobStats({ ...result, network: { calls: 0, rows: 0 } }, stats, 1).utilisation).toBe(1);
});

it('tells of a CUDA graph where there is one', () => {
  const graph = { captured: false, reason: 'no' };
  expect(jobStats({ ...result, graph }, stats, 1).graph).toEqual(graph);
  expect(stats).not.toHaveProperty('graph');
});

it('is summed up: means, maxima, and rejected steps over all that were tried', () => {
  expect(summary(stats)).toEqual({
    count: 4,
    succeeded: 1,
    meanEvaluations: 35 / 4,
    maxEvaluations: 20,
    rejectedShare: 8 / 20,
    networkCalls: 9,
    networkRows: 50,
    utilisation: 0.7,
    totalMs: 30,
    scoreMs: 20,
    solverMs: 7,
  });
  const totals = { ...stats.totals, accepted: 0, rejected: 0 };
  expect(summary({ ...stats, totals }).rejectedShare).toBe(0);
});

it('tells of a network’s layout where it is known', () => {
  const layout = { used: 'contiguous', reason: 'no convolutions' } as const;
  expect(jobStats(result, { ...stats, layout, cause: 'NaN' }, 1)).toMatchObject({ layout, cause: 'NaN' });
  for (const absent of ['layout', 'cause']) expect(stats).not.toHaveProperty(absent);
});
