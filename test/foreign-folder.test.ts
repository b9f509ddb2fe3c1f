/** `doctor` and `build` run nothing of the folder they are called in, nor what stands in a folder's name. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root } from '#binding';

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
    writeFileSync(join(libTorch(join(folder, 'torch')), '__init__.py'), `open('${hit()}', 'a').write('torch')\n`);
    for (const name of ['CMakeLists.txt', 'CMakePresets.json', 'CMakeUserPresets.json']) {
      writeFileSync(join(folder, name), `file(WRITE "${hit()}" "")`);
    }
  });

  it.each([
    ['the usual search paths', () => ({})],
    [
      'search paths that lead there',
      () => ({
        PATH: ['', '.', 'bin', './node_modules/.bin', join(folder, 'node_modules', '.bin'), process.env.PATH].join(
          delimiter,
        ),
        PYTHONPATH: `.${delimiter}`,
      }),
    ],
  ])('is left alone with %s', (_, env) => {
    const doctor = run(['doctor', '--json'], { env: env() });
    expect(JSON.parse(doctor.stdout).addon.available).toBe(true);
    expect(doctor.stdout).not.toContain(join(folder, 'torch'));
    const build = run(['build', '--torch', '--cuda', '--libtorch', 'nowhere'], { env: env() });
    expect(build.stderr).toMatch(/cannot build, missing: .*nowhere/);
    expect(existsSync(hit())).toBe(false);
  });
});

describe('a name that a shell would run', () => {
  const names = [
    '`touch hit`',
    '$(touch hit)',
    "it's",
    'say "x"',
    'a;touch hit',
    'a\ntouch hit',
    'a&b',
    'a|b',
    'a\\b',
    '$HOME',
    'a#b',
  ];

  it.each(names)('%j for LibTorch is refused', name => {
    const home = libTorch(join(folder, name));
    const { status, stderr } = run(['build', '--torch', '--libtorch', home]);
    expect(stderr).toMatch(/^error: cannot build: LibTorch's folder is .*build tools would misread/);
    expect(status).toBe(1);
    expect(existsSync(join(folder, 'hit'))).toBe(false);
  });

  // Node itself runs nothing in a folder with a backslash.
  it.each(names.filter(name => !name.includes('\\')))('%j for the package is refused, behind a link too', name => {
    const home = join(folder, name);
    mkdirSync(home);
    for (const part of ['dist', 'lib', 'package.json', 'CMakeLists.txt']) {
      cpSync(join(root, part), join(home, part), { recursive: true });
    }
    for (const part of ['native', 'cmake', 'node_modules']) symlinkSync(join(root, part), join(home, part));
    symlinkSync(join(root, 'build'), join(home, 'build'));
    const link = join(folder, 'link');
    symlinkSync(home, link);
    for (const place of [home, link]) {
      const program = join(place, 'dist', 'esm', 'cli', 'main.js');
      const { stderr, status } = run(['build', '--torch', '--libtorch', libTorch(join(folder, 'libtorch'))], {
        program,
      });
      expect(stderr).toMatch(/^error: cannot build: this package's folder is .*build tools would misread/);
      expect(status).toBe(1);
    }
    expect(existsSync(join(folder, 'hit'))).toBe(false);
  });
});
