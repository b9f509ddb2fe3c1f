/** Comparisons of solvers: what is said against what is true, and what is kept. */
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { comparisonCsv } from '../src/analysis/compare/csv.js';
import { plansOf } from '../src/analysis/compare/draw.js';
import { checkedCompare } from '../src/analysis/compare/options.js';
import { solverOf, spellingOf } from '../src/analysis/compare/spelling.js';
import {
  type CompareOptions,
  type Comparison,
  callbackScore,
  compare,
  compareTargets,
  mixtureScore,
  mixtureTarget,
  modelTarget,
  type Solver,
  vp,
} from '../src/index.js';
import { SOLVERS } from '../src/solver/solver.js';
import { caught } from './support/caught.js';
import { gaussianFunction, moments } from './support/gaussian.js';

const folders = mkdtempSync(join(tmpdir(), 'fast-sde-compare-'));
afterAll(() => rmSync(folders, { recursive: true, force: true }));

let made = 0;
const newFolder = () => join(folders, String(made++));

const few = { seeds: 2, samples: 40, resamples: 20 } as const;

/** What may differ between two runs. */
const withoutTimes = (result: Comparison) => JSON.stringify(result, (key, value) => (key === 'seconds' ? 0 : value));

const verdictOf = (result: Comparison, solver: string, than = 'perfect') =>
  result.targets[0].boards[0].verdicts.find(
    one => one.metric === 'energyDistance' && one.solver === solver && one.than === than,
  )?.verdict;

describe('the verdict', () => {
  it('is that fine steps are as good as perfect samples, and coarse ones are not', async () => {
    const solvers = ['eulerMaruyama:400', 'eulerMaruyama:5'];
    const options = { targets: ['gaussian'], solvers, seeds: 4, samples: 400, resamples: 100, margin: 0.25 };
    const result = await compare({ ...options, metrics: ['energyDistance'], folder: newFolder() });
    expect(verdictOf(result, solvers[0])).toBe('equivalent');
    expect(verdictOf(result, solvers[1])).toBe('worse');
    expect(verdictOf(result, solvers[0], solvers[1])).toBe('better');
    const [{ boards, costs }] = result.targets;
    expect(costs.map(({ evaluations }) => evaluations.mean)).toEqual([401, 6]);
    expect(boards.map(({ against }) => against)).toEqual(['data']);
    const { low, high } = boards[0].perfect.energyDistance;
    expect(low <= 0 && 0 <= high).toBe(true);
  });

  it("tells a network's error from its solver's", async () => {
    // A network that has learnt a mean which is wrong by 1, and data with mean 0.
    const score = mixtureScore({ weights: [1], means: [[1]], variances: [0.25] });
    const reference = compareTargets.gaussian().draw(2400, 0);
    const target = modelTarget({ name: 'wrong', sde: vp(), score, shape: [1], reference });
    const solvers = ['eulerMaruyama:200'];
    const options = { targets: [target], solvers, converged: solvers[0].replace('200', '300'), seeds: 3, samples: 400 };
    const folder = newFolder();
    const result = await compare({ ...options, margin: 0.3, metrics: ['energyDistance'], resamples: 100, folder });
    const [data, own] = result.targets[0].boards;
    expect([data.against, own.against]).toEqual(['data', 'converged']);
    // Two normal laws of standard deviation s whose means are m apart: 2·E|N(m, 2s²)| − 2·E|N(0, 2s²)|.
    const exact = 2 * 1.0502 - 4 * Math.sqrt(0.25 / Math.PI);
    for (const row of ['converged', ...solvers]) {
      const { low, high } = data.quality[row].energyDistance;
      expect(low < exact && exact < high).toBe(true);
    }
    expect(own.quality).not.toHaveProperty('converged');
    expect(own.quality[solvers[0]].energyDistance.value).toBeLessThan(0.02);
    expect(own.verdicts).toMatchObject([{ solver: solvers[0], than: 'perfect', verdict: 'equivalent' }]);
  });

  it('is given beside samples that failed: they are counted and left out, of all solvers alike', async () => {
    const sde = vp();
    const exact = gaussianFunction(sde);
    const failing = callbackScore((x, t, out, info) => {
      exact(x, t, out, info);
      for (const [row, sample] of info.samples.entries()) if (sample === 7) out[row] = Number.NaN;
    });
    const reference = compareTargets.gaussian().draw(200, 0);
    const some = modelTarget({ name: 'some', sde, score: failing, shape: [1], reference, version: '1' });
    const none = callbackScore((_x, _t, out) => void out.fill(Number.NaN));
    const all = modelTarget({ name: 'all', sde, score: none, shape: [1], reference, version: '1' });
    const options = { solvers: ['eulerMaruyama:5'], converged: 'eulerMaruyama:6', ...few, folder: newFolder() };
    const { targets } = await compare({ ...options, targets: [some, all], metrics: ['slicedWasserstein'] });
    expect(targets.map(({ costs }) => costs[0].failed)).toEqual([2, 80]);
    expect(targets[0].boards[0].samples).toBe(78);
    expect(targets[0].boards[0].quality['eulerMaruyama:5'].slicedWasserstein.value).toBeGreaterThan(0);
    expect(targets[1].boards[0].quality).toEqual({});
  });
});

