/** What loaded models cost, and when it comes back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { type SampleOptions, sample, stream, type TorchScore, torchScore, vp } from '../src/index.js';
import { LAYOUTS } from '../src/words.js';
import { caught } from './support/caught.js';
import { child } from './support/children.js';
import { testModels } from './support/models.js';

const MIB = 2 ** 20;
let load: () => Promise<TorchScore>;
let job: (score: TorchScore) => SampleOptions;
beforeAll(async () => {
  const file = (await testModels())('heavy');
  load = () => torchScore(file, { predicts: 'score', timeInput: 't' });
  job = score => ({ sde: vp(), score, shape: [1024], count: 4, seed: 1 });
  // What the first one brings along stays.
  await sample(job(await load()));
});

/** MiB by which the process has grown since. */
function growing(): () => number {
  const { rss } = process.memoryUsage();
  return () => (process.memoryUsage().rss - rss) / MIB;
}

describe('a model', () => {
  it('that nobody holds is collected: 200 loads of 4 MiB', async () => {
    const grown = growing();
    for (let i = 0; i < 200; i++) await load();
    expect(grown()).toBeLessThan(300);
  });

  it.each(LAYOUTS)('holds its weights once, in layout %s: 20 models of 9 MiB', async layout => {
    const file = JSON.stringify((await testModels())('heavy-convolution'));
    // In a process of its own: memory that another test gave back would be taken again unseen.
    const code = `
      const held = [];
      const solver = sde.eulerMaruyama({ steps: 1 });
      const one = async () => {
        const score = await sde.torchScore(${file}, { predicts: 'score', timeInput: 't', layout: '${layout}' });
        await sde.sample({ sde: sde.vp(), score, shape: [1, 8, 8], count: 1, solver });
        held.push(score);
      };
      await one();
      const before = process.memoryUsage.rss();
      for (let i = 0; i < 20; i++) await one();
      console.log((process.memoryUsage.rss() - before) / 2 ** 20);
    `;
    const { stdout, stderr } = await child(code, ['--no-warnings']);
    expect(stderr).toBe('');
    expect(Number(stdout)).toBeGreaterThan(170);
    expect(Number(stdout)).toBeLessThan(280);
  });

  it('that is disposed of leaves nothing behind: 200 loads of 4 MiB', async () => {
    const grown = growing();
    for (let i = 0; i < 200; i++) (await load()).dispose();
    expect(grown()).toBeLessThan(100);
  });

  it('whose load nobody waits for is collected too', async () => {
    const grown = growing();
    for (let i = 0; i < 100; i++) load();
    await load();
    await sleep(50);
    expect(grown()).toBeLessThan(300);
  });
});

describe('dispose()', () => {
  it('lets jobs that have begun finish, and refuses later ones', async () => {
    const score = await load();
    const [begun, running] = [sample(job(score)), sample({ ...job(score), onProgress: () => score.dispose() })];
    score.dispose();
    const { samples } = await sample(job(await load()));
    expect((await begun).samples).toEqual(samples);
    expect((await running).samples).toEqual(samples);
    const error = await caught(() => sample(job(score)));
    expect(error).toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option: 'score', value: score });
    expect(error.hint).toMatch(/disposed of.*load it again/);
  });

  it('waits for streams too', async () => {
    const score = await load();
    let streamed = 0;
    for await (const { status } of stream(job(score))) {
      score.dispose();
      expect(status).toBe('success');
      ++streamed;
    }
    expect(streamed).toBe(4);
  });

  it.each([Symbol.dispose, Symbol.asyncDispose] as const)('is what `using` calls: %s', async symbol => {
    const score = await load();
    await score[symbol]();
    expect(await caught(() => sample(job(score)))).toMatchObject({ option: 'score' });
  });

  it('leaves a model as plain as its facts', async () => {
    const score = await load();
    expect(Object.keys(score)).not.toContain('dispose');
    expect(structuredClone(score)).toEqual({ ...score });
    score.dispose();
  });
});
