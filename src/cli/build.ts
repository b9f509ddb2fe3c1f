/** `fast-sde build`: compiles plugins, and the addon where none is shipped, against what the user has. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { compiledFolder, root } from '#binding';
import { findLibTorch } from '#libtorch';
import { findNvcc } from '#nvcc';
import { namedCommand, runProgram, unfitFolder } from '#programs';
import { addon } from '../addon.js';
import type { NativeAddon } from '../native.js';
import { type Built, recordPath } from '../plugins.js';
import { clone, missingTools } from './tools.js';
import { UsageError } from './usage-error.js';

interface BuildFlags {
  addon?: boolean;
  torch?: boolean;
  libtorch?: string;
  cuda?: boolean;
  cudaArchitectures?: string;
}

export function addBuildCommand(program: Command): void {
  program
    .command('build')
    .summary('compile the LibTorch and CUDA plugins against your own PyTorch and CUDA')
    .description(
      'Compiles plugins, and the addon itself where none is shipped. Needs CMake 3.22 and a C++20 compiler, and no ' +
        "network. In an installed package the results go into the user's cache, which `npm ci` leaves alone.",
    )
    .option('--addon', 'the addon, for a machine that the shipped one does not serve')
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
LibTorch is looked for in --libtorch, in FAST_SDE_LIBTORCH, in the torch of the active Python. Nothing of the current
folder is run: not its .venv either, as long as that is not activated.
nvcc is looked for in CUDACXX, on the PATH, in CUDA_PATH/bin, in /usr/local/cuda/bin.

The results are kept in FAST_SDE_CACHE, or else in fast-sde below XDG_CACHE_HOME or ~/.cache.

Examples:
  $ pip install torch && fast-sde build --torch
  $ fast-sde build --torch --libtorch /opt/libtorch
  $ fast-sde build --torch --cuda
  $ fast-sde build --cuda --cuda-architectures 86
`,
    )
    .action(({ addon, torch, libtorch, cuda, cudaArchitectures }: BuildFlags) => {
      if (!addon && !torch && !cuda) throw new UsageError('say what to build: fast-sde build --torch, --cuda, --addon');
      if (!torch && libtorch !== undefined) throw new UsageError('--libtorch belongs to --torch');
      if (!cuda && cudaArchitectures !== undefined) throw new UsageError('--cuda-architectures belongs to --cuda');
      build([
        ...(addon ? [cpuAddon()] : []),
        ...(torch ? [torchPlugin(libtorch)] : []),
        ...(cuda ? [cudaPlugin(cudaArchitectures)] : []),
      ]);
    });
}

/** What could be built, or what is missing for it. */
type Plan = { missing: string } | Target;

interface Target {
  /** What it is built with, by folders in words: their names reach build tools. */
  folders: Record<string, string>;
  /** CMake's target. */
  target: string;
  /** The name of what it makes. */
  library: string;
  /** Below build/, in a clone. */
  folder: string;
  /** Arguments of CMake's own. */
  options: string[];
  /** What it is built with, in words. */
  against: string;
  /** Says of the library's own library when it has become another one. */
  record?: Built;
  /** Opens the library and says what it is, or why it cannot be used here; throws where it is broken. */
  open(file: string): string;
}

const require = createRequire(import.meta.url);

function cpuAddon(): Plan {
  const headers = ['node-api-headers/include/node_api.h', 'node-addon-api/napi.h'];
  const include = headers.map(header => dirname(require.resolve(header))).join(';');
  return {
    target: 'fast_sde',
    library: 'fast_sde.node',
    folder: 'addon',
    options: [`-DCMAKE_JS_INC=${include}`],
    folders: {},
    against: `Node-API of ${process.platform}-${process.arch}`,
    open: file => `ready, ${(require(file) as NativeAddon).cpu().variant}`,
  };
}

function torchPlugin(directory: string | undefined): Plan {
  const { found, tried } = findLibTorch({ root: clone(), directory });
  if (found === undefined) {
    return { missing: `LibTorch (${tried.join('; ')}): pip install torch, or name its folder with --libtorch` };
  }
  return {
    target: 'fast_sde_torch',
    library: 'libfast_sde_torch.so',
    folder: 'torch-plugin',
    options: ['-DFAST_SDE_TORCH=ON', `-DTorch_DIR=${found.cmakeDir}`],
    folders: { "LibTorch's folder": found.cmakeDir },
    against: `LibTorch ${found.version} (${found.source})`,
    record: libTorchRecord(found.version, resolve(found.cmakeDir, '..', '..', '..')),
    open: file => `ready, LibTorch ${addon().openTorch(file).version}`,
  };
}