describe('cells', () => {
  const options = { targets: ['gaussian-2'], solvers: ['eulerMaruyama:10', 'eulerMaruyama:20'], ...few };
  const cellsIn = (folder: string) => readdirSync(join(folder, 'cells')).sort();
  const inodes = (folder: string) =>
    cellsIn(folder).map(name => statSync(join(folder, 'cells', name, 'samples.npy')).ino);

  it('that are finished are not drawn again, and what was interrupted ends as what was not', async () => {
    const [whole, parts] = [newFolder(), newFolder()];
    const expected = await compare({ ...options, folder: whole });
    for (const finished of [1, 2]) {
      const controller = new AbortController();
      const stop = ({ finished: count }: { finished: number }) => void (count === finished && controller.abort());
      const hooks = { onProgress: stop, signal: controller.signal };
      expect(await caught(() => compare({ ...options, folder: parts, ...hooks }))).toMatchObject({
        code: 'ERR_SDE_ABORTED',
      });
      expect(cellsIn(parts)).toHaveLength(finished);
    }
    const before = inodes(parts);
    const result = await compare({ ...options, folder: parts });
    expect(withoutTimes(result)).toBe(withoutTimes(expected));
    expect(comparisonCsv(result).split('\n')[1]).toContain('gaussian-2,data,eulerMaruyama:10,11,11,11,11,0,0,');
    expect(inodes(parts)).toEqual(expect.arrayContaining(before));
    const after = inodes(parts);
    // One solver more takes no cell from the others.
    await compare({ ...options, solvers: [...options.solvers, 'eulerMaruyama:30'], folder: parts });
    expect(inodes(parts)).toEqual(expect.arrayContaining(after));
    expect(cellsIn(parts)).toHaveLength(6);
  });

  it('that are damaged are drawn again', async () => {
    const folder = newFolder();
    const expected = await compare({ ...options, folder });
    const [first] = cellsIn(folder);
    truncateSync(join(folder, 'cells', first, 'samples.npy'), 200);
    expect(withoutTimes(await compare({ ...options, folder }))).toBe(withoutTimes(expected));
    expect(cellsIn(folder)).toHaveLength(4);
  });

  it('have a key of everything that they depend on', () => {
    const versions = { 'fast-sde': '1', addon: 'a' };
    const keys = (changed: Partial<CompareOptions>, other: object = {}) =>
      plansOf(checkedCompare({ ...options, folder: 'none', ...changed }), { ...versions, ...other }).map(
        ({ key }) => key,
      );
    const mixture = { name: 'two', weights: [1, 1], means: [[0], [1]], variances: [1, 1] };
    const target = (changed: object) => ({ targets: [mixtureTarget({ ...mixture, ...changed })] });
    const all = [
      ...[{}, { solvers: ['eulerMaruyama:11'] }, { samples: 41 }, { noise: 'redraw' }, { batch: 16 }].map(one =>
        keys(one as Partial<CompareOptions>),
      ),
      ...[{}, { weights: [1, 2] }, { means: [[0], [2]] }, { variances: [1, 2] }].map(one => keys(target(one))),
      ...[{ sde: vp({ betaMax: 21 }) }, { sde: vp({ tEnd: 0.002 }) }].map(one => keys(target(one))),
      ...[{ 'fast-sde': '2' }, { addon: 'b' }, { libtorch: '2' }].map(one => keys({}, one)),
    ].flat();
    expect(new Set(all).size).toBe(all.length);
    // Not of what they do not depend on: name, order, number of draws.
    expect(keys(target({ name: 'other' }))).toEqual(keys(target({})));
    expect(keys({ resamples: 30, margin: 1, metrics: ['energyDistance'] })).toEqual(keys({}));
    expect(keys({ solvers: [...options.solvers].reverse() }).sort()).toEqual(keys({}).sort());
  });

  it('of a function need a word for it', async () => {
    const score = callbackScore(gaussianFunction(vp()));
    const reference = new Float32Array(40);
    const target = modelTarget({ name: 'own', sde: vp(), score, shape: [1], reference });
    const error = await caught(() => compare({ ...options, targets: [target], folder: newFolder() }));
    expect(error).toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option: 'compare.targets: own.version' });
  });
});

