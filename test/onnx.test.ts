/** ONNX networks against truth: the same Gaussian, computed by onnxruntime-node and natively. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import {
  adaptive,
  eulerMaruyama,
  inspect,
  mixtureScore,
  type OnnxOptions,
  onnxScore,
  type SampleOptions,
  sample,
  stream,
  torchScore,
  ve,
  vp,
} from '../src/index.js';
import { caught } from './support/caught.js';
import { child } from './support/children.js';
import { largestDifference } from './support/differences.js';
import { testModels } from './support/models.js';
import { CLASSES, type Like, MEAN, onnxGaussian, VARIANCE } from './support/onnx-gaussian.js';
import { Graph } from './support/onnx-graph.js';

const folder = mkdtempSync(join(tmpdir(), 'fast-sde-onnx-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const written = (graph: Graph) => graph.write(join(folder, `${++files}.onnx`));

const plain: OnnxOptions = { predicts: 'score', timeInput: 't', networkThreads: 1 };
const loaded = (like: Like = {}, options: Partial<OnnxOptions> = {}) =>
  onnxScore(written(onnxGaussian(like)), { ...plain, ...options });
const gaussian = (mean: number[] = MEAN) => mixtureScore({ weights: [1], means: [mean], variances: [VARIANCE] });
const common = { sde: vp(), shape: [1, 2, 4], count: 24, seed: 3, solver: eulerMaruyama({ steps: 100 }) } as const;
const draw = async (options: SampleOptions) => (await sample(options)).samples;

describe('every convention: the samples of mixtureScore', () => {
  const processes = [
    { process: 'vp', sde: vp(), timeInputs: ['t', 'label'], tolerance: 2e-5 },
    { process: 've', sde: ve(), timeInputs: ['t', 'sigma', 'edm'], tolerance: 2e-4 },
  ] as const;
  const all = processes.flatMap(one =>
    one.timeInputs.flatMap(timeInput =>
      (['score', 'noise', 'denoised', 'velocity'] as const).map(predicts => ({ ...one, timeInput, predicts })),
    ),
  );
  test.each(all)('$process, predicts $predicts, time as $timeInput', async ({ sde, tolerance, ...like }) => {
    const { predicts, timeInput } = like;
    const score = await loaded(like, { predicts, timeInput });
    const expected = await draw({ ...common, sde, score: gaussian() });
    expect(largestDifference(await draw({ ...common, sde, score }), expected)).toBeLessThan(tolerance);
    const { fits } = await inspect(score, { sde, shape: [1, 2, 4] });
    expect(fits).toBe(true);
    score.dispose();
  });

  test.each<[string, Like]>([
    ['t as [rows, 1]', { timeShape: ['rows', 1] }],
    ['t in float64', { timeType: 'float64' }],
    ['all in float64', { type: 'float64', timeType: 'float64' }],
    ['a learned variance behind the answer', { doubled: true }],
  ])('%s', async (_, like) => {
    const expected = await draw({ ...common, score: gaussian() });
    expect(largestDifference(await draw({ ...common, score: await loaded(like) }), expected)).toBeLessThan(2e-5);
  });

  test('t in int64: the nearest label', async () => {
    const score = await loaded({ timeInput: 'label', timeType: 'int64' }, { timeInput: 'label' });
    // With as many steps every time but the last is a label.
    const solver = eulerMaruyama({ steps: 999 });
    const sde = vp({ tEnd: 1 / 999 });
    const job = { ...common, sde, count: 4, solver, finalDenoise: false };
    const [few, exact] = [await draw({ ...job, score }), await draw({ ...job, score: gaussian() })];
    expect(largestDifference(few, exact)).toBeLessThan(0.02);
  });

  test('inputs and output by their names', async () => {
    const score = await loaded({ disorder: true }, { inputs: ['x', 't'], output: 'y' });
    const expected = await draw({ ...common, score: gaussian() });
    expect(largestDifference(await draw({ ...common, score }), expected)).toBeLessThan(2e-5);
  });
});

describe('conditions', () => {
  test('a class for each sample arrives as int64 and stays with its sample', async () => {
    const score = await loaded({ condition: 'class' });
    const condition = Int32Array.from({ length: common.count }, (_, i) => i % 3);
    const samples = await draw({ ...common, batch: 5, firstIndex: 7, score, condition });
    for (const kind of [0, 1, 2]) {
      const expected = await draw({ ...common, firstIndex: 7, score: gaussian(Array(8).fill(CLASSES[kind])) });
      for (let i = kind; i < common.count; i += 3) {
        const row = [8 * i, 8 * i + 8] as const;
        expect(largestDifference(samples.slice(...row), expected.slice(...row))).toBeLessThan(2e-5);
      }
    }
  });

  test.each(['mean', 'square'] as const)('rows of floats arrive in the shape that is declared: %s', async condition => {
    const score = await loaded({ condition });
    const means = Float32Array.from({ length: 8 * common.count }, (_, i) => (i % 8) / 10);
    const expected = await draw({ ...common, score: gaussian(Array.from(means.slice(0, 8))) });
    expect(largestDifference(await draw({ ...common, score, condition: means }), expected)).toBeLessThan(2e-5);
  });

  test.each([0, 1, 2.5])('guidance %f: for Gaussians of one variance it moves the mean', async scale => {
    const score = await loaded({ condition: 'class' });
    const condition = new Int32Array(common.count).fill(2);
    const guidance = { scale, unconditional: Int32Array.of(0) };
    const { samples, stats } = await sample({ ...common, score, condition, guidance });
    const mean = CLASSES[0] + scale * (CLASSES[2] - CLASSES[0]);
    const expected = await sample({ ...common, score: gaussian(Array(8).fill(mean)) });
    expect(largestDifference(samples, expected.samples)).toBeLessThan(5e-5);
    expect(stats.network.rows).toBe(2 * expected.stats.network.rows);
    expect(stats.utilisation).toBe(1);
  });

  test.each<[string, Like, Partial<SampleOptions>]>([
    ['is missing', { condition: 'class' }, {}],
    ['is too many', {}, { condition: new Int32Array(24) }],
    ['has another type', { condition: 'class' }, { condition: new Float32Array(24) }],
    ['has another width', { condition: 'mean' }, { condition: new Float32Array(72) }],
  ])('one that %s: ERR_SDE_MODEL_FAILED', async (_, like, options) => {
    const score = await loaded(like);
    const error = await caught(() => sample({ ...common, score, ...options }));
    expect(error).toMatchObject({ code: 'ERR_SDE_MODEL_FAILED', message: expect.stringContaining('condition') });
  });
});

describe('jobs', () => {
  test('several at once on one model draw what each draws alone, streams too', async () => {
    const score = await loaded();
    const jobs = [1, 2, 3].map(seed => ({ ...common, seed, score }));
    const alone: Float32Array[] = [];
    for (const job of jobs) alone.push(await draw(job));
    expect(await Promise.all(jobs.map(draw))).toEqual(alone);
    for await (const { index, data } of stream(jobs[0])) expect(data).toEqual(alone[0].slice(8 * index, 8 * index + 8));
  });

  test('the event loop is free while the network computes', async () => {
    // Two layers of 1024 numbers, a hundred times: some milliseconds a call.
    const graph = new Graph();
    graph.input('x', ['rows', 1024]);
    graph.input('t', ['rows']);
    const weights = graph.constant(Array(1024 ** 2).fill(0), 'float32', [1024, 1024]);
    let h = 'x';
    for (let i = 0; i < 100; i++) h = graph.op('Add', [graph.op('MatMul', [h, weights]), 'x']);
    const score = await onnxScore(written(graph.output('y', graph.op('Neg', [h]), ['rows', 1024])), plain);
    const job = sample({ ...common, shape: [1024], count: 32, solver: eulerMaruyama({ steps: 10 }), score });
    let turns = 0;
    const timer = setInterval(() => ++turns, 1);
    const { stats } = await job;
    clearInterval(timer);
    // Were the calls made here, there would be a turn or two for each.
    expect(turns).toBeGreaterThan(4 * stats.network.calls);
  });

  test('a batch that the model is made for: padBatch', async () => {
    const score = await loaded({ rows: 8, timeShape: [8] });
    const expected = await draw({ ...common, score: gaussian() });
    const error = await caught(() => sample({ ...common, score }));
    expect(error.code).toBe('ERR_SDE_MODEL_INVALID');
    expect(error.message).toMatch(/made for a batch of 8/);
    expect(error.hint).toMatch(/dynamic_shapes.*batch: 8 with padBatch: true/);
    const samples = await draw({ ...common, score, batch: 8, padBatch: true });
    expect(largestDifference(samples, expected)).toBeLessThan(2e-5);
  });

  test.each<[string, Like]>([
    ['0-d', { timeShape: [] }],
    ['[1]', { timeShape: [1] }],
  ])('one time for all rows, %s: refused, but with batch 1', async (_, like) => {
    const score = await loaded(like);
    const error = await caught(() => sample({ ...common, score }));
    expect(error).toMatchObject({ code: 'ERR_SDE_MODEL_INVALID', message: expect.stringMatching(/one time for all/) });
    const samples = await draw({ ...common, count: 2, score, batch: 1 });
    expect(largestDifference(samples, await draw({ ...common, count: 2, score: gaussian() }))).toBeLessThan(2e-5);
  });

  test('rows that are mixed: refused', async () => {
    const graph = new Graph();
    graph.input('x', ['rows', 4]);
    graph.input('t', ['rows']);
    // In opset 17 the axes are an attribute; without, the mean is over all.
    const mean = graph.op('ReduceMean', ['x'], { keepdims: 0 });
    const score = await onnxScore(written(graph.output('y', graph.op('Sub', [mean, 'x']), ['rows', 4])), plain);
    const error = await caught(() => sample({ ...common, shape: [4], score }));
    expect(error).toMatchObject({ code: 'ERR_SDE_MODEL_INVALID', message: expect.stringMatching(/mixes the rows/) });
  });

  test('networkThreads are a matter of loading', async () => {
    const score = await loaded();
    const error = await caught(() => sample({ ...common, score, networkThreads: 2 }));
    expect(error).toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option: 'networkThreads' });
    expect(error.hint).toContain('onnxScore(path, { networkThreads })');
  });

  test('a device is not: the job runs on the CPU', async () => {
    const error = await caught(async () => sample({ ...common, score: await loaded(), device: 'cuda' }));
    expect(error).toMatchObject({ option: 'device', hint: expect.stringContaining('executionProviders') });
  });

  test('one that was disposed of is refused, and a job that runs on it is not', async () => {
    const score = await loaded();
    const expected = await draw({ ...common, score });
    const job = draw({ ...common, score });
    score.dispose();
    score.dispose();
    expect(await job).toEqual(expected);
    const error = await caught(() => sample({ ...common, score }));
    expect(error.hint).toMatch(/disposed of.*onnxScore/);
    const copy = await caught(() => sample({ ...common, score: { ...score } as typeof score }));
    expect(copy.hint).toMatch(/onnxScore/);
  });

  test('an aborted job leaves the model to the next one, and may have it disposed of at once', async () => {
    const score = await loaded();
    const expected = await draw({ ...common, score });
    const begun = async () => {
      const controller = new AbortController();
      const long = { ...common, count: 5000, solver: eulerMaruyama({ steps: 1000 }), score };
      const job = caught(() => sample({ ...long, signal: controller.signal, onProgress: () => controller.abort() }));
      expect((await job).code).toBe('ERR_SDE_ABORTED');
    };
    await begun();
    expect(await draw({ ...common, score })).toEqual(expected);
    const last = begun();
    score.dispose();
    await last;
  });

  test('an idle model does not keep the process alive, nor does an exit in the middle of a call hang', async () => {
    const file = JSON.stringify(written(onnxGaussian()));
    const job = `{ sde: sde.vp(), score, shape: [1, 2, 4], count: 1000, solver: sde.eulerMaruyama({ steps: 1000 }) }`;
    const start = `const score = await sde.onnxScore(${file}, { predicts: 'score', timeInput: 't' });`;
    const idle = await child(`${start} console.log('done');`, ['--no-warnings']);
    expect(idle).toMatchObject({ status: 0, stdout: 'done\n' });
    const ended = await child(`${start} sde.sample(${job}); setTimeout(() => process.exit(7), 50);`, ['--no-warnings']);
    expect(ended).toMatchObject({ status: 7, stderr: '' });
  });

  test('one that nobody holds answers the call that is under way', async () => {
    // As a module under --expose-gc: the answer is all that is waited for.
    const file = JSON.stringify(written(onnxGaussian()));
    const ended = await child(
      `let score = await sde.onnxScore(${file}, { predicts: 'score', timeInput: 't' });
      const coming = sde.inspect(score, { sde: sde.vp(), shape: [1, 2, 4] });
      score = undefined;
      const collect = setInterval(gc, 1);
      collect.unref();
      console.log((await coming).fits);`,
      ['--no-warnings', '--expose-gc'],
    );
    expect(ended).toMatchObject({ status: 0, stdout: 'true\n' });
  });
});

describe('what is no model', () => {
  const options: OnnxOptions = { ...plain };
  test.each<[string, Like, Partial<OnnxOptions>, RegExp, RegExp]>([
    ['half x', { type: 'float16' }, {}, /takes float16 for x \(its input 'x'\)/, /keep_io_types/],
    ['half t', { timeType: 'float16' }, {}, /takes float16 for t/, /float32/],
    ['integer sigma', { timeType: 'int64' }, { timeInput: 'sigma' }, /integers for its time/, /'label'/],
    ['wide t', { timeShape: ['rows', 2] }, {}, /its time as \[rows,2\]/, /\[rows, 1\]/],
    ['another name', {}, { inputs: ['x', 'time'] }, /nothing is given to: 't'/, /'x' float32/],
    ['no such name', {}, { inputs: ['x', 't', 'label'] }, /no input 'label' to take condition/, /'x' float32/],
    ['no such output', {}, { output: 'eps' }, /no output 'eps'/, /'y' float32/],
  ])('%s: ERR_SDE_MODEL_INVALID', async (_, like, given, words, cure) => {
    const error = await caught(() => loaded(like, given));
    expect(error.code).toBe('ERR_SDE_MODEL_INVALID');
    expect(error.message).toMatch(words);
    expect(error.hint).toMatch(cure);
  });

  test('forward(x) alone', async () => {
    const graph = new Graph();
    graph.input('x', ['rows', 4]);
    const path = written(graph.output('y', graph.op('Neg', ['x']), ['rows', 4]));
    const error = await caught(() => onnxScore(path, options));
    expect(error.message).toMatch(/has 1 inputs in place of two or three/);
  });

  test('weights in another file, and an opset to come', async () => {
    const network = (graph: Graph, factor: string) => {
      graph.input('x', ['rows', 4]);
      graph.input('t', ['rows']);
      return written(graph.output('y', graph.op('Mul', ['x', factor]), ['rows', 4]));
    };
    const away = new Graph();
    const without = await caught(() => onnxScore(network(away, away.elsewhere('weights', [4])), options));
    expect(without).toMatchObject({
      code: 'ERR_SDE_MODEL_INVALID',
      hint: expect.stringContaining('external_data=False'),
    });
    const late = new Graph(99);
    const future = await caught(() => onnxScore(network(late, late.constant([1], 'float32')), options));
    expect(future).toMatchObject({ code: 'ERR_SDE_MODEL_INVALID', hint: expect.stringContaining('opset_version') });
  });

  test.each<[string, number[], string]>([
    ['another shape', [2, 8], 'ERR_SDE_MODEL_FAILED'],
    ['another rank', [8], 'ERR_SDE_MODEL_FAILED'],
  ])('%s of samples: %s', async (_, shape, code) => {
    const error = await caught(async () => sample({ ...common, shape, score: await loaded() }));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/for input: x/);
  });

  test('an answer of another shape: ERR_SDE_MODEL_OUTPUT', async () => {
    const graph = new Graph();
    graph.input('x', ['rows', 4]);
    graph.input('t', ['rows']);
    const score = await onnxScore(written(graph.output('y', graph.op('Neg', ['t']), ['rows'])), options);
    const error = await caught(() => sample({ ...common, shape: [4], score }));
    expect(error).toMatchObject({
      code: 'ERR_SDE_MODEL_OUTPUT',
      message: expect.stringContaining("'y' is float32 [3]"),
    });
  });

  test('damaged, text, TorchScript, and the other way round', async () => {
    const path = join(folder, 'model');
    const error = async (bytes: string | Buffer) => {
      writeFileSync(path, bytes);
      return caught(() => onnxScore(path, options));
    };
    const good = readFileSync(written(onnxGaussian()));
    expect(await error(good.subarray(0, 300))).toMatchObject({ code: 'ERR_SDE_MODEL_INVALID' });
    expect((await error('no model')).message).toMatch(/is text, and no ONNX model/);
    const model = await testModels();
    const torch = await error(readFileSync(model('network')));
    expect(torch).toMatchObject({ message: expect.stringMatching(/is a TorchScript module, and no ONNX model/) });
    expect(torch.hint).toContain('torchScore(path, options)');
    expect((await error(readFileSync(model('state-dict')))).hint).toContain('torch.onnx.export');
    writeFileSync(path, good);
    const onnx = await caught(() => torchScore(path, { predicts: 'noise', timeInput: 't' }));
    expect(onnx).toMatchObject({ message: expect.stringMatching(/is an ONNX model/) });
    expect(onnx.hint).toContain('onnxScore(path, options)');
  });

  test('sha256, and a URL', async () => {
    const path = written(onnxGaussian());
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
    const score = await onnxScore(pathToFileURL(path), { ...options, sha256 });
    expect(score).toMatchObject({ kind: 'onnx', path, sha256 });
    const other = sha256.replace(/./, digit => (digit === '0' ? '1' : '0'));
    const error = await caught(() => onnxScore(path, { ...options, sha256: other }));
    expect(error).toMatchObject({ code: 'ERR_SDE_MODEL_HASH', option: 'onnxScore.sha256' });
    expect(await caught(() => onnxScore(join(folder, 'none'), options))).toMatchObject({
      code: 'ERR_SDE_MODEL_NOT_FOUND',
      message: expect.stringContaining('onnxScore:'),
    });
  });

  test.each<[string, object]>([
    ['networkThreads', { networkThreads: -1 }],
    ['executionProviders', { executionProviders: [] }],
    ['executionProviders', { executionProviders: 'cpu' }],
    ['inputs', { inputs: ['x'] }],
    ['inputs', { inputs: ['x', 'x'] }],
    ['output', { output: '' }],
    ['sha256', { sha256: 'abc' }],
  ])('%s: %j', async (option, given) => {
    const error = await caught(() => loaded({}, given));
    expect(error).toMatchObject({ code: 'ERR_SDE_INVALID_OPTION', option: `onnxScore.${option}` });
  });
});

test('adaptive steps: the law of the mixture', async () => {
  const score = await loaded({ predicts: 'noise' }, { predicts: 'noise' });
  const job = { ...common, count: 256, solver: adaptive({ rtol: 0.02 }) };
  const [ours, truth] = [await sample({ ...job, score }), await sample({ ...job, score: gaussian() })];
  const total = (counts: Uint32Array) => counts.reduce((sum, count) => sum + count, 0);
  expect(total(ours.stats.evaluations) / total(truth.stats.evaluations)).toBeCloseTo(1, 2);
  for (let j = 0; j < 8; j++) {
    const column = ours.samples.filter((_, i) => i % 8 === j);
    const mean = column.reduce((sum, x) => sum + x, 0) / 256;
    // Five standard errors of 256 samples.
    expect(Math.abs(mean - MEAN[j])).toBeLessThan((5 * Math.sqrt(VARIANCE)) / 16);
  }
});

test('NaN of the network is told with its time', async () => {
  const graph = new Graph();
  graph.input('x', ['rows', 4]);
  graph.input('t', ['rows']);
  const root = graph.op('Sqrt', [graph.op('Sub', ['t', graph.constant([0.5], 'float32')])]);
  const column = graph.op('Unsqueeze', [root, graph.constant([1], 'int64')]);
  const answer = graph.op('Mul', [graph.op('Neg', ['x']), column]);
  const score = await onnxScore(written(graph.output('y', answer, ['rows', 4])), plain);
  const error = await caught(() => sample({ ...common, shape: [4], count: 2, score }));
  expect(error).toMatchObject({ code: 'ERR_SDE_SAMPLE_FAILED' });
  expect(error.message).toMatch(/the network answers NaN at t = 0\.4/);
});
