/** Jobs in worker threads. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { eulerMaruyama, sample } from '../src/index.js';
import { long, short } from './support/jobs.js';

describe('worker threads', () => {
  const library = new URL('../dist/esm/index.js', import.meta.url);
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    import(workerData.library).then(async ({ sample }) => {
      const { samples } = await sample(workerData.options);
      parentPort.postMessage(samples);
    });`;

  it('run jobs from SDE, score and solver sent to them', async () => {
    expect(existsSync(library), 'dist/ is missing: npm test builds it').toBe(true);
    const options = { ...short, solver: eulerMaruyama({ steps: 20 }) };
    const workers = [1, 2, 3].map(seed => {
      const data = { library: library.href, options: { ...options, seed } };
      return new Worker(code, { eval: true, workerData: data });
    });
    const answers = await Promise.all(workers.map(worker => once(worker, 'message')));
    await Promise.all(workers.map(worker => worker.terminate()));
    for (const [i, [samples]] of answers.entries()) {
      expect(samples).toEqual((await sample({ ...options, seed: i + 1 })).samples);
    }
  });

  it('may be terminated in the middle of a job', async () => {
    const data = { library: library.href, options: long };
    const worker = new Worker(code, { eval: true, workerData: data });
    await once(worker, 'online');
    await new Promise(resolve => setTimeout(resolve, 500));
    const started = performance.now();
    await worker.terminate();
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
