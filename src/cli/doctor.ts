/** `fast-sde doctor`: what is there, and why a part is off. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { root, type SdeError } from '#binding';
import { findLibTorch } from '#libtorch';
import { addon } from '../addon.js';
import { openTorch, torchPluginPath } from '../score/torch.js';
import { figures } from './table.js';
import { missingTools } from './tools.js';

/** A part that works, or the reason why it does not and what to do. */
type Part<Facts> = ({ available: true } & Facts) | { available: false; code?: string; reason: string; hint?: string };

/** The answer of `--json`. */
interface Report {
  version: string;
  node: { version: string; platform: string; napi: number };
  /** The addon, with the instruction set its CPU code was chosen for. */
  addon: Part<{ variant: string; variants: string[]; cores: number }>;
  /** The LibTorch plugin, without which there is no torchScore. */
  torch: Part<{ version: string; plugin: string; cudaDevices: number }>;
  /** Where the plugin is off: what there is to build it with. */
  build?: Ingredients;
  /** The NVIDIA driver; sampling does not use it in this version. */
  cuda: Part<{ driver: string; devices: string[] }>;
}

interface Ingredients {
  /** The LibTorch that `build --torch` would take. */
  libtorch?: { version: string; source: string };
  /** Where else was looked, and why it was not taken. */
  tried: string[];
  /** Tools to be installed. */
  missing: string[];
}

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .summary('say what is there, and why a part is off')
    .description('Looks at Node, the addon, the LibTorch plugin and the CUDA driver. Exit code 1 if the addon fails.')
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
  const torch = attempt(() => ({ plugin: torchPluginPath(), ...openTorch() }));
  return {
    version,
    node: { version: node, platform: `${process.platform}-${process.arch}`, napi: Number(napi) },
    addon: attempt(() => addon().cpu()),
    torch,
    ...(torch.available ? {} : { build: ingredients() }),
    cuda: attempt(driver),
  };
}

function ingredients(): Ingredients {
  const { found, tried } = findLibTorch();
  const libtorch = found && { version: found.version, source: found.source };
  return { ...(libtorch && { libtorch }), tried, missing: missingTools() };
}

function driver(): { driver: string; devices: string[] } {
  const asked = spawnSync('nvidia-smi', ['--query-gpu=driver_version,name', '--format=csv,noheader'], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  if (asked.error !== undefined) throw new Error('no NVIDIA driver: nvidia-smi does not run here');
  if (asked.status !== 0) throw new Error(`nvidia-smi: ${(asked.stderr || asked.stdout).trim().split('\n')[0]}`);
  const devices = asked.stdout
    .trim()
    .split('\n')
    .map(line => line.split(', '));
  return { driver: devices[0][0], devices: devices.map(([, name]) => name) };
}

function attempt<Facts>(look: () => Facts): Part<Facts> {
  try {
    return { available: true, ...look() };
  } catch (error) {
    const { code, message, hint } = error as SdeError;
    return { available: false, code, reason: message, hint };
  }
}

function inWords({ version, node, addon, torch, build, cuda }: Report): string {
  const off = ({ reason, hint }: { reason: string; hint?: string }) => {
    if (hint === undefined || reason.includes(hint)) return `off: ${reason}`;
    return `off: ${reason.replace(/[.\s]*$/, '.')} ${hint}`;
  };
  return figures([
    ['fast-sde', version],
    ['Node', `${node.version} (${node.platform}, Node-API ${node.napi})`],
    [
      'addon',
      addon.available ? `loaded, ${addon.variant} of ${addon.variants.join(', ')}, ${addon.cores} cores` : off(addon),
    ],
    ['LibTorch', torch.available ? `${torch.version}, ${torch.plugin}` : off(torch)],
    ...(build ? [['to build it', buildInWords(build)] as const] : []),
    [
      'CUDA',
      cuda.available ? `driver ${cuda.driver}, ${cuda.devices.join(', ')}; not used in this version` : off(cuda),
    ],
  ]);
}

function buildInWords({ libtorch, tried, missing }: Ingredients): string {
  const library = libtorch ? `LibTorch ${libtorch.version} (${libtorch.source})` : `no LibTorch (${tried.join('; ')})`;
  return `${library}; ${missing.length > 0 ? `missing: ${missing.join('; ')}` : 'CMake and a compiler are there'}`;
}
