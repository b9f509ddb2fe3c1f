/** Nothing that a job does stops the event loop for long, however large the job is. */
import { describe, expect, it } from 'vitest';
import { child } from './support/children.js';

/**
 * The longest that `code` kept the event loop from its next turn, in milliseconds of work on its thread: what a busy
 * machine takes from it does not count.
 */
async function longestPause(code: string): Promise<number> {
  const { status, stdout, stderr } = await child(`
    import { readFileSync } from 'node:fs';
    const one = sde.mixtureScore({ weights: [1], means: [[0]], variances: [1] });
    const wide = sde.mixtureScore({ weights: [1], means: new Float32Array(2 ** 22), variances: [1] });
    const job = { sde: sde.vp(), solver: sde.eulerMaruyama({ steps: 1 }), finalDenoise: false };
    const worked = () => Number(readFileSync('/proc/self/task/' + process.pid + '/schedstat', 'utf8').split(' ')[0]) / 1e6;
    await sde.sample({ ...job, score: one, shape: [1], count: 1 });
    await new Promise(resolve => setTimeout(resolve, 50));
    let [longest, last] = [0, worked()];
    const turn = () => {
      const now = worked();
      longest = Math.max(longest, now - last);
      last = now;
    };
    const timer = setInterval(turn, 5);
    ${code}
    await new Promise(resolve => setTimeout(resolve, 20));
    clearInterval(timer);
    console.log(longest);
  `);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return Number(stdout);
}

describe('the event loop is free', () => {
  it('while and after a job of millions of samples', async () => {
    const code = `
      const { stats } = await sde.sample({ ...job, score: one, shape: [1], count: 2 ** 22, batch: 4096 });
      if (sde.summary(stats).succeeded !== 2 ** 22) throw new Error('not all');
    `;
    expect(await longestPause(code)).toBeLessThan(50);
  });

  it('while millions of steps are read', async () => {
    const code = `
      const solver = sde.eulerMaruyama({ steps: 64 });
      const { trajectory } = await sde.sample({ ...job, solver, score: one, shape: [1], count: 2 ** 15, batch: 4096, trajectory: true });
      if (trajectory.t.length !== 2 ** 21 || trajectory.sample.at(-1) !== 2 ** 15 - 1) throw new Error('not all');
    `;
    expect(await longestPause(code)).toBeLessThan(50);
  });

  it('when such a job is aborted', async () => {
    const code = `
      const signal = AbortSignal.timeout(100);
      const error = await sde.sample({ ...job, score: one, shape: [64], score: sde.mixtureScore({ weights: [1], means: new Float32Array(64), variances: [1] }), count: 2 ** 22, signal })
        .catch(error => error);
      if (error.code !== 'ERR_SDE_ABORTED' || !Number.isNaN(error.result.samples.at(-1))) throw error;
    `;
    expect(await longestPause(code)).toBeLessThan(50);
  });

  it('between the questions of a callback, however fast one follows another', async () => {
    const code = `
      const busy = (x, t, out) => {
        const end = worked() + 5;
        while (worked() < end);
        out.fill(0);
      };
      const solver = sde.eulerMaruyama({ steps: 100 });
      await sde.sample({ ...job, solver, score: sde.callbackScore(busy), shape: [1], count: 1 });
    `;
    expect(await longestPause(code)).toBeLessThan(50);
  });

  it('while large arrays of the caller are copied', async () => {
    const code = `
      const initial = new Float32Array(2 ** 26).fill(1);
      await new Promise(resolve => setTimeout(resolve, 50));
      longest = 0;
      await sde.sample({ ...job, score: wide, shape: [2 ** 22], count: 16, batch: 2, initial });
    `;
    expect(await longestPause(code)).toBeLessThan(50);
  });

  it('while LibTorch is opened', async () => {
    const code = `await sde.torchScore('examples/digits/digits.pt', { predicts: 'noise', timeInput: 'label' });`;
    expect(await longestPause(code)).toBeLessThan(50);
  });

  it('before the first job of a large mixture', async () => {
    const code = `
      const score = sde.mixtureScore({ weights: [1, 1, 1, 1], means: new Float32Array(2 ** 25), variances: [1, 1, 1, 1] });
      await new Promise(resolve => setTimeout(resolve, 20));
      longest = 0;
      const jobs = [1, 2].map(seed => sde.sample({ ...job, score, shape: [2 ** 23], seed }));
      const [first, second] = await Promise.all(jobs);
      if (first.samples.length !== 2 ** 23 || first.samples[1] === second.samples[1]) throw new Error('not all');
    `;
    expect(await longestPause(code)).toBeLessThan(50);
  });

  it('while a callback score is asked for millions of numbers', async () => {
    const code = `
      const score = sde.callbackScore((x, t, out) => {
        turn(); // what the function itself takes is its own
        const right = [0, 2 ** 20, x.length - 1].every(i => x[i] === 3 && Number.isNaN(out[i]));
        out.fill(right ? 1 : Number.NaN);
        last = worked();
      });
      const initial = new Float32Array(3 * 2 ** 23).fill(3);
      await new Promise(resolve => setTimeout(resolve, 20));
      longest = 0;
      const { samples } = await sde.sample({ ...job, score, shape: [2 ** 23], count: 3, initial });
      if (![0, 2 ** 20, samples.length - 1].every(i => Number.isFinite(samples[i]))) throw new Error('not all');
    `;
    expect(await longestPause(code)).toBeLessThan(50);
  });

  it('while a large mixture is made', async () => {
    const code = `
      const means = new Float32Array(2 ** 23).fill(1);
      await new Promise(resolve => setTimeout(resolve, 20));
      longest = 0;
      sde.mixtureScore({ weights: [1], means, variances: [1] });
    `;
    expect(await longestPause(code)).toBeLessThan(50);
  });

  it('while millions of paths start where each is told, and while they are counted', async () => {
    const code = `
      const x0 = new Float64Array(2 ** 23).fill(1);
      const still = sde.itoSde({ state: ['x'], equations: ['dx = dW1'], domain: ['x < 6'] });
      const solver = sde.eulerMaruyama({ steps: 1 });
      await new Promise(resolve => setTimeout(resolve, 20));
      longest = 0;
      const { stats } = await sde.solve(still, { t0: 1, t1: 0, x0, paths: x0.length, solver, onFailure: 'keep' });
      if (stats.ended.success + stats.ended.leftDomain !== x0.length) throw new Error('not all');
    `;
    expect(await longestPause(code)).toBeLessThan(50);
  });

  it('while statistics of thousands of times are read', async () => {
    const code = `
      const names = Array.from({ length: 8 }, (_, i) => 'x' + i);
      const many = sde.itoSde({ state: names, equations: names.map((name, i) => 'd' + name + ' = dW' + (i + 1)) });
      const saveAt = { every: 2 ** -12 };
      const solver = sde.eulerMaruyama({ steps: 1 });
      const reductions = { covariance: true, quantiles: [0.1, 0.9], histograms: [{ of: 'x0', low: 0, high: 1, bins: 1000 }] };
      await new Promise(resolve => setTimeout(resolve, 20));
      longest = 0; // without the making of the equations
      const { statistics } = await sde.solve(many, { t1: 1, x0: names.map(() => 0), paths: 8, saveAt, solver, reductions });
      if (statistics.length !== 2 ** 12 || statistics[2 ** 12 - 1].count !== 8) throw new Error('not all');
    `;
    expect(await longestPause(code)).toBeLessThan(50);
  });

  it('while a stream is read that is faster than its reader', async () => {
    const code = `
      let count = 0;
      for await (const { data } of sde.stream({ ...job, score: one, shape: [1], count: 200_000, batch: 4096 })) count += data.length;
      for await (const { data } of sde.stream({ ...job, score: wide, shape: [2 ** 22], count: 6, batch: 1 })) count += data.length;
      if (count !== 200_000 + 6 * 2 ** 22) throw new Error('not all');
    `;
    expect(await longestPause(code)).toBeLessThan(50);
  });
});