describe('targets', () => {
  it.each(Object.values(compareTargets).map(make => make()))('$name draws from its own mixture', target => {
    const { score, shape } = target;
    if (score.kind !== 'mixture') throw new Error('is none');
    const { weights, means, variances, elements } = score;
    expect(shape).toEqual([elements]);
    const count = 4000;
    const draws = target.draw(count, 0);
    // Along one axis: mean and variance of the mixture.
    const along = Float64Array.from({ length: count }, (_, row) => draws[row * elements]);
    const mean = weights.reduce((sum, weight, k) => sum + weight * means[k * elements], 0);
    const square = weights.reduce((sum, weight, k) => sum + weight * (variances[k] + means[k * elements] ** 2), 0);
    const variance = square - mean ** 2;
    const found = moments(along);
    expect(Math.abs(found.mean - mean)).toBeLessThan(4 * Math.sqrt(variance / count));
    expect(Math.abs(found.variance / variance - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
    expect(target.draw(3, 0)).toEqual(draws.slice(0, 3 * elements));
    expect(target.draw(3, 1)).not.toEqual(draws.slice(0, 3 * elements));
  });

  it('with data take no row of it twice', () => {
    const reference = Float32Array.from({ length: 41 }, (_, i) => i);
    const score = mixtureScore({ weights: [1], means: [[0]], variances: [1] });
    const target = modelTarget({ name: 'data', sde: vp(), score, shape: [1], reference });
    const rows = [...target.draw(100, 0), ...target.draw(100, 1)];
    expect(rows).toHaveLength(40);
    expect(new Set(rows).size).toBe(40);
  });
});

describe('options', () => {
  it.each(SOLVERS.map(({ definition }) => definition))('$kind is read as it is spelled', ({ kind, command }) => {
    const solver = solverOf('solvers[0]', kind);
    expect(solver).toEqual(solverOf('solvers[0]', command));
    expect(solverOf('solvers[0]', spellingOf(solver))).toEqual(solver);
  });

  it('of a solver stand behind its name', () => {
    const solver = solverOf('solvers[0]', 'adaptive:0.1:norm=max:atol=0.01') as Solver & { kind: 'adaptive' };
    expect(solver).toMatchObject({ rtol: 0.1, norm: 'max', atol: 0.01 });
    expect(spellingOf(solver)).toBe('adaptive:0.1:atol=0.01:norm=max');
  });

  it.each<[string, object, string]>([
    ['no targets', { targets: [] }, 'compare.targets'],
    ['an unknown target', { targets: ['rings'] }, 'compare.targets[0]'],
    ['a target twice', { targets: ['ring', 'ring'] }, 'compare.targets'],
    ['an unknown solver', { solvers: ['heun9'] }, 'compare.solvers[0]'],
    ['a solver twice', { solvers: ['eulerMaruyama:10', 'euler-maruyama:10'] }, 'compare.solvers'],
    ['an unknown option of a solver', { solvers: ['adaptive:0.1:norms=max'] }, 'norms'],
    ['two options without a name', { solvers: ['adaptive:0.1:0.2'] }, 'compare.solvers[0]'],
    ['no folder', { folder: '' }, 'compare.folder'],
    ['a folder that is none', { folder: import.meta.filename }, 'compare.folder'],
    ['too few samples', { samples: 3 }, 'compare.samples'],
    ['a seed twice', { seeds: [1, 1] }, 'compare.seeds'],
    ['an unknown metric', { metrics: ['fid'] }, 'compare.metrics[0]'],
    ['a wrong option of sample', { batch: 0 }, 'batch'],
    ['an unknown option', { solver: 'adaptive' }, 'solver'],
  ])('are refused: %s', async (_, changed, option) => {
    const given = { targets: ['ring'], solvers: ['adaptive'], ...few, folder: newFolder(), ...changed };
    expect(await caught(() => compare(given as CompareOptions))).toMatchObject({ option });
  });
});
