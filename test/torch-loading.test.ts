/** torchScore before a model is there: none of this needs LibTorch. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { addon } from '../src/addon.js';
import { type TorchOptions, torchScore } from '../src/index.js';
import { caught } from './support/caught.js';

const conventions: TorchOptions = { predicts: 'noise', timeInput: 'label' };
let folder: string;
let model: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fast-sde-'));
  model = join(folder, 'model.pt');
  await writeFile(model, 'not a model');
});
afterAll(() => rm(folder, { recursive: true }));

describe('torchScore', () => {
  it.each([
    ['predicts', {}],
    ['timeInput', { predicts: 'noise' }],
    ['predicts', { ...conventions, predicts: 'eps' }],
    ['device', { ...conventions, device: 'tpu' }],
    ['device', { ...conventions, device: ['cpu'] }],
    ['dtype', { ...conventions, dtype: 'float64' }],
    ['layout', { ...conventions, layout: 'nhwc' }],
    ['sha256', { ...conventions, sha256: 'abc' }],
    ['freeze', { ...conventions, freeze: 1 }],
  ])('refuses a wrong %s', async (option, options) => {
    const error = await caught(() => torchScore(model, options as TorchOptions));
    expect(error).toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option: `torchScore.${option}` });
  });

  it('refuses unknown options and empty paths', async () => {
    const error = await caught(() => torchScore(model, { ...conventions, timeinput: 't' } as never));
    expect(error).toMatchObject({ code: 'ERR_SDE_UNKNOWN_OPTION', hint: 'Did you mean timeInput?' });
    expect(await caught(() => torchScore('', conventions))).toMatchObject({ option: 'torchScore.path' });
  });

  it('says how to get CUDA where its plugin is missing', async () => {
    vi.stubEnv('FAST_SDE_CUDA_PLUGIN', join(folder, 'no-plugin.so'));
    for (const device of ['cuda', ['cuda:0', 'cuda:1']] as const) {
      const error = await caught(() => torchScore(model, { ...conventions, device }));
      expect(error).toMatchObject({ code: 'ERR_SDE_CUDA_UNAVAILABLE', option: 'torchScore.device', value: device });
      expect(error.message).toMatch(/no-plugin\.so/);
      expect(error.hint).toMatch(/npx fast-sde build --cuda.*doctor.*'cpu'/);
    }
    vi.unstubAllEnvs();
  });

  it('misses a file that is not there, and takes no folder for one', async () => {
    for (const path of [join(folder, 'none.pt'), folder]) {
      const error = await caught(() => torchScore(path, conventions));
      expect(error).toMatchObject({ code: 'ERR_SDE_MODEL_NOT_FOUND', option: 'torchScore.path', value: path });
    }
  });

  it('waits for nobody: a FIFO and a device are no files', async () => {
    const fifo = join(folder, 'fifo');
    spawnSync('mkfifo', [fifo]);
    for (const path of [fifo, '/dev/zero']) {
      const error = await caught(() => torchScore(path, conventions));
      expect(error).toMatchObject({ code: 'ERR_SDE_MODEL_NOT_FOUND', option: 'torchScore.path', value: path });
    }
  });

  it('reads no more than a megabyte of what is no archive, however long', async () => {
    const long = join(folder, 'long.pt');
    await writeFile(long, 'not a model');
    await truncate(long, 2 ** 42);
    expect(await caught(() => torchScore(long, conventions))).not.toMatchObject({ code: 'ERR_SDE_OUT_OF_MEMORY' });
    await writeFile(long, 'PK\x03\x04');
    await truncate(long, 2 ** 43);
    expect(await caught(() => torchScore(long, conventions))).toMatchObject({ code: 'ERR_SDE_OUT_OF_MEMORY' });
  });

  it('says why a file cannot be reached', async () => {
    const error = await caught(() => torchScore(join(model, 'inside.pt'), conventions));
    expect(error).toMatchObject({ code: 'ERR_SDE_MODEL_NOT_FOUND', cause: { code: 'ENOTDIR' } });
    expect(error.message).toMatch(/cannot be reached \(ENOTDIR\)/);
  });

  it('takes the URL of a file, and of nothing else', async () => {
    const url = pathToFileURL(join(folder, 'no model.pt'));
    const error = await caught(() => torchScore(url, conventions));
    expect(error).toMatchObject({ code: 'ERR_SDE_MODEL_NOT_FOUND', value: join(folder, 'no model.pt') });
    for (const other of [new URL('https://example.org/model.pt'), new URL('file://elsewhere/model.pt'), 7 as never]) {
      const refused = await caught(() => torchScore(other, conventions));
      expect(refused).toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option: 'torchScore.path' });
    }
  });

  it('refuses a file with another hash, before anything is loaded', async () => {
    vi.stubEnv('FAST_SDE_TORCH_PLUGIN', join(folder, 'no-plugin.so'));
    const actual = createHash('sha256').update('not a model').digest('hex');
    const error = await caught(() => torchScore(model, { ...conventions, sha256: '0'.repeat(64) }));
    expect(error).toMatchObject({ code: 'ERR_SDE_MODEL_HASH', value: actual, expected: '0'.repeat(64) });
    // With the right hash it goes on to the next obstacle, whatever the case of the digits.
    const next = await caught(() => torchScore(model, { ...conventions, sha256: actual.toUpperCase() }));
    expect(next.code).not.toBe('ERR_SDE_MODEL_HASH');
    vi.unstubAllEnvs();
  });

  it('says how to get LibTorch where its plugin is missing', async () => {
    // A process of its own would be needed if another test of this file had opened the plugin.
    vi.stubEnv('FAST_SDE_TORCH_PLUGIN', join(folder, 'no-plugin.so'));
    const error = await caught(() => torchScore(model, conventions));
    expect(error.code).toBe('ERR_SDE_TORCH_UNAVAILABLE');
    expect(error.hint).toMatch(/npx fast-sde build --torch/);
    expect(error.message).toMatch(/no-plugin\.so/);
    vi.unstubAllEnvs();
  });
});

it('gives the memory of a buffer back before it is collected', async () => {
  const size = 256 << 20;
  const bytes = new ArrayBuffer(size);
  new Uint8Array(bytes).fill(1);
  const { rss } = process.memoryUsage();
  await addon().discard(bytes);
  expect(bytes.byteLength).toBe(0);
  expect(process.memoryUsage().rss).toBeLessThan(rss - 0.9 * size);
  for (const small of [new ArrayBuffer(0), new ArrayBuffer(1), new ArrayBuffer(5000)]) {
    await addon().discard(small);
    expect(small.byteLength).toBe(0);
  }
});
