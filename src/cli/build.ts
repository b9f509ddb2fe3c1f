/** `fast-sde build`: compiles plugins here, against what the user has. */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { root } from '#binding';
import { findLibTorch } from '#libtorch';
import { findNvcc } from '#nvcc';
import { addon } from '../addon.js';
import { missingTools } from './tools.js';
import { UsageError } from './usage-error.js';

interface BuildFlags {
  torch?: boolean;
  libtorch?: string;
  cuda?: boolean;
  cudaArchitectures?: string;
}

export function addBuildCommand(program: Command): void {
  program
    .command('build')
    .summary('compile the LibTorch and CUDA plugins against your own PyTorch and CUDA')
    .description('Compiles plugins in the folder of this package. Needs CMake 3.22 and a C++20 compiler.')
    .option('--torch', 'the LibTorch plugin, for TorchScript models')
    .option('--libtorch <folder>', 'LibTorch to build against: a torch package or an unpacked LibTorch')
    .option('--cuda', 'the CUDA plugin, to sample on NVIDIA GPUs: needs nvcc of CUDA 12 or newer')
    .option(
      '--cuda-architectures <list>',
      'compute capabilities to compile for (default: 80 and 90, with PTX for later ones)',
      architectures,
    )
    .addHelpText(
      'after',
      `
LibTorch is looked for in --libtorch, in FAST_SDE_LIBTORCH, in the torch of the active Python, in .venv of this folder.
nvcc is looked for in CUDACXX, on the PATH, in CUDA_PATH/bin, in /usr/local/cuda/bin.

Examples:
  $ pip install torch && fast-sde build --torch
  $ fast-sde build --torch --libtorch /opt/libtorch
  $ fast-sde build --torch --cuda
  $ fast-sde build --cuda --cuda-architectures 86
`,
    )
    .action(({ torch, libtorch, cuda, cudaArchitectures }: BuildFlags) => {
      if (!torch && !cuda) throw new UsageError('say what to build: fast-sde build --torch, --cuda, or both');
      if (!torch && libtorch !== undefined) throw new UsageError('--libtorch belongs to --torch');
      if (!cuda && cudaArchitectures !== undefined) throw new UsageError('--cuda-architectures belongs to --cuda');
      build([...(torch ? [torchPlugin(libtorch)] : []), ...(cuda ? [cudaPlugin(cudaArchitectures)] : [])]);
    });
}

/** A plugin that could be built, or what is missing for it. */
type Plan = { missing: string } | Plugin;

interface Plugin {
  /** CMake's target, and the library's name. */
  target: string;
  /** Below build/. */
  folder: string;
  /** Arguments of CMake's own. */
  options: string[];
  /** What it is built with, in words. */
  against: string;
  /** Opens the library and says what it is, or why it cannot be used here; throws where it is broken. */
  open(file: string): string;
}

function torchPlugin(directory: string | undefined): Plan {
  const { found, tried } = findLibTorch({ directory });
  if (found === undefined) {
    return { missing: `LibTorch (${tried.join('; ')}): pip install torch, or name its folder with --libtorch` };
  }
  return {
    target: 'fast_sde_torch',
    folder: 'torch-plugin',
    options: ['-DFAST_SDE_TORCH=ON', `-DTorch_DIR=${found.cmakeDir}`],
    against: `LibTorch ${found.version} (${found.source})`,
    open: file => `ready, LibTorch ${addon().openTorch(file).version}`,
  };
}

function cudaPlugin(architectures: string | undefined): Plan {
  const nvcc = findNvcc();
  if (nvcc.found === undefined) return { missing: nvcc.missing };
  const { path, version } = nvcc.found;
  return {
    target: 'fast_sde_cuda',
    folder: 'cuda-plugin',
    options: [
      '-DFAST_SDE_CUDA=ON',
      `-DCMAKE_CUDA_COMPILER=${path}`,
      // CMake would keep those of an earlier build.
      architectures === undefined ? '-UFAST_SDE_CUDA_ARCHITECTURES' : `-DFAST_SDE_CUDA_ARCHITECTURES=${architectures}`,
    ],
    against: `CUDA ${version} (${path})`,
    open(file) {
      try {
        const { runtime, devices } = addon().openCuda(file);
        return `ready, CUDA ${runtime}, ${devices.map(({ name }) => name).join(', ')}`;
      } catch (error) {
        // To compile where there is no GPU is nothing wrong.
        const { code, message } = error as Error & { code?: string };
        if (code !== 'ERR_SDE_CUDA_UNAVAILABLE') throw error;
        return `ready; it cannot run here: ${message}`;
      }
    },
  };
}

/** Throws an Error that names everything missing at once, or says which step failed. */
function build(plans: readonly Plan[]): void {
  const missing = [...missingTools(), ...plans.flatMap(plan => ('missing' in plan ? plan.missing : []))];
  if (missing.length > 0) throw new Error(`cannot build, missing: ${missing.join('; ')}`);
  for (const plan of plans) if (!('missing' in plan)) buildPlugin(plan);
}

function buildPlugin({ target, folder, options, against, open }: Plugin): void {
  console.log(against);
  const place = join(root, 'build', folder);
  const release = join(root, 'build', 'Release');
  const common = ['-DCMAKE_BUILD_TYPE=Release', `-DCMAKE_LIBRARY_OUTPUT_DIRECTORY=${release}`, '-DFAST_SDE_ADDON=OFF'];
  cmake(['-S', root, '-B', place, ...common, ...options], 'configuring');
  cmake(['--build', place, '--target', target, '--parallel', String(availableParallelism())], 'compiling');
  const file = join(release, `lib${target}.so`);
  console.log(`${file}: ${open(file)}`);
}

function cmake(args: string[], doing: string): void {
  const done = spawnSync('cmake', args, { stdio: 'inherit' });
  if (done.status !== 0) throw new Error(`cmake failed while ${doing} the plugin; its own words are above`);
}

/** As CMake takes them. */
function architectures(text: string): string {
  if (!/^[\w-]+([,;][\w-]+)*$/.test(text)) throw new InvalidArgumentError('Expected a list such as 80,90.');
  return text.replaceAll(',', ';');
}