describe('a stream', () => {
  it('holds a few batches, however many samples are asked for', async () => {
    const { stdout, stderr } = await child(
      `
      const score = sde.mixtureScore({ weights: [1], means: [[0]], variances: [1] });
      const ended = () => sde.stream({ sde: sde.vp(), score, shape: [1], count: 100 });
      for await (const _ of ended());
      globalThis.gc();
      const before = process.memoryUsage.rss();
      let taken = 0;
      for await (const _ of sde.stream({ sde: sde.vp(), score, shape: [1], count: 2 ** 40 })) if (++taken === 1000) break;
      console.log((process.memoryUsage.rss() - before) / 2 ** 20);
    `,
      ['--expose-gc'],
    );
    expect(stderr).toBe('');
    expect(Number(stdout)).toBeLessThan(48);
  });

  it('that is dropped gives back its thread and its memory, and does not keep the process', async () => {
    const { status, stdout, stderr } = await child(
      `
      import { readdirSync } from 'node:fs';
      const score = sde.mixtureScore({ weights: [1], means: new Float32Array(4096), variances: [1] });
      const options = { sde: sde.vp(), score, shape: [4096], count: 1e6, threads: 1 };
      const threads = () => readdirSync('/proc/self/task').length;
      const { signal } = new AbortController();
      const drop = async more => {
        sde.stream(options); // one that was never read
        await sde.stream({ ...options, ...more }).next();
      };
      await drop({ signal });
      const before = threads();
      for (let i = 0; i < 20; i++) await drop();
      for (let i = 0; i < 200 && threads() >= before; i++) {
        globalThis.gc();
        await new Promise(resolve => setTimeout(resolve, 5));
      }
      console.log(threads() < before);
      const kept = sde.stream(options);
      await kept.next();
      globalThis.kept = kept;
    `,
      ['--expose-gc'],
    );
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'true\n', stderr: '' });
  });
});
