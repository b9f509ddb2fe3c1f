/** `doctor` and `build` run nothing of the folder they are called in, nor what stands in a folder's name. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root } from '#binding';
import { unfitFolder } from '../lib/programs.mjs';

const PROGRAM = join(root, 'dist', 'esm', 'cli', 'main.js');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fast-sde-foreign-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(args: string[], { env = {}, program = PROGRAM } = {}) {
  const { FAST_SDE_LIBTORCH: _, CXX: _cxx, CUDACXX: _cuda, ...rest } = process.env;
  const inherited = { ...rest, FAST_SDE_TORCH_PLUGIN: '/none.so', FAST_SDE_CUDA_PLUGIN: '/none.so' };
  return spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...inherited, ...env },
  });
}

/** An unpacked LibTorch, as far as it is looked at. */
function libTorch(home: string): string {
  const config = join(home, 'share', 'cmake', 'Torch');
  mkdirSync(config, { recursive: true });
  writeFileSync(join(config, 'TorchConfig.cmake'), 'file(WRITE "/tmp/hit")\n');
  return home;
}

describe('a folder full of traps', () => {
  const programs = ['python3', 'python', 'cmake', 'c++', 'g++', 'clang++', 'nvcc', 'nvidia-smi', 'ninja', 'make', 'sh'];
  const modules = [
    'importlib',
    'sitecustomize',
    'usercustomize',
    'site',
    'encodings',
    'sys',
    'builtins',
    'os',
    'types',
  ];
  const hit = () => join(folder, 'hit');

  beforeEach(() => {
    for (const place of ['.', 'bin', '.venv/bin', 'node_modules/.bin']) {
      mkdirSync(join(folder, place), { recursive: true });
      for (const name of programs) {
        writeFileSync(join(folder, place, name), `#!/bin/sh\necho ${place}/${name} >> '${hit()}'\n`, { mode: 0o755 });
      }
    }
    for (const name of modules) {
      writeFileSync(join(folder, `${name}.py`), `open('${hit()}', 'a').write('${name}.py')\n`);
    }
    libTorch(join(folder, 'torch'));
    writeFileSync(join(folder, 'torch', 'build-version'), '9.9.9');
    writeFileSync(join(folder, 'torch', '__init__.py'), `open('${hit()}', 'a').write('torch')\n`);
    for (const name of ['CMakeLists.txt', 'CMakePresets.json', 'CMakeUserPresets.json']) {
      writeFileSync(join(folder, name), `file(WRITE "${hit()}" "")`);
    }
  });

  it.each([
    ['the usual search paths', true, () => ({})],
    ['a .venv alone', false, () => ({})],
    [
      'search paths that lead there',
      true,
      () => ({
        PATH: ['', '.', 'bin', './node_modules/.bin', join(folder, 'node_modules', '.bin'), process.env.PATH].join(
          delimiter,
        ),
        PYTHONPATH: `.${delimiter}`,
      }),
    ],
  ])('is left alone with %s', (_, withTorch, env) => {
    if (!withTorch) rmSync(join(folder, 'torch'), { recursive: true }); // then .venv is the next to be looked at
    const doctor = run(['doctor', '--json'], { env: env() });
    expect(JSON.parse(doctor.stdout).addon.available).toBe(true);
    expect(doctor.stdout).not.toContain('9.9.9');
    const build = run(['build', '--torch', '--cuda', '--libtorch', 'nowhere'], { env: env() });
    expect(build.stderr).toMatch(/cannot build, missing: .*nowhere/);
    expect(existsSync(hit())).toBe(false);
  });
});

describe('a name that a shell or a build tool would misread', () => {
  const names = ['`touch hit`', '$(touch hit)', "it's", 'say "x"', 'a;touch hit', 'a\ntouch hit', 'a&b', 'a|b', 'a\\b'];

  it.each([...names, '$HOME', 'a#b', 'a,b', 'a%b', 'a*', '(a)', 'a\u202eb'])('%j is unfit, behind a link too', name => {
    const home = join(folder, name);
    mkdirSync(home);
    symlinkSync(home, join(folder, 'link'));
    for (const place of [home, join(folder, 'link'), join(folder, 'link', 'not there yet')]) {
      expect(unfitFolder('x', place)).toMatch(/^x is ".*": build tools would misread ".+" in it, or run what follows/);
    }
  });

  it.each(['plain', 'with spaces', 'Grüße', '漢字', 'a+b@c=d~e_f-g.h'])('%j is fit', name => {
    expect(unfitFolder('x', join(folder, name))).toBeUndefined();
  });

  it('build refuses it for LibTorch, for the package and for its results, and runs none of it', () => {
    const home = join(folder, names[0]);
    mkdirSync(home);
    for (const part of ['dist', 'lib', 'package.json', 'CMakeLists.txt']) {
      cpSync(join(root, part), join(home, part), { recursive: true });
    }
    for (const part of ['build', 'native', 'cmake', 'node_modules']) symlinkSync(join(root, part), join(home, part));
    symlinkSync(home, join(folder, 'link'));
    symlinkSync(libTorch(join(home, 'libtorch')), join(folder, 'libtorch'));
    const program = join(folder, 'link', 'dist', 'esm', 'cli', 'main.js');
    const plain = libTorch(join(folder, 'plain'));
    for (const [what, libtorch, options] of [
      ["LibTorch's folder", join(home, 'libtorch'), {}],
      ["LibTorch's folder", join(folder, 'libtorch'), {}],
      ["this package's folder", plain, { program }],
      ['the folder for the results', plain, { env: { FAST_SDE_CACHE: join(home, 'cache') }, program: installed() }],
    ] as const) {
      const { status, stderr } = run(['build', '--torch', '--libtorch', libtorch], options);
      expect(stderr).toContain(`error: cannot build: ${what} is ${JSON.stringify(folder).slice(0, -1)}`);
      expect(status).toBe(1);
    }
    expect(existsSync(join(folder, 'hit'))).toBe(false);
  });

  /** The package without its sources, as it is installed. */
  function installed(): string {
    const home = join(folder, 'installed');
    mkdirSync(home);
    for (const part of ['dist', 'lib', 'package.json']) cpSync(join(root, part), join(home, part), { recursive: true });
    for (const part of ['build', 'node_modules']) symlinkSync(join(root, part), join(home, part));
    return join(home, 'dist', 'esm', 'cli', 'main.js');
  }
});
