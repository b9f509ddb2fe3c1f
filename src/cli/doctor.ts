/** `fast-sde doctor`: what is there, and why a part is off. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { root } from '#binding';
import { findLibTorch } from '#libtorch';
import { findNvcc } from '#nvcc';
import { runProgram } from '#programs';
import { addon } from '../addon.js';
import { openCuda } from '../cuda.js';
import type { SdeError } from '../errors.js';
import type { NativeCudaDevice } from '../native.js';
import { pluginPath } from '../plugins.js';
import { openTorch } from '../score/load-module.js';
import { onnxRuntimeVersion } from '../score/onnx-thread.js';
import { figures } from './table.js';
import { clone, missingTools } from './tools.js';

/** A part that works, or the reason why it does not and what to do. */
type Part<Facts> = ({ available: true } & Facts) | { available: false; code?: string; reason: string; hint?: string };

/** The answer of `--json`. */
interface Report {
  version: string;
  node: { version: string; platform: string; napi: number };
  /** The addon, with the instruction set its CPU code was chosen for. */
  addon: Part<{ variant: string; variants: string[]; cores: number }>;
  /** The LibTorch plugin, without which there is no torchScore. `cudaDevices`: 0 where LibTorch is built for CPUs. */
  torch: Part<{ version: string; plugin: string; cudaDevices: number }>;
  /** Where that plugin is off: what there is to build it with. */
  build?: Ingredients;
  /** The npm package onnxruntime-node, without which there is no onnxScore. */
  onnx: Part<{ version: string }>;
  /** The CUDA plugin, without which there is no device 'cuda', and the GPUs it sees. */
  cuda: Part<{ runtime: string; plugin: string; devices: NativeCudaDevice[] }>;
  /** Where that plugin is not built: what there is to build it with. */
  buildCuda?: CudaIngredients;
  /** The NVIDIA driver, and the GPUs it shows. */
  driver: Part<{ version: string; devices: string[] }>;
}

interface Ingredients {
  /** The LibTorch that `build --torch` would take. */
  libtorch?: { version: string; source: string };
  /** Where else was looked, and why it was not taken. */
  tried: string[];
  /** Tools to be installed. */
  missing: string[];
}

interface CudaIngredients {
  nvcc?: { version: string; path: string };
  /** Tools to be installed, nvcc among them. */
  missing: string[];
}

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .summary('say what is there, and why a part is off')
    .description(
      'Looks at Node, the addon, the LibTorch and CUDA plugins and the NVIDIA driver. Exit code 1 if the addon fails.',
    )
    .option('--json', 'the same as JSON')
    .action(({ json }: { json?: boolean }) => {
      const report = examine();
      console.log(json ? JSON.stringify(report, null, 2) : inWords(report));
      if (!report.addon.available) process.exitCode = 1;
    });
}

function examine(): Report {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { node, napi } = process.versions;
  const torch = attempt(() => ({ plugin: pluginPath('torch'), ...openTorch() }));
  const cuda = attempt(() => ({ plugin: pluginPath('cuda'), ...openCuda() }));
  const unbuilt = !existsSync(pluginPath('cuda'));
  // Building it again would bring neither a driver nor a device.
  if (!cuda.available && !unbuilt) delete cuda.hint;
  return {
    version,
    node: { version: node, platform: `${process.platform}-${process.arch}`, napi: Number(napi) },
    addon: attempt(() => addon().cpu()),
    torch,
    ...(torch.available ? {} : { build: ingredients() }),
    onnx: attempt(() => ({ version: onnxRuntimeVersion() })),
    cuda,
    ...(unbuilt ? { buildCuda: cudaIngredients() } : {}),
    driver: attempt(driver),
  };
}

function ingredients(): Ingredients {
  const { found, tried } = findLibTorch({ root: clone() });
  const libtorch = found && { version: found.version, source: found.source };
  return { ...(libtorch && { libtorch }), tried, missing: missingTools() };
}

function cudaIngredients(): CudaIngredients {
  const nvcc = findNvcc();
  if (nvcc.found) return { nvcc: nvcc.found, missing: missingTools() };
  return { missing: [...missingTools(), nvcc.missing] };
}

function driver(): { version: string; devices: string[] } {
  const query = ['--query-gpu=driver_version,name', '--format=csv,noheader'];
  const asked = runProgram('nvidia-smi', query, { timeout: 10_000 });
  if (asked.error !== undefined) throw new Error('no NVIDIA driver: nvidia-smi does not run here');
  if (asked.status !== 0) throw new Error(`nvidia-smi: ${(asked.stderr || asked.stdout).trim().split('\n')[0]}`);
  const devices = asked.stdout
    .trim()
    .split('\n')
    .map(line => line.split(', '));
  return { version: devices[0][0], devices: devices.map(([, name]) => name) };
}

function attempt<Facts>(look: () => Facts): Part<Facts> {
  try {
    return { available: true, ...look() };
  } catch (error) {
    const { code, message, hint } = error as SdeError;
    return { available: false, code, reason: message, hint };
  }
}

function inWords({ version, node, addon, torch, build, onnx, cuda, buildCuda, driver }: Report): string {
  const row = <Facts>(name: string, part: Part<Facts>, words: (facts: Facts) => string) =>
    [name, part.available ? words(part) : off(part)] as const;
  return figures([
    ['fast-sde', version],
    ['Node', `${node.version} (${node.platform}, Node-API ${node.napi})`],
    row(
      'addon',
      addon,
      ({ variant, variants, cores }) => `loaded, ${variant} of ${variants.join(', ')}, ${cores} cores`,
    ),
    row('LibTorch', torch, ({ version, cudaDevices, plugin }) => {
      const devices = `${cudaDevices === 0 ? 'no' : cudaDevices} CUDA device${cudaDevices === 1 ? '' : 's'}`;
      return `${version}, sees ${devices}, ${plugin}`;
    }),
    ...(build ? [['to build it', buildInWords(build)] as const] : []),
    row('ONNX Runtime', onnx, ({ version }) => `onnxruntime-node ${version}`),
    row(
      'CUDA',
      cuda,
      ({ runtime, devices, plugin }) => `${runtime}, ${devices.map(deviceInWords).join(', ')}, ${plugin}`,
    ),
    ...(buildCuda ? [['to build it', buildCudaInWords(buildCuda)] as const] : []),
    row('NVIDIA driver', driver, ({ version, devices }) => `${version}, ${devices.join(', ')}`),
  ]);
}

function off({ reason, hint }: { reason: string; hint?: string }): string {
  if (hint === undefined || reason.includes(hint)) return `off: ${reason}`;
  return `off: ${reason.replace(/[.\s]*$/, '.')} ${hint}`;
}

function deviceInWords({ name, memoryBytes, computeCapability }: NativeCudaDevice, i: number): string {
  return `cuda:${i} ${name} (${(memoryBytes / 2 ** 30).toFixed(1)} GiB, compute capability ${computeCapability})`;
}

function buildInWords({ libtorch, tried, missing }: Ingredients): string {
  const library = libtorch ? `LibTorch ${libtorch.version} (${libtorch.source})` : `no LibTorch (${tried.join('; ')})`;
  return `${library}; ${toolsInWords(missing)}`;
}

function buildCudaInWords({ nvcc, missing }: CudaIngredients): string {
  return `${nvcc ? `nvcc ${nvcc.version} (${nvcc.path})` : 'no nvcc'}; ${toolsInWords(missing)}`;
}

function toolsInWords(missing: readonly string[]): string {
  return missing.length > 0 ? `missing: ${missing.join('; ')}` : 'CMake and a compiler are there';
}
