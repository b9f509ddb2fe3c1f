// Who lives how long in the addon: jobs beside each other, collected, and in dying workers
// (soak/exits.test.ts has dying processes).
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { addon, endless, gaussian, job, type Kind, program, run } from './support/native-jobs.js';

setFlagsFromString('--expose-gc');
const gc: () => void = runInNewContext('gc');

describe('lifetimes', () => {
  it('many jobs at once do not disturb each other', async () => {
    const alone = new Float32Array(30);
    await run(job({ output: alone }));
    const outputs = Array.from({ length: 40 }, () => new Float32Array(30));
    await Promise.all(outputs.map(output => run(job({ output }))));
    for (const output of outputs) expect(output).toEqual(alone);
  });

  it('progress is coalesced and comes to its end', async () => {
    let wakes = 0;
    let last = 0;
    const began = performance.now();
    await run(job({ shape: [512], score: gaussian(512), count: 64, output: new Float32Array(64 * 512) }), started => {
      ++wakes;
      const { fraction } = started.progress();
      expect(fraction).toBeGreaterThanOrEqual(last);
      last = fraction;
    });
    expect(last).toBe(1);
    expect(wakes).toBeLessThanOrEqual(2 + (performance.now() - began) / 50);
  });

  it('an abort ends a job at once', async () => {
    const started = addon.start(endless(), () => {});
    await sleep(20);
    const began = performance.now();
    started.abort();
    while (!started.outcome()) await sleep(1);
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it('jobs nobody holds are collected: their threads end', async () => {
    const ended = new Promise<void>(resolve => {
      // Its wake callback does not hold the job, so that the collector may take it.
      addon.start(job({ score: addon.createCallback() }), counted(2, resolve));
    });
    const collecting = setInterval(gc, 10);
    await ended;
    clearInterval(collecting);
  });

  it('a score may be collected while a job runs on it', async () => {
    const output = new Float32Array(64 * 512);
    const running = run(job({ shape: [512], score: gaussian(512), count: 64, output }));
    for (let i = 0; i < 10; ++i) {
      gc();
      await sleep(1);
    }
    const { result } = await running;
    expect(result.ended[0]).toBe(64);
  });

  describe.each<Kind>(['output', 'queue', 'callback', 'torch', 'paths'])('in the middle of jobs (%s)', kind => {
    it('a worker is terminated', async () => {
      const code = program(kind, `require('node:worker_threads').parentPort.postMessage('started');`);
      const terminate = async (delay: number) => {
        const worker = new Worker(code, { eval: true });
        await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
        await sleep(delay);
        expect(await worker.terminate()).toBe(1);
      };
      for (let round = 0; round < 3; ++round) await Promise.all([0, 5, 20].map(terminate));
    });
  });

  it('a running job keeps the process alive until it has ended, and no longer', () => {
    const code = program('output', `process.on('exit', () => process.stdout.write('done'));`, { small: true });
    const { status, stdout } = spawnSync(process.execPath, ['-e', code], { timeout: 30_000 });
    expect({ status, stdout: String(stdout) }).toEqual({ status: 0, stdout: 'done' });
  });

  it('an exception in the wake callback is an uncaught one', () => {
    const code = program(
      'callback',
      `process.on('uncaughtException', (error) => { process.stdout.write(error.message); process.exit(0); });
      addon.start(options, () => { throw new Error('from wake'); });`,
    );
    const { stdout } = spawnSync(process.execPath, ['-e', code], { timeout: 30_000 });
    expect(String(stdout)).toBe('from wake');
  });
});

function counted(calls: number, then: () => void): () => void {
  let left = calls;
  return () => {
    if (--left === 0) then();
  };
}
