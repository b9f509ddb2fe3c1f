/** What is handed in for a TorchScript module and is none: the error says what it is and what to do. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { torchScore } from '../src/index.js';
import { caught } from './support/caught.js';
import { testModels } from './support/models.js';

const folder = mkdtempSync(join(tmpdir(), 'fast-sde-other-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'model.pt');

let model: (name: string) => string;
beforeAll(async () => {
  model = await testModels();
});

const error = () => caught(() => torchScore(path, { predicts: 'noise', timeInput: 'label' }));

test.each([
  ['checkpoint', 'a training checkpoint', /load the weights into it/],
  ['lightning', 'a checkpoint of PyTorch Lightning', /load_from_checkpoint/],
  ['whole-module', 'a pickled module', /weights_only=False/],
  ['state-dict', 'a state_dict', /load the weights into it/],
  ['old-state-dict', 'a pickle', /load the weights into it/],
  ['list', 'something that torch.save wrote', /torch\.jit/],
  ['exported', 'a program of torch.export', /torch\.jit\.trace/],
  ['compiled', 'a package of AOTInductor', /torch\.jit\.trace/],
])('%s: %s', async (name, is, cure) => {
  copyFileSync(model(name), path);
  const { code, message, hint } = await error();
  expect(code).toBe('ERR_SDE_MODEL_INVALID');
  expect(message).toContain(`${path} is ${is}`);
  expect(hint).toMatch(cure);
});

const header = '{"weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
const safetensors = Buffer.alloc(8 + header.length + 4);
safetensors.writeBigUInt64LE(BigInt(header.length));
safetensors.write(header, 8);
/** ModelProto: ir_version 8, producer_name 'pytorch', producer_version '2.13.0'. */
const onnx = Buffer.from('\x08\x08\x12\x07pytorch\x1a\x062.13.0:\x05graph', 'latin1');
const npy = Buffer.from('\x93NUMPY\x01\x00', 'latin1');

test.each<[string, string | Buffer, RegExp]>([
  ['empty', '', /again/],
  ['a pointer of Git LFS', 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n', /git lfs pull/],
  ['a web page', '<!DOCTYPE html>\n<html><body>Not Found</body></html>', /Fetch/],
  ['a web page', '\n <?xml version="1.0"?><html>', /Fetch/],
  ['an ONNX model', onnx, /onnxScore\(path, options\)/],
  ['a safetensors file', safetensors, /load the weights into it/],
  ['a GGUF file', 'GGUF\x03\x00', /load the weights into it/],
  ['an HDF5 file', Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), /torch\.jit/],
  ['a NumPy array', npy, /load the weights into it/],
  ['compressed', gzipSync('weights'), /Decompress/],
  ['text', '{"error": "not found"}', /Fetch/],
])('%s', async (is, content, cure) => {
  writeFileSync(path, content);
  const { code, message, hint } = await error();
  expect(code).toBe('ERR_SDE_MODEL_INVALID');
  expect(message).toContain(`${path} is ${is}`);
  expect(hint).toMatch(cure);
});

test('a module is none of these, nor is a damaged one', async () => {
  const bytes = readFileSync(model('network'));
  writeFileSync(path, bytes);
  await expect(torchScore(path, { predicts: 'noise', timeInput: 'label' })).resolves.toMatchObject({ kind: 'torch' });
  for (const length of [100, 2000, bytes.length - 30]) {
    writeFileSync(path, bytes.subarray(0, length));
    const { message } = await error();
    expect(message).toMatch(/damaged/);
  }
});
