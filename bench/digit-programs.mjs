// The programs that draw digits for bench/digits.mjs and bench/quality.mjs: ours, and the paper's loop in PyTorch.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adaptive, torchScore, vp } from '../dist/esm/index.js';
import { peer, timedSample } from './report.mjs';

export const tolerances = { rtol: 0.05, atol: 0.0078 };

/** Names, and functions from a seed to `{ figures, samples }`; samples: Float32Array of count x 28 x 28 in [-1, 1]. */
export async function digitPrograms({ model, count, rtol = tolerances.rtol }) {
  const { atol } = tolerances;

  function paper(...form) {
    const fixed = ['--digits', model, '--count', count, '--rtol', rtol, '--atol', atol];
    return seed => {
      const folder = mkdtempSync(join(tmpdir(), 'fast-sde-digits-'));
      try {
        const file = join(folder, 'samples');
        const figures = peer('paper_loop.py', [...fixed, '--seed', seed, '--save', file, ...form].map(String));
        const bytes = readFileSync(file);
        return {
          figures,
          samples: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)),
        };
      } finally {
        rmSync(folder, { recursive: true });
      }
    };
  }

  async function ours(dtype, options = {}) {
    const score = await torchScore(model, { predicts: 'noise', timeInput: 'label', dtype });
    const job = { sde: vp(), score, shape: [1, 28, 28], solver: adaptive({ rtol, atol }), ...options };
    await timedSample({ ...job, count: 32, maxEvaluations: 12, onFailure: 'keep' });
    return seed => timedSample({ ...job, count, seed });
  }

  return [
    ["the paper's loop, eager float32", paper('--form', 'eager')],
    ['the same, network frozen in channels_last', paper('--form', 'frozen')],
    ['the same, batches of 32', paper('--form', 'frozen', '--batch', '32')],
    ['fast-sde, float32', await ours('float32')],
    ["fast-sde, float32, noise: 'redraw'", await ours('float32', { noise: 'redraw' })],
    ['fast-sde, bfloat16', await ours('bfloat16')],
  ];
}
