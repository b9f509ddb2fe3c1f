/** The digits network as ONNX: the samples of the TorchScript file, by the API, the command line and the installed package. */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adaptive, eulerMaruyama, onnxScore, sample, type TorchOptions, torchScore, vp } from '../src/index.js';
import { programIn } from './support/cli.js';
import { largestDifference } from './support/differences.js';
import { decodeNpy } from './support/npy.js';
import { root, type UnpackedPackage, unpackPackage } from './support/unpacked.js';

const digits = join(root, 'examples', 'digits', 'digits');
const conventions: TorchOptions = { predicts: 'noise', timeInput: 'label' };
const job = { sde: vp(), shape: [1, 28, 28], seed: 1 } as const;

const both = async () => ({
  onnx: await onnxScore(`${digits}.onnx`, conventions),
  torch: await torchScore(`${digits}.pt`, conventions),
});

test('has the hash that is said', () => {
  const [hash, name] = readFileSync(`${digits}.onnx.sha256`, 'utf8').trim().split('  ');
  expect(name).toBe('digits.onnx');
  expect(
    createHash('sha256')
      .update(readFileSync(`${digits}.onnx`))
      .digest('hex'),
  ).toBe(hash);
});

test('says nothing of the machine that it was made on', () => {
  expect(readFileSync(`${digits}.onnx`, 'latin1')).not.toMatch(/\.py\b|\/(home|tmp|root|usr)\//);
});

test('fixed steps: the samples of the TorchScript file', async () => {
  const { onnx, torch } = await both();
  const fixed = { ...job, count: 8, solver: eulerMaruyama({ steps: 40 }) };
  const [ours, theirs] = [await sample({ ...fixed, score: onnx }), await sample({ ...fixed, score: torch })];
  // Forty steps do not reach digits, but leave numbers of size 1.
  expect(largestDifference(ours.samples, theirs.samples)).toBeLessThan(1e-4);
});

test('adaptive steps: nearly all samples take the steps that they take with TorchScript', async () => {
  const { onnx, torch } = await both();
  const coarse = { ...job, count: 16, solver: adaptive({ rtol: 0.2 }) };
  const [ours, theirs] = [await sample({ ...coarse, score: onnx }), await sample({ ...coarse, score: torch })];
  const same = [...ours.stats.evaluations].filter((one, i) => one === theirs.stats.evaluations[i]);
  expect(same.length).toBeGreaterThan(12);
  expect(ours.stats.totals.evaluations / theirs.stats.totals.evaluations).toBeCloseTo(1, 1);
});

describe('fast-sde sample', () => {
  const { at, run } = programIn('fast-sde-onnx-cli-');
  const flags = ['--predicts', 'noise', '--time', 'label', '--shape', '1,28,28', '--count', '2', '--seed', '1'];
  const steps = ['--solver', 'euler-maruyama:10'];

  test('knows the file by its contents, takes its flags and says what it was', async () => {
    copyFileSync(`${digits}.onnx`, at('network'));
    const own = ['--model-inputs', 'x,label', '--model-output', 'noise', '--network-threads', '1'];
    const out = ['--out', 'x.npy', '--json', '--quiet'];
    const { code, stdout, stderr } = await run(['sample', '--model', 'network', ...flags, ...steps, ...own, ...out]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const { onnx } = await both();
    const { samples } = await sample({ ...job, count: 2, solver: eulerMaruyama({ steps: 10 }), score: onnx });
    expect(largestDifference(decodeNpy(readFileSync(at('x.npy'))).data, samples)).toBeLessThan(1e-4);
    const { settings } = JSON.parse(stdout);
    expect(settings.versions.onnxruntime).toMatch(/^\d+\.\d+/);
    expect(settings.score).toEqual({ kind: 'onnx', predicts: 'noise', timeInput: 'label' });
    expect(settings.inputs.model.sha256).toBe(onnx.sha256);
  });

  test.each([
    [`${digits}.onnx`, ['--dtype', 'bfloat16'], /--dtype: .*digits\.onnx is an ONNX model/],
    [`${digits}.pt`, ['--model-output', 'noise'], /--model-output: .*digits\.pt is no ONNX model/],
  ])('%s %j: refused', async (model, more, words) => {
    const { code, stderr } = await run(['sample', '--model', model, ...flags, ...more, '--out', 'y.npy']);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(words);
  });

  test('inspect', async () => {
    const told = ['--predicts', 'noise', '--time', 'label', '--shape', '1,28,28'];
    const { code, stdout } = await run(['inspect', '--model', `${digits}.onnx`, ...told]);
    expect(stdout).toContain("predicts 'noise' with timeInput 'label' fits.");
    expect(code).toBe(0);
  });
});

describe('the installed package', () => {
  let unpacked: UnpackedPackage;
  beforeAll(() => {
    unpacked = unpackPackage();
  }, 240_000);
  afterAll(() => unpacked.remove());

  const load = (require: string) => `
    ${require}
    onnxScore('${digits}.onnx', { predicts: 'noise', timeInput: 'label' })
      .then(score => sample({ sde: vp(), score, shape: [1, 28, 28], solver: eulerMaruyama({ steps: 2 }) }))
      .then(({ shape }) => console.log(String(shape)), error => console.log(error.code, error.hint));
  `;
  const names = '{ eulerMaruyama, onnxScore, sample, vp }';
  const formats = [
    ['use.mjs', load(`import ${names} from 'fast-sde';`)],
    ['use.cjs', load(`const ${names} = require('fast-sde');`)],
  ] as const;

  test('without a runtime: both ways to one are named', () => {
    for (const [name, text] of formats) {
      const { stdout } = unpacked.script(name, text);
      expect(stdout).toMatch(/^ERR_SDE_ONNX_UNAVAILABLE .*`npm install onnxruntime-node`/);
    }
    const { code, stderr } = unpacked.program(['example', 'digits']);
    expect(code).not.toBe(0);
    expect(stderr).toContain('npm install onnxruntime-node');
    expect(stderr).toContain('npx fast-sde build --torch');
  });

  test('beside onnxruntime-node: draws, in both formats and by the example', () => {
    const modules = join(unpacked.app, 'node_modules');
    mkdirSync(modules, { recursive: true });
    symlinkSync(join(root, 'node_modules', 'onnxruntime-node'), join(modules, 'onnxruntime-node'));
    for (const [name, text] of formats) expect(unpacked.script(name, text).stdout).toBe('1,1,28,28\n');
    const drawn = unpacked.program(['example', 'digits', '--count', '2', '--rtol', '0.5']);
    expect(drawn.stderr).toMatch(/^fast-sde sample --model \S+digits\.onnx /);
    expect(drawn.code).toBe(0);
    expect(existsSync(join(unpacked.app, 'digits.png'))).toBe(true);
    expect(unpacked.program(['doctor']).stdout).toMatch(/ONNX Runtime +onnxruntime-node \d/);
  });
});
