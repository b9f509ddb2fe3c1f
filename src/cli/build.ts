/** `fast-sde build`: compiles a plugin here, against what the user has. */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { root } from '#binding';
import { findLibTorch } from '#libtorch';
import { addon } from '../addon.js';
import { missingTools } from './tools.js';
import { UsageError } from './usage-error.js';

interface BuildFlags {
  torch?: boolean;
  cuda?: boolean;
  libtorch?: string;
}

export function addBuildCommand(program: Command): void {
  program
    .command('build')
    .summary('compile the LibTorch plugin against your own PyTorch')
    .description('Compiles a plugin in the folder of this package. Needs CMake 3.22 and a C++20 compiler.')
    .option('--torch', 'the LibTorch plugin, for TorchScript models')
    .option('--libtorch <folder>', 'LibTorch to build against: a torch package or an unpacked LibTorch')
    .option('--cuda', 'the CUDA plugin: not in this version yet')
    .addHelpText(
      'after',
      `
LibTorch is looked for in --libtorch, in FAST_SDE_LIBTORCH, in the torch of the active Python, in .venv of this folder.

Examples:
  $ pip install torch && fast-sde build --torch
  $ fast-sde build --torch --libtorch /opt/libtorch
`,
    )
    .action((flags: BuildFlags) => {
      if (flags.cuda) throw new UsageError('--cuda: this version has no CUDA plugin yet; it samples on the CPU');
      if (!flags.torch) throw new UsageError('say what to build: fast-sde build --torch');
      buildTorch(flags.libtorch);
    });
}

/** Throws an Error that names everything missing at once, or says which step failed. */
function buildTorch(directory: string | undefined): void {
  const { found, tried } = findLibTorch({ directory });
  const missing = missingTools();
  if (found === undefined) {
    missing.push(`LibTorch (${tried.join('; ')}): pip install torch, or name its folder with --libtorch`);
  }
  if (found === undefined || missing.length > 0) throw new Error(`cannot build, missing: ${missing.join('; ')}`);

  console.log(`LibTorch ${found.version} (${found.source})`);
  const folder = join(root, 'build', 'torch-plugin');
  const release = join(root, 'build', 'Release');
  const options = {
    CMAKE_BUILD_TYPE: 'Release',
    CMAKE_LIBRARY_OUTPUT_DIRECTORY: release,
    FAST_SDE_ADDON: 'OFF',
    FAST_SDE_TORCH: 'ON',
    Torch_DIR: found.cmakeDir,
  };
  const defines = Object.entries(options).map(([name, value]) => `-D${name}=${value}`);
  cmake(['-S', root, '-B', folder, ...defines], 'configuring');
  cmake(['--build', folder, '--target', 'fast_sde_torch', '--parallel', String(availableParallelism())], 'compiling');

  const plugin = join(release, 'libfast_sde_torch.so');
  const { version } = addon().openTorch(plugin);
  console.log(`${plugin}: ready, LibTorch ${version}`);
}

function cmake(args: string[], doing: string): void {
  const done = spawnSync('cmake', args, { stdio: 'inherit' });
  if (done.status !== 0) throw new Error(`cmake failed while ${doing} the plugin; its own words are above`);
}
