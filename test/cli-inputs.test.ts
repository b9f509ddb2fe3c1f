/** What `fast-sde sample` reads beside a score: schedules of diffusers, starting points, conditions. */
import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { readSchedulerConfig } from '../src/cli/scheduler-config.js';
import { readNpy } from '../src/files/npy.js';
import { discrete, eulerMaruyama, mixtureScore, type SampleOptions, sample, torchScore, vp } from '../src/index.js';
import { programIn } from './support/cli.js';
import { testModels } from './support/models.js';
import { decodeNpy, npyFile } from './support/npy.js';

const { at, sample: byCommand } = programIn('fast-sde-inputs-');
const STEPS = ['--solver', 'euler-maruyama:30'];
const common = { count: 6, seed: 3, solver: eulerMaruyama({ steps: 30 }) };
const drawn = async (options: Omit<SampleOptions, 'count'>) => (await sample({ ...common, ...options })).samples;
const read = (name: string) => decodeNpy(readFileSync(at(name)));

describe('.npy files are read', () => {
  it.each([
    ['<f4', Float32Array.of(1.5, -2, 3, 4, 5, 6)],
    ['<f8', Float64Array.of(0.1, -2, 3, 4, 5, 6)],
    ['<i4', Int32Array.of(1, -2, 3, 4, 5, 6)],
    ['<i8', BigInt64Array.of(1n, -2n, 3n, 2n ** 60n, 5n, 6n)],
  ])('of type %s', (descr, data) => expect(readNpy(npyFile(descr, [2, 3], data))).toEqual({ data, shape: [2, 3] }));

  const numbers = Float32Array.of(1, 2, 3, 4, 5, 6);
  it.each([
    ['text', Buffer.from('no file of numbers'), /is no \.npy file/],
    ['nothing', Buffer.alloc(0), /is no \.npy file/],
    ['a file cut short', npyFile('<f4', [2, 3], numbers).subarray(0, -4), /has 20 bytes of numbers.*takes 24/],
    ['a header cut short', npyFile('<f4', [2, 3], numbers).subarray(0, 40), /header that is damaged/],
    ['bytes too many', npyFile('<f4', [2, 2], numbers), /has 24 bytes of numbers.*takes 16/],
    ['Fortran order', npyFile('<f4', [2, 3], numbers, 'True'), /numpy\.ascontiguousarray/],
    ['another byte order', npyFile('>f4', [2, 3], numbers), /type >f4: use \.astype/],
    ['half precision', npyFile('<f2', [2, 6], numbers), /type <f2: use \.astype/],
    ['a version to come', Buffer.concat([npyFile('<f4', [6], numbers)]).fill(9, 6, 7), /version 9/],
  ])('but not %s', (_name, file, message) => expect(() => readNpy(file)).toThrow(message));
});

