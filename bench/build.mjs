// What a sampler costs to build: seconds of one core, and bytes in the addon and in the CUDA library.
//
//   node bench/build.mjs
//
// Each sampler has a unit for every instruction set and, where there is an nvcc, one for devices. Their commands are those
// of the build (by Ninja), run without ccache; seconds are those that a core worked, which a busy machine changes less
// than the time that passes.

import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { findLibTorch } from '../lib/libtorch.mjs';
import { buildNative } from '../scripts/build-native.mjs';
import { keep, root } from './report.mjs';

const BUILD = join(root, 'build');
const MB = 1e6;

buildNative({ torchDir: findLibTorch({ root }).found?.cmakeDir });

const samplers = [
  ...readFileSync(join(root, 'native/contract/solvers.def'), 'utf8').matchAll(/^SOLVER\(\w+, (\w+),/gm),
];
const results = samplers.map(([, name]) => ({
  name,
  cpu: unitsOf('fast_sde_core', new RegExp(`^kernels_\\w+_${name}\\.cpp\\.o$`)).map(measured),
  cuda: unitsOf('fast_sde_cuda_objects', new RegExp(`^launches_${name}\\.cu\\.o$`)).map(measured),
}));
const libraries = ['fast_sde.node', 'libfast_sde_cuda.so'].flatMap(name => {
  const { size } = statSync(join(BUILD, 'Release', name), { throwIfNoEntry: false }) ?? {};
  return size === undefined ? [] : [{ name, bytes: size }];
});

const sum = (units, figure) => units.reduce((total, unit) => total + unit[figure], 0);
keep('build', {
  title: 'What a sampler costs to build',
  head: ['sampler', 'CPU units', 's', 'MB', 'CUDA units', 's', 'MB'],
  rows: results.map(({ name, cpu, cuda }) => [
    name,
    ...[cpu, cuda].flatMap(units => [
      units.length,
      sum(units, 'seconds').toFixed(1),
      (sum(units, 'bytes') / MB).toFixed(2),
    ]),
  ]),
  notes: [
    'Seconds of one core; units are compiled at the same time where there are more. MB: code and constants of the objects.',
    `Whole: ${libraries.map(({ name, bytes }) => `${name} ${(bytes / MB).toFixed(1)} MB`).join(', ')}.`,
  ],
  data: { results, libraries },
});

/** Object files of a CMake target that are made from build/solvers. */
function unitsOf(target, pattern) {
  const folder = `CMakeFiles/${target}.dir/solvers/`;
  const made = run('ninja', ['-t', 'targets', 'all']).matchAll(/^(\S+): /gm);
  return [...made]
    .map(([, object]) => object)
    .filter(object => object.startsWith(folder) && pattern.test(basename(object)));
}

function run(program, args) {
  return execFileSync(program, args, {
    cwd: BUILD,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, CCACHE_DISABLE: '1' },
  });
}

function measured(object) {
  const command = run('ninja', ['-t', 'commands', object]).trim().split('\n').at(-1);
  // The second line of `times` is of the shell's children: '0m6.522s 0m0.548s'.
  const [, children] = run('bash', ['-c', `set -e\n${command} > /dev/null\ntimes`])
    .trim()
    .split('\n');
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, rest]) => 60 * minutes + Number(rest));
  // Berkeley's columns: text, data, bss, …
  const [text, data] = run('size', [object]).split('\n')[1].trim().split(/\s+/).map(Number);
  return { object, seconds: seconds.reduce((total, part) => total + part), bytes: text + data };
}
