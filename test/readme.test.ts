/** What README.md tells people to run, run as it stands there. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { discrete, sample, type TorchOptions, torchScore, ve, vp } from '../src/index.js';
import { pythonWithTorch } from './support/models.js';
import { root, type UnpackedPackage, unpackPackage } from './support/unpacked.js';

const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** Code of one language between two headings, in the order of the page. */
function blocks(language: string, heading: string): string[] {
  const section = readme.split(`\n## ${heading}\n`)[1].split('\n## ')[0];
  return [...section.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, code]) => code);
}

describe('a first result', () => {
  let unpacked: UnpackedPackage;
  beforeAll(() => {
    unpacked = unpackPackage();
  });
  afterAll(() => unpacked.remove());

  test('six lines without PyTorch print what they promise', () => {
    const [first] = blocks('js', 'Install');
    expect(first.trim().split('\n')).toHaveLength(6);
    const { code, stdout } = unpacked.script('first.mjs', first);
    expect(code).toBe(0);
    const [share, evaluations] = stdout.split('\n').map(line => Number(line.split(': ')[1]));
    // Of 1000: four standard deviations of a binomial are 0.055.
    expect(Math.abs(share - 0.75)).toBeLessThan(0.055);
    expect(evaluations).toBeGreaterThan(50);
  });
});

describe('the recipes for own models', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fast-sde-readme-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function python(...args: string[]): void {
    const PYTHONPATH = join(root, 'test', 'fixtures', 'libraries');
    const env = { ...process.env, PYTHONPATH, PYTHONDONTWRITEBYTECODE: '1' };
    const ran = spawnSync(pythonWithTorch(), ['-W', 'ignore', ...args], { cwd: folder, env, encoding: 'utf8' });
    if (ran.status !== 0) throw new Error(ran.stderr);
  }

  beforeAll(() => {
    python(join(root, 'test', 'fixtures', 'libraries', 'write.py'));
    const recipes = blocks('python', 'Your own model');
    expect(recipes).toHaveLength(4); // the export, score_sde, EDM, diffusers
    writeFileSync(join(folder, 'recipes.py'), recipes.join('\n'));
    python('recipes.py');
  });

  const linearBetas = Array.from({ length: 1000 }, (_, n) => 1e-4 + ((0.02 - 1e-4) * n) / 999);

  // The rows of the README's table. The networks' data has mean 0.4 and standard deviation 0.1; what the weights that
  // are not averaged have learned is a mean of -0.7.
  test.each([
    ['score_sde.pt', vp(), { predicts: 'noise', timeInput: 'label' }],
    ['edm.pt', ve({ sigmaMin: 0.002, sigmaMax: 80, dataRange: [-1, 1] }), { predicts: 'denoised', timeInput: 'sigma' }],
    ['diffusers.pt', discrete({ betas: linearBetas }), { predicts: 'noise', timeInput: 'label' }],
  ] as const)('%s draws its data', async (file, sde, conventions) => {
    const score = await torchScore(join(folder, file), conventions as TorchOptions);
    const { samples } = await sample({ sde, score, shape: [3, 8, 8], count: 40, seed: 1 });
    const mean = samples.reduce((sum, x) => sum + x, 0) / samples.length;
    const variance = samples.reduce((sum, x) => sum + (x - mean) ** 2, 0) / samples.length;
    // 7680 numbers: four standard errors are 0.005 of the mean, 7 % of the variance; the rest is the tolerance's.
    expect(Math.abs(mean - 0.4)).toBeLessThan(0.01);
    expect(Math.abs(variance / 0.01 - 1)).toBeLessThan(0.15);
  });
});
