/** Damaged model files of every kind: a typed error or success, no crash and no hang. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { eulerMaruyama, SdeError, sample, torchScore, vp } from '../../src/index.js';
import { damaged } from '../support/damage.js';
import { testModels } from '../support/models.js';
import { random } from '../support/random.js';
import { rounds } from '../support/rounds.js';

const folder = mkdtempSync(join(tmpdir(), 'fast-sde-damage-'));
afterAll(() => rmSync(folder, { recursive: true }));

const job = { sde: vp(), shape: [1, 8, 8], count: 1, seed: 1, solver: eulerMaruyama({ steps: 2 }) } as const;

vi.spyOn(process, 'emitWarning').mockImplementation(() => {}); // of samples out of range: a hundred of them

test('damaged model files end in a typed error or in samples', async () => {
  const model = await testModels();
  const files = ['network', 'network-frozen', 'network-traced', 'by-class'].map(name => readFileSync(model(name)));
  const draws = random(10);
  for (let i = 0; i < rounds(20, 1000); ++i) {
    const path = join(folder, `damaged-${i}.pt`); // named by a crash
    writeFileSync(path, damaged(files[i % files.length], draws));
    try {
      const score = await torchScore(path, { predicts: 'noise', timeInput: 'label' });
      await sample({ ...job, score });
    } catch (error) {
      expect(error, path).toBeInstanceOf(SdeError);
    }
    rmSync(path);
  }
});
