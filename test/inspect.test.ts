/** inspect: whether `predicts` and `timeInput` fit, on networks of which it is known. */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { callbackScore, inspect, mixtureScore, torchScore, ve, vp } from '../src/index.js';
import { PREDICTIONS } from '../src/words.js';
import { caught } from './support/caught.js';
import { programIn } from './support/cli.js';
import { testModels } from './support/models.js';

const digits = fileURLToPath(new URL('../examples/digits/digits.pt', import.meta.url));

let model: (name: string) => string;
beforeAll(async () => {
  model = await testModels();
});

test('the digits network predicts noise and takes labels, and nothing else fits', async () => {
  const score = await torchScore(digits, { predicts: 'noise', timeInput: 'label' });
  const { fits, verdict, declared, readings } = await inspect(score, { sde: vp(), shape: [1, 28, 28] });
  expect(fits).toBe(true);
  expect(verdict).toBe("predicts 'noise' with timeInput 'label' fits.");
  expect(declared).toBe(readings[0]);
  expect(declared.slope).toBeCloseTo(1, 1);
  expect(declared.correlation).toBeGreaterThan(0.99);
  expect(readings).toHaveLength(16);
  expect(readings.filter(one => one.fits)).toEqual([declared]);

  const wrong = await torchScore(digits, { predicts: 'score', timeInput: 't' });
  const other = await inspect(wrong, { sde: vp(), shape: [1, 28, 28] });
  expect(other.fits).toBe(false);
  expect(other.verdict).toMatch(/does not fit.*What fits is predicts 'noise' with timeInput 'label'\.$/);
});

describe('an exact mixture', () => {
  /** Readings that noise alone cannot tell from the true one. */
  const besides: Record<string, string[]> = {
    'vp denoised t': ['denoised sigma'],
    'vp velocity t': ['denoised sigma'],
    've noise t': ['velocity t'],
    've noise sigma': ['velocity sigma'],
    've noise edm': ['denoised t', 'denoised sigma', 'velocity edm'],
    've velocity edm': ['denoised t'],
  };
  const all = [
    ...PREDICTIONS.flatMap(predicts =>
      (['t', 'label'] as const).map(timeInput => ['vp', predicts, timeInput] as const),
    ),
    ...PREDICTIONS.flatMap(predicts =>
      (['t', 'sigma', 'edm'] as const).map(timeInput => ['ve', predicts, timeInput] as const),
    ),
  ];
  test.each(all)('%s, %s of %s: fits as that', async (process, predicts, timeInput) => {
    const score = await torchScore(model(`${process}-${predicts}-${timeInput}`), { predicts, timeInput });
    const { fits, declared, readings } = await inspect(score, {
      sde: process === 'vp' ? vp() : ve(),
      shape: [1, 2, 4],
    });
    expect(fits).toBe(true);
    expect(declared.slope).toBeCloseTo(1, 2);
    expect(declared.correlation).toBeGreaterThan(0.999);
    const fitting = readings.filter(one => one.fits).map(one => `${one.predicts} ${one.timeInput}`);
    const others = besides[`${process} ${predicts} ${timeInput}`] ?? [];
    expect(fitting.sort()).toEqual([`${predicts} ${timeInput}`, ...others].sort());
  });
});

test('a function is inspected as a network is, a mixture is not', async () => {
  const score = callbackScore((x, _, out) => void out.set(x.map(value => -value)), { predicts: 'score' });
  const { fits, declared } = await inspect(score, { sde: vp(), shape: [4] });
  expect(fits).toBe(true);
  expect(declared.slope).toBeCloseTo(1, 3);
  const mixture = mixtureScore({ weights: [1], means: [[0]], variances: [1] });
  expect(await caught(() => inspect(mixture as never, { sde: vp(), shape: [1] }))).toMatchObject({
    code: 'ERR_SDE_INVALID_OPTION',
    option: 'score',
  });
});

describe('fast-sde inspect', () => {
  const { run } = programIn('fast-sde-inspect-');
  const network = ['inspect', '--model', digits, '--shape', '1,28,28', '--time', 'label'];

  test('prints every reading and a verdict, and exits with 0 where it fits', async () => {
    const { code, stdout } = await run([...network, '--predicts', 'noise']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\* +noise +label +1\.00\d +1\.000 .*fits$/m);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1 + 16 + 2);
    expect(stdout).toMatch(/predicts 'noise' with timeInput 'label' fits\.\n$/);
  });

  test('exits with 1 where it does not fit; --json is the result of the API', async () => {
    const { code, stdout } = await run([...network, '--predicts', 'denoised', '--json']);
    expect(code).toBe(1);
    const { fits, declared, readings } = JSON.parse(stdout);
    expect(fits).toBe(false);
    expect(declared).toMatchObject({ predicts: 'denoised', timeInput: 'label', fits: false });
    expect(readings[0]).toMatchObject({ predicts: 'noise', timeInput: 'label', fits: true });
  });
});