describe('--schedule', () => {
  const configs = {
    ddpm: { beta_schedule: 'linear', beta_start: 0.0001, beta_end: 0.02, num_train_timesteps: 1000 },
    'stable-diffusion': {
      _class_name: 'PNDMScheduler',
      beta_schedule: 'scaled_linear',
      beta_start: 0.00085,
      beta_end: 0.012,
      num_train_timesteps: 1000,
      trained_betas: null,
    },
    cosine: { beta_schedule: 'squaredcos_cap_v2', prediction_type: 'v_prediction' },
  };

  // alphas_cumprod[[0, 500, 999]] by the lines of diffusers' DDPMScheduler, in float32 (PyTorch 2.13).
  it.each([
    ['ddpm', 'noise', [0.99989998, 0.07779665, 4.03583e-5]],
    ['stable-diffusion', 'noise', [0.99914998, 0.27633247, 0.004660095]],
    ['cosine', 'velocity', [0.99995869, 0.49228504, 2.428735e-9]],
  ] as const)('of %s has the levels of diffusers', (name, predicts, levels) => {
    const read = readSchedulerConfig(configs[name]);
    expect(read.predicts).toBe(predicts);
    const { alphasCumprod } = discrete({ betas: read.betas });
    for (const [i, n] of [0, 500, 999].entries()) expect(alphasCumprod[n] / levels[i]).toBeCloseTo(1, 4);
  });

  it('takes betas as they are, and a rescaled end', () => {
    expect(readSchedulerConfig({ trained_betas: [0.1, 0.2, 0.3] }).betas).toEqual([0.1, 0.2, 0.3]);
    const { betas } = readSchedulerConfig({ ...configs.ddpm, rescale_betas_zero_snr: true });
    const { alphasCumprod } = discrete({ betas });
    expect(alphasCumprod[0]).toBeCloseTo(0.9999, 10);
    // √ᾱ falls evenly to zero, which stands half a position behind.
    const [at997, at998, at999] = [...alphasCumprod.slice(997)].map(Math.sqrt);
    expect(at998 / at997).toBeCloseTo(0.5, 2);
    expect(at999 / at998).toBeCloseTo(0.5, 6);
  });

  it.each([
    [{ num_train_timesteps: 1000, shift: 3 }, /holds no beta_schedule/],
    [[], /holds no beta_schedule/],
    [{ beta_schedule: 'sigmoid' }, /beta_schedule is "sigmoid"; expected linear or/],
    [{ beta_schedule: 'linear', prediction_type: 'flow_prediction' }, /prediction_type/],
    [{ beta_schedule: 'linear', beta_end: 2 }, /beta_end is 2/],
    [{ beta_schedule: 'linear', num_train_timesteps: 1 }, /num_train_timesteps is 1/],
  ])('refuses %j', (config, message) => expect(() => readSchedulerConfig(config)).toThrow(message));

  it('draws as discrete does, from T and to tEnd', async () => {
    writeFileSync(at('schedule.json'), JSON.stringify(configs['stable-diffusion']));
    const args = ['--mixture', 'two.json', '--schedule', 'schedule.json', '--count', '6', '--seed', '3', ...STEPS];
    expect((await byCommand(...args, '--t-end', '1e-3', '--out', 'scheduled.npy')).stderr).not.toMatch(/error/);
    const { betas } = readSchedulerConfig(configs['stable-diffusion']);
    const score = mixtureScore(JSON.parse(readFileSync(at('two.json'), 'utf8')));
    expect(read('scheduled.npy').data).toEqual(
      await drawn({ sde: discrete({ betas, tEnd: 1e-3 }), score, shape: [2] }),
    );
    const { sde, inputs } = JSON.parse(readFileSync(at('scheduled.npy.json'), 'utf8'));
    expect(sde).toEqual({ kind: 'discrete', T: 1, tEnd: 1e-3, priorStd: 1, dataRange: [-1, 1] });
    expect(inputs.schedule).toMatchObject({ file: 'schedule.json', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it.each([
    ['beside --sde', ['--sde', 've'], /'--schedule <file>' cannot be used with option '--sde <name>'/],
    ['beside the betas of another', ['--beta-max', '9'], /--beta-max belong to --sde .*vp, not to --schedule/],
    ['in the output', ['--out', 'schedule.json.npy', '--stats', 'schedule.json'], /same file as --schedule/],
    ['with another prediction', ['--predicts', 'score'], /the network predicts noise, by --schedule/],
  ])('%s is refused', async (_name, args, message) => {
    writeFileSync(at('schedule.json'), JSON.stringify(configs.ddpm));
    const score = args[0] === '--predicts' ? ['--model', 'm.pt', '--shape', '2'] : ['--mixture', 'two.json'];
    const { code, stderr } = await byCommand(...score, '--schedule', 'schedule.json', '--out', 'x.npy', ...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});

describe('--initial', () => {
  it('begins where the file says, for as many samples as it has', async () => {
    const initial = Float64Array.from({ length: 12 }, (_, i) => Math.sin(i));
    writeFileSync(at('initial.npy'), npyFile('<f8', [6, 2], initial));
    await byCommand('--mixture', 'two.json', '--initial', 'initial.npy', '--seed', '3', ...STEPS, '--out', 'from.npy');
    const score = mixtureScore(JSON.parse(readFileSync(at('two.json'), 'utf8')));
    expect(read('from.npy')).toMatchObject({ shape: [6, 2] });
    expect(read('from.npy').data).toEqual(
      await drawn({ sde: vp(), score, shape: [2], initial: Float32Array.from(initial) }),
    );
  });

  it.each([
    ['of another shape', '<f4', [6, 3], new Float32Array(18), [], /has shape \[6, 3\]; expected \[count, 2\]/],
    ['of another count', '<f4', [6, 2], new Float32Array(12), ['--count', '7'], /initial.*14 numbers \(count 7/],
    ['beyond float32', '<f8', [1, 2], Float64Array.of(1, 1e300), [], /1e\+300 at 1 is no number of float32/],
    ['of integers beyond float32', '<i8', [1, 2], BigInt64Array.of(1n, 16777217n), [], /16777217 at 1 is no/],
    ['that is no array', '<U2', [1, 2], new Float32Array(4), [], /--initial bad\.npy: holds numbers of type <U2/],
  ] as const)('%s is refused', async (_name, descr, shape, data, args, message) => {
    writeFileSync(at('bad.npy'), npyFile(descr, shape, data));
    const { code, stderr } = await byCommand(
      '--mixture',
      'two.json',
      '--initial',
      'bad.npy',
      '--out',
      'x.npy',
      ...args,
    );
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});

describe('--condition', () => {
  let model: string[];
  let path: string;
  beforeAll(async () => {
    path = (await testModels())('by-class');
    model = ['--model', path, '--predicts', 'score', '--time', 't', '--shape', '1,2,4', '--seed', '3', ...STEPS];
    writeFileSync(at('labels.npy'), npyFile('<i8', [6], BigInt64Array.of(0n, 1n, 2n, 0n, 1n, 2n)));
  });
  const condition = Int32Array.of(0, 1, 2, 0, 1, 2);
  const network = () => torchScore(path, { predicts: 'score', timeInput: 't' });

  it('gives each sample its row, with guidance too', async () => {
    const guided = ['--condition', 'labels.npy', '--guidance', '1.5', '--unconditional', '3'];
    const [plain, steered] = [
      await byCommand(...model, ...guided.slice(0, 2), '--out', 'plain.npy'),
      await byCommand(...model, ...guided, '--out', 'steered.npy'),
    ];
    expect([plain.code, steered.code]).toEqual([0, 0]);
    const options = { sde: vp(), score: await network(), shape: [1, 2, 4], condition };
    expect(read('plain.npy').data).toEqual(await drawn(options));
    const guidance = { scale: 1.5, unconditional: Int32Array.of(3) };
    expect(read('steered.npy').data).toEqual(await drawn({ ...options, guidance }));
    const settings = JSON.parse(readFileSync(at('steered.npy.json'), 'utf8'));
    expect(settings.versions.libtorch).toMatch(/^\d/);
    expect(settings.guidance).toEqual({ scale: 1.5, unconditional: [3] });
    expect(Object.keys(settings.inputs).sort()).toEqual(['condition', 'model']);
    expect(settings.score).toMatchObject({ predicts: 'score', timeInput: 't', dtype: 'float32' });
  });

  it.each([
    ['of too many dimensions', '<i4', [2, 1, 1], Int32Array.of(1, 2), [], /expected \[count\] or \[count, width\]/],
    ['beyond 32 bits', '<i8', [1], BigInt64Array.of(2n ** 40n), [], /1099511627776 at 0 is no integer of 32 bits/],
    ['of another count', '<i4', [2], Int32Array.of(1, 2), ['--count', '3'], /condition.*count \(3\) rows/],
    ['with guidance alone', '<i4', [2], Int32Array.of(1, 2), ['--guidance', '2'], /--unconditional: the row/],
    [
      'with a fraction for none',
      '<i4',
      [2],
      Int32Array.of(1, 2),
      ['--guidance', '2', '--unconditional', '0.5'],
      /no integer/,
    ],
    [
      'with words for none',
      '<i4',
      [2],
      Int32Array.of(1, 2),
      ['--guidance', '2', '--unconditional', 'none'],
      /numbers with commas/,
    ],
  ] as const)('%s is refused', async (_name, descr, shape, data, args, message) => {
    writeFileSync(at('bad.npy'), npyFile(descr, shape, data));
    const { code, stderr } = await byCommand(...model, '--condition', 'bad.npy', '--out', 'x.npy', ...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  it('guidance and rows for none belong together', async () => {
    const alone = await byCommand(...model, '--unconditional', '3', '--out', 'x.npy');
    expect(alone.stderr).toMatch(/--unconditional belongs to --guidance/);
    expect(alone.code).toBe(2);
  });
});