/** Debian's LibTorch has no such file. */
function libTorchRecord(version: string, home: string): Built | undefined {
  const file = ['version.py', 'build-version'].map(name => join(home, name)).find(name => existsSync(name));
  return file === undefined ? undefined : { library: `LibTorch ${version}`, file, text: readFileSync(file, 'utf8') };
}

function cudaPlugin(architectures: string | undefined): Plan {
  const nvcc = findNvcc();
  if (nvcc.found === undefined) return { missing: nvcc.missing };
  const { path, version } = nvcc.found;
  return {
    target: 'fast_sde_cuda',
    library: 'libfast_sde_cuda.so',
    folder: 'cuda-plugin',
    options: [
      '-DFAST_SDE_CUDA=ON',
      `-DCMAKE_CUDA_COMPILER=${path}`,
      // CMake would keep those of an earlier build.
      architectures === undefined ? '-UFAST_SDE_CUDA_ARCHITECTURES' : `-DFAST_SDE_CUDA_ARCHITECTURES=${architectures}`,
    ],
    folders: { 'the path of nvcc': path },
    against: `CUDA ${version} (${path})`,
    open(file) {
      try {
        const { runtime, devices } = addon().openCuda(file);
        return `ready, CUDA ${runtime}, ${devices.map(({ name }) => name).join(', ')}`;
      } catch (error) {
        // Compiling where there is no GPU is fine.
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
  const folders = { "this package's folder": root, 'the folder for the results': compiledFolder() };
  for (const plan of [{ folders }, ...plans]) {
    if ('missing' in plan) continue;
    for (const [what, folder] of Object.entries(plan.folders)) {
      const unfit = unfitFolder(what, folder);
      if (unfit !== undefined) throw new Error(`cannot build: ${unfit}`);
    }
  }
  // Plugins are opened by the addon: better to hear of its absence before minutes of compiling.
  if (!plans.some(plan => 'library' in plan && plan.library === 'fast_sde.node')) addon();
  for (const plan of plans) if (!('missing' in plan)) buildTarget(plan);
}

function buildTarget({ target, library, folder, options, against, record, open }: Target): void {
  console.log(against);
  const release = compiledFolder();
  const inClone = release.startsWith(join(root, 'build'));
  const place = inClone ? join(root, 'build', folder) : temporaryFolder(release);
  try {
    const out = join(place, 'out');
    const common = ['-DCMAKE_BUILD_TYPE=Release', `-DCMAKE_LIBRARY_OUTPUT_DIRECTORY=${out}`];
    cmake(['-S', root, '-B', place, ...common, ...options], 'configuring');
    cmake(['--build', place, '--target', target, '--parallel', String(availableParallelism())], 'compiling');
    const words = open(join(out, library));
    // Put in place when it is known to work, and in one move: a process that has the old one open keeps it.
    const file = join(release, library);
    mkdirSync(release, { recursive: true });
    renameSync(join(out, library), file);
    if (record) writeFileSync(recordPath(file), JSON.stringify(record, null, 2));
    console.log(`${file}: ${words}`);
  } finally {
    if (!inClone) rmSync(place, { recursive: true, force: true });
  }
}

function temporaryFolder(within: string): string {
  try {
    mkdirSync(within, { recursive: true });
    return mkdtempSync(join(within, 'building-'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const cure =
      'set FAST_SDE_CACHE to a folder that can be written, for this command and for the programs that sample';
    throw new Error(`cannot write to ${within} (${code}): ${cure}`);
  }
}

function cmake(args: string[], doing: string): void {
  const { CXX } = process.env;
  const env = { ...process.env, ...(CXX && { CXX: namedCommand(CXX).join(' ') }) };
  const done = runProgram('cmake', args, { stdio: 'inherit', env });
  if (done.status !== 0) throw new Error(`cmake failed while ${doing} the plugin; its own words are above`);
}

/** As CMake takes them. */
function architectures(text: string): string {
  if (!/^[\w-]+([,;][\w-]+)*$/.test(text)) throw new InvalidArgumentError('Expected a list such as 80,90.');
  return text.replaceAll(',', ';');
}
