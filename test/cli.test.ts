/** The program `fast-sde`, run as a child process: files, figures, exit codes, messages, Ctrl-C. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { programIn } from './support/cli.js';
import { decodeNpy } from './support/npy.js';

const { folder, at, run, sample } = programIn('fast-sde-cli-');

beforeAll(() => {
  writeFileSync(at('broken.json'), '{"weights": [1');
  writeFileSync(at('no-model.pt'), 'this is no TorchScript');
});

describe('fast-sde sample', () => {
  it('draws a mixture into .npy, with figures and statistics', async () => {
    const args = [
      '--mixture',
      'two.json',
      '--count',
      '2000',
      '--seed',
      '3',
      '--out',
      'two.npy',
      '--stats',
      'two-stats.json',
    ];
    const { code, stdout, stderr } = await sample(...args);
    expect(stderr).not.toMatch(/error/);
    expect(code).toBe(0);

    const { shape, data } = decodeNpy(readFileSync(at('two.npy')));
    expect(shape).toEqual([2000, 2]);
    // 500 wanted on the left; five standard deviations of a binomial are 97.
    const left = data.filter((x, i) => i % 2 === 0 && x < 0).length;
    expect(Math.abs(left - 500)).toBeLessThan(97);

    const stats = JSON.parse(readFileSync(at('two-stats.json'), 'utf8'));
    expect(stats).toMatchObject({ seed: 3, shape: [2000, 2] });
    expect(stats.evaluations).toHaveLength(2000);
    expect(new Set(stats.status)).toEqual(new Set(['success']));
    // Both stages of accepted steps, one of rejected ones, the denoising.
    expect(stats.evaluations[7]).toBe(2 * stats.accepted[7] + stats.rejected[7] + 1);
    const total = stats.evaluations.reduce((a: number, b: number) => a + b);
    expect(stats.network.rows).toBeGreaterThanOrEqual(total);
    expect(stdout).toContain(`${(total / 2000).toFixed(1)} mean, ${Math.max(...stats.evaluations)} max`);
    expect(stdout).toMatch(/device +cpu\n/);
    expect(stats.device).toBe('cpu');
    expect(stdout).toMatch(/steps rejected +\d+\.\d %/);
    expect(stdout).toMatch(/seconds in network +\d/);
    expect(stdout).toMatch(/seconds in solver +\d/);
  });

  it('writes the same numbers for the same seed, whole or in pieces', async () => {
    const common = ['--mixture', 'two.json', '--seed', '18446744073709551615'];
    await sample(...common, '--count', '50', '--batch', '7', '--out', 'whole.npy');
    await sample(...common, '--count', '20', '--first-index', '30', '--out', 'piece.npy');
    const whole = decodeNpy(readFileSync(at('whole.npy'))).data;
    expect(decodeNpy(readFileSync(at('piece.npy'))).data).toEqual(whole.slice(60));
  });

  it('draws a grid of images', async () => {
    const { code } = await sample('--mixture', 'flat.json', '--shape', '1,4,4', '--count', '10', '--out', 'grid.png');
    expect(code).toBe(0);
    const { width, height, data } = PNG.sync.read(readFileSync(at('grid.png')));
    expect([width, height]).toEqual([4 * 4 + 3 * 2, 3 * 4 + 2 * 2]);
    // The mixture's mean is the middle of the data range: 127.5, within five standard errors of 160 pixels.
    let sum = 0;
    for (let i = 0; i < width * height; i++) sum += data[4 * i];
    expect(Math.abs(sum / 160 - 127.5)).toBeLessThan((5 * 0.2 * 127.5) / Math.sqrt(160));
  });

  it('takes another solver and its options', async () => {
    const args = ['--mixture', 'two.json', '--count', '5', '--out', 'em.npy', '--stats', 'em.json'];
    const { code, stdout } = await sample(
      ...args,
      '--solver',
      'euler-maruyama:40',
      '--sde',
      'sub-vp',
      '--t-end',
      '0.01',
    );
    expect(code).toBe(0);
    expect(stdout).toContain('41.0 mean, 41 max');
    const without = await sample(...args, '--solver', 'euler-maruyama:40', '--no-final-denoise');
    expect(without.stdout).toContain('40.0 mean, 40 max');
  });

  it('says so when samples fail, and keeps the others', async () => {
    const args = ['--mixture', 'two.json', '--count', '12', '--max-evaluations', '20', '--out', 'few.npy'];
    const { code, stderr } = await sample(...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/12 of 12 samples failed \(maxEvaluations\): 0, 1, 2/);
    expect(decodeNpy(readFileSync(at('few.npy'))).shape).toEqual([12, 2]);
  });

  it('prints plain lines of progress into a pipe', async () => {
    const { stderr } = await sample('--mixture', 'two.json', '--count', '3000', '--out', 'many.npy');
    const lines = stderr.trim().split('\n');
    expect(lines.length).toBeLessThanOrEqual(10);
    for (const line of lines) expect(line).toMatch(/^\d+0 % \| \d+\/3000 samples \| \d+ network calls$/);
    expect(lines.at(-1)).toMatch(/^100 % \| 3000\/3000/);
    expect(stderr).not.toContain('\x1b');
  });

  it('keeps what is finished on Ctrl-C', async () => {
    const args = ['sample', '--mixture', 'flat.json', '--count', '200000', '--out', 'cut.npy', '--stats', 'cut.json'];
    // Twice, as a terminal and npm together do.
    const { code, stderr, stdout } = await run(args, {
      onStderr: (text, child) => {
        if (/^10 %.*\n$/.test(text)) for (const _ of [1, 2]) child.kill('SIGINT');
      },
    });
    expect(code).toBe(130);
    expect(stdout).toBe('');
    const finished = Number(
      /interrupted: (\d+) of 200000 samples were finished; they are in cut.npy/.exec(stderr)?.[1],
    );
    const { shape, data } = decodeNpy(readFileSync(at('cut.npy')));
    expect(shape).toEqual([finished, 16]);
    expect(finished).toBeGreaterThan(10_000);
    expect(finished).toBeLessThan(200_000);
    // Finished rows only: their law is the mixture's, variance 0.04.
    const variance = data.reduce((sum, x) => sum + x * x, 0) / data.length;
    expect(variance / 0.04).toBeGreaterThan(0.9);
    expect(variance / 0.04).toBeLessThan(1.1);
    const { status } = JSON.parse(readFileSync(at('cut.json'), 'utf8'));
    expect(status.filter((s: string) => s === 'success')).toHaveLength(finished);
  });
});

describe('wrong usage', () => {
  const mixture = ['--mixture', 'two.json', '--out', 'x.npy'];
  const model = ['--model', 'no-model.pt', '--out', 'x.npy'];
  const images = ['--mixture', 'flat.json', '--shape', '4,4'];
  it.each([
    ['an unknown option', [...mixture, '--rtoll', '1'], /unknown option '--rtoll'[\s\S]*Did you mean --rtol/],
    ['no output', ['--mixture', 'two.json'], /required option '--out <file>'/],
    ['no score', ['--out', 'x.npy'], /--model FILE or --mixture FILE/],
    ['two scores', [...mixture, '--model', 'm.pt'], /'--model <file>' cannot be used with option '--mixture <file>'/],
    [
      'precision of a mixture',
      [...mixture, '--dtype', 'bfloat16'],
      /'--dtype <type>' cannot be used with .*'--mixture/,
    ],
    ['layout of a mixture', [...mixture, '--layout', 'auto'], /'--layout <layout>' cannot be used/],
    ['hash of a mixture', [...mixture, '--sha256', '0'.repeat(64)], /'--sha256 <hash>' cannot be used/],
    ['a model without conventions', [...model, '--shape', '2'], /needs --predicts .* and --time/],
    ['a model without shape', [...model, '--predicts', 'noise', '--time', 't'], /needs --shape/],
    ['a number that is none', [...mixture, '--rtol', 'small'], /'--rtol <number>' argument 'small' is invalid/],
    ['a tolerance out of range', [...mixture, '--rtol', '-1'], /ERR_SDE_INVALID_OPTION: .*rtol/],
    ['no samples', [...mixture, '--count', '0'], /ERR_SDE_INVALID_OPTION: .*count/],
    ['a shape that is none', [...mixture, '--shape', '2,x'], /'--shape <n,…>' argument '2,x' is invalid/],
    ['a shape of nothing', [...mixture, '--shape', '0,2'], /ERR_SDE_INVALID_SHAPE/],
    ["a shape that is not the mixture's", [...mixture, '--shape', '3'], /ERR_SDE_INVALID_SHAPE/],
    ['a device that is none', [...mixture, '--device', 'gpu'], /Expected auto, cpu, cuda, cuda:1, or several such as/],
    ['a device beside auto', [...mixture, '--device', 'auto,cuda:1'], /Expected auto, cpu, cuda, cuda:1, or several/],
    [
      'a device twice',
      [...mixture, '--device', 'cuda,cuda:0'],
      /ERR_SDE_INVALID_OPTION: device.*different CUDA devices/,
    ],
    [
      'an unknown solver',
      [...mixture, '--solver', 'heun'],
      /Expected adaptive or adaptive-exponential or ancestral:STEPS or /,
    ],
    ['an option of another solver', [...mixture, '--solver', 'euler-maruyama:9', '--rtol', '1'], /--rtol belong/],
    ['a parameter of another SDE', [...mixture, '--sigma-max', '9'], /--sigma-max belong to --sde ve/],
    ['a mixture that is not there', ['--mixture', 'none.json', '--out', 'x.npy'], /none\.json: no such file/],
    ['a mixture that is no JSON', ['--mixture', 'broken.json', '--out', 'x.npy'], /broken\.json is no JSON/],
    ['an output of unknown kind', ['--mixture', 'two.json', '--out', 'x.txt'], /\.npy .* or \.png/],
    ['a picture of no image', ['--mixture', 'two.json', '--out', 'x.png'], /shape 2 are no images/],
    ['a picture too large', [...images, '--count', '9000000', '--out', 'x.png'], /pixels are too many for a PNG/],
    ['an output in no folder', ['--mixture', 'two.json', '--out', 'none/x.npy'], /folder none does not exist/],
    ['statistics in no folder', [...mixture, '--stats', 'none/s.json'], /--stats none\/s\.json: the folder none/],
  ])('%s', async (_name, args, message) => {
    const { code, stdout, stderr } = await sample(...args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^ +at /m);
    expect([code, stdout]).toEqual([2, '']);
    expect(existsSync(at('x.npy'))).toBe(false);
  });

  it('shows a stack where DEBUG is set', async () => {
    const args = ['sample', '--mixture', 'two.json', '--out', 'x.txt'];
    expect((await run(args, { env: { DEBUG: '1' } })).stderr).toMatch(/^ +at /m);
  });
});

describe('failures', () => {
  const conventions = ['--predicts', 'noise', '--time', 't', '--shape', '2', '--out', 'x.npy'];

  it('a model that is not there: one line, exit code 1', async () => {
    const { code, stderr } = await sample('--model', 'none.pt', ...conventions);
    expect(stderr).toMatch(/^error: ERR_SDE_MODEL_NOT_FOUND: .*none\.pt.*\n$/);
    expect(code).toBe(1);
  });

  it('a GPU that is not there: why, and what to do', async () => {
    const args = ['sample', '--mixture', 'two.json', '--device', 'cuda:0,cuda:1', '--out', 'x.npy'];
    const { code, stderr } = await run(args, { env: { FAST_SDE_CUDA_PLUGIN: at('none.so') } });
    expect(stderr).toMatch(/^error: ERR_SDE_CUDA_UNAVAILABLE: device: cuda:0, cuda:1 cannot be used: .*none\.so/);
    expect(stderr).toMatch(/build --cuda.*\n$/);
    expect(code).toBe(1);
  });

  it('a model of another hash', async () => {
    const { code, stderr } = await sample('--model', 'no-model.pt', '--sha256', '0'.repeat(64), ...conventions);
    expect(stderr).toMatch(/^error: ERR_SDE_MODEL_HASH: .*\n$/);
    expect(code).toBe(1);
  });
});

describe('the rest of fast-sde', () => {
  it.each([
    [['--help'], /Examples:[\s\S]*fast-sde sample/],
    [['sample', '--help'], /--mixture <file>[\s\S]*Examples:[\s\S]*digits\.pt/],
    [['sample', '--help'], /--dtype <type>[^-]*tf32[\s\S]*--device <name>[^-]*cuda:0,cuda:1/],
    [['build', '--help'], /--libtorch <folder>[\s\S]*--cuda-architectures <list>[\s\S]*Examples:/],
    [['--version'], /^\d+\.\d+\.\d+$/m],
  ])('%j', async (args, text) => {
    const { code, stdout } = await run(args);
    expect(stdout).toMatch(text);
    expect(code).toBe(0);
  });

  it('doctor says what is there', async () => {
    const { code, stdout } = await run(['doctor', '--json']);
    const report = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(report.node.version).toBe(process.versions.node);
    expect(report.addon).toMatchObject({ available: true, variants: expect.arrayContaining([report.addon.variant]) });
    // What is off has a reason, and nothing is off silently.
    for (const part of [report.torch, report.cuda, report.driver]) {
      if (!part.available) expect(part.reason.length).toBeGreaterThan(10);
    }
    const inWords = (await run(['doctor'])).stdout;
    expect(inWords).toContain(report.addon.variant);
    if (report.torch.available) expect(inWords).toMatch(/LibTorch +.*, sees (no|\d+) CUDA devices?, /);
  });

  it('doctor says why CUDA is off, and what there is to build it with', async () => {
    const env = { FAST_SDE_CUDA_PLUGIN: at('none.so') };
    const compiler = (release: string) => {
      const file = at(`nvcc-${release}`);
      writeFileSync(file, `#!/bin/sh\necho 'Cuda compilation tools, release ${release}, V${release}.1'\n`, {
        mode: 0o755,
      });
      return { ...env, CUDACXX: file };
    };
    const { code, stdout } = await run(['doctor', '--json'], { env: compiler('13.0') });
    const report = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(report.cuda).toMatchObject({ available: false, code: 'ERR_SDE_CUDA_UNAVAILABLE' });
    expect(report.buildCuda).toEqual({ nvcc: { path: at('nvcc-13.0'), version: '13.0' }, missing: [] });
    const { stdout: words } = await run(['doctor'], { env: compiler('13.0') });
    expect(words).toMatch(/CUDA +off: .*none\.so.* Run .*build --cuda/);
    expect(words).toMatch(/to build it +nvcc 13\.0 \(.*nvcc-13\.0\); CMake and a compiler are there/);
    expect((await run(['doctor'], { env: compiler('11.8') })).stdout).toMatch(
      /to build it +no nvcc; missing: nvcc of CUDA 12 or newer \(.*nvcc-11\.8 is of 11\.8\)/,
    );
    const without = await run(['doctor'], { env: { ...env, CUDACXX: at('no-nvcc') } });
    expect(without.stdout).toMatch(/to build it +no nvcc; missing: nvcc, .*CUDACXX = .*no-nvcc/);
  });

  it('doctor says why LibTorch is off', async () => {
    const config = join(at('libtorch'), 'share', 'cmake', 'Torch');
    mkdirSync(config, { recursive: true });
    writeFileSync(join(config, 'TorchConfig.cmake'), '');
    writeFileSync(join(at('libtorch'), 'build-version'), '2.13.0');
    const env = { FAST_SDE_TORCH_PLUGIN: at('none.so'), FAST_SDE_LIBTORCH: at('libtorch') };
    const { code, stdout } = await run(['doctor', '--json'], { env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout).torch).toMatchObject({ available: false, code: 'ERR_SDE_TORCH_UNAVAILABLE' });
    const { stdout: words } = await run(['doctor'], { env });
    expect(words).toMatch(/LibTorch +off: .*none\.so.*\. Run .*build --torch/);
    expect(words).toMatch(/to build it +LibTorch 2\.13\.0 \(FAST_SDE_LIBTORCH\); CMake and a compiler are there/);
    const launched = await run(['doctor'], { env: { ...env, CXX: 'env c++' } });
    expect(launched.stdout).toContain('CMake and a compiler are there');
    // Without tools, and without a Python that has torch.
    const bare = { ...env, PATH: folder, CXX: 'c--', FAST_SDE_LIBTORCH: folder };
    const { build } = JSON.parse((await run(['doctor', '--json'], { env: bare })).stdout);
    expect(build).toEqual({
      tried: [expect.stringMatching(/FAST_SDE_LIBTORCH = .* holds no/)],
      missing: [expect.stringMatching(/^cmake/), expect.stringMatching(/compiler .*c--/)],
    });
    expect((await run(['doctor'], { env: bare })).stdout).toMatch(/to build it +no LibTorch \(.*; missing: cmake/);
  });

  it('build names everything that is missing', async () => {
    const { code, stderr } = await run(['build', '--torch', '--libtorch', folder], {
      env: { PATH: folder, CXX: 'c--' },
    });
    expect(stderr).toMatch(/^error: cannot build, missing: cmake .*; a C\+\+20 compiler .*c--.*; LibTorch .*\n$/);
    expect(code).toBe(1);
    const both = await run(['build', '--torch', '--cuda', '--libtorch', folder], {
      env: { PATH: folder, CXX: 'c--', CUDACXX: 'nvcc--' },
    });
    expect(both.stderr).toMatch(/missing: cmake .*; a C\+\+20 compiler .*; LibTorch .*; nvcc, .*CUDACXX = nvcc--/);
    expect(both.code).toBe(1);
  });

  it.each([
    [['build'], /fast-sde build --torch, --cuda, --addon/],
    [['build', '--cuda', '--libtorch', '.'], /--libtorch belongs to --torch/],
    [['build', '--torch', '--cuda-architectures', '90'], /--cuda-architectures belongs to --cuda/],
    [['build', '--cuda', '--cuda-architectures', '80, 90'], /Expected a list such as 80,90/],
  ])('refuses %j', async (args, message) => {
    expect(await run(args)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
  });
});
