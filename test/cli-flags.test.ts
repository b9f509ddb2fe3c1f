// Every flag of `fast-sde sample` is run through and does what the option of the API does.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { addSampleCommand } from '../src/cli/sample.js';
import { mixtureScore, type SampleOptions, type Sde, type Solver, sample, type TorchOptions } from '../src/index.js';
import type { AnyOptionTable, Option } from '../src/options/option.js';
import { SAMPLE_OPTIONS } from '../src/options/sample-table.js';
import { TORCH_OPTIONS } from '../src/score/torch.js';
import { SDES } from '../src/sde/sde.js';
import { SOLVERS } from '../src/solver/solver.js';
import { decodeNpy } from './support/npy.js';
import { BESIDE, otherValue } from './support/other-value.js';

const MIXTURE = {
  weights: [1, 2],
  means: [
    [-0.5, 0.1],
    [0.4, 0],
  ],
  variances: [0.01, 0.04],
};

/** Stands in for the network: what matters is what it is loaded with. */
const loaded = vi.hoisted(() => ({ path: '', options: {} as unknown }));
vi.mock('../src/score/torch.js', async original => ({
  ...(await original<object>()),
  torchScore: async (path: string, options: TorchOptions) => {
    Object.assign(loaded, { path, options });
    return mixtureScore(MIXTURE);
  },
}));

let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fast-sde-flags-'));
  writeFileSync(at('two.json'), JSON.stringify(MIXTURE));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
  vi.spyOn(console, 'log').mockReturnValue(undefined);
  vi.spyOn(console, 'error').mockReturnValue(undefined);
  return () => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  };
});

interface Drawn {
  samples: number[];
  shape: number[];
  stats: { batch: number; network: unknown; evaluations: number[]; status: string[] };
}

/** What the command writes. */
async function byCommand(args: string[], score = ['--mixture', at('two.json')]): Promise<Drawn> {
  const program = new Command().exitOverride();
  addSampleCommand(program);
  const files = ['--out', at('x.npy'), '--stats', at('x.json')];
  await program.parseAsync(['sample', ...score, ...files, ...args], { from: 'user' });
  const { shape, data } = decodeNpy(readFileSync(at('x.npy')));
  const { batch, network, evaluations, status } = JSON.parse(readFileSync(at('x.json'), 'utf8'));
  return { samples: [...data], shape, stats: { batch, network, evaluations, status } };
}

/** The same by the API. */
async function byApi(options: object): Promise<Drawn> {
  const sde = SDES.find(({ definition }) => definition.isDefault)!();
  const common = { sde, score: mixtureScore(MIXTURE), shape: [2], count: 16, onFailure: 'keep' };
  const { samples, shape, stats } = await sample({ ...common, ...options } as unknown as SampleOptions);
  const { batch, network, evaluations, status } = stats;
  return { samples: [...samples], shape, stats: { batch, network, evaluations: [...evaluations], status } };
}

const usual = byApi({});

/** Rows with a flag, and the words on the command line for a value of each that is not the default. */
function flagged(table: AnyOptionTable, values: Record<string, unknown> = {}) {
  return Object.entries(table).flatMap(([name, row]: [string, Option]) => {
    if (!('flags' in row.flag)) return [];
    const flag = row.flag.flags.split(' ')[0];
    const value = name in values ? values[name] : otherValue(row, name);
    if (value === undefined) throw new Error(`${name}: say here what the test is to give it`);
    const args = row.flag.takes === 'switch' ? [flag] : [flag, Array.isArray(value) ? value.join(',') : String(value)];
    return [{ name, value, args }];
  });
}

it('without flags the command draws 16 samples as the API does', async () => {
  expect(await byCommand([])).toEqual(await usual);
});

describe.each(SOLVERS.map(make => [make.definition.command, make] as const))('--solver %s', (command, make) => {
  const { options } = make.definition;
  const positional = Object.entries(options).find(([, { flag }]) => 'positional' in flag);
  const after = positional ? `:${otherValue(positional[1])}` : '';
  const own = positional ? { [positional[0]]: otherValue(positional[1]) } : {};

  it('is what is run', async () => {
    const ours = await byCommand(['--solver', command + after]);
    expect(ours).toEqual(await byApi({ solver: make(own) as Solver }));
    if (!make.definition.isDefault) expect(ours.samples).not.toEqual((await usual).samples);
  });

  const rows = flagged(options, { atol: 0.02, spread: 3 });
  it.each(rows)('$args', async ({ name, value, args }) => {
    const beside = BESIDE[name] ?? {};
    const flags = Object.entries(beside).flatMap(([other, set]) => [`--${other}`, String(set)]);
    const ours = await byCommand(['--solver', command + after, ...flags, ...args]);
    expect(ours).toEqual(await byApi({ solver: make({ ...own, ...beside, [name]: value }) as Solver }));
    expect(ours.samples).not.toEqual((await byApi({ solver: make({ ...own, ...beside }) as Solver })).samples);
  });
});

const NAMED_SDES = SDES.filter(({ definition }) => definition.command !== undefined);
describe.each(NAMED_SDES.map(make => [make.definition.command!, make] as const))('--sde %s', (command, make) => {
  it.each(flagged(make.definition.options))('$args', async ({ name, value, args }) => {
    const ours = await byCommand(['--sde', command, ...args]);
    expect(ours).toEqual(await byApi({ sde: make({ [name]: value }) as Sde }));
    expect(ours.samples).not.toEqual((await byApi({ sde: make() as Sde })).samples);
  });
});

describe('options of sample', () => {
  const { sde: _sde, solver: _solver, score: _score, ...rows } = SAMPLE_OPTIONS;
  /** These leave the samples as they are; the first two change the calls. */
  const [callsOnly, nothing] = [
    ['batch', 'padBatch'],
    ['threads', 'networkThreads', 'device'],
  ];
  const values = { shape: [1, 2], batch: 5, device: 'cpu', threads: 2, networkThreads: 1, maxEvaluations: 30 };

  it.each(flagged(rows, values))('$args', async ({ name, value, args }) => {
    // In the last calls there is something to pad.
    const [words, count] = name === 'padBatch' ? [['--batch', '3'], { batch: 3 }] : [[], {}];
    const ours = await byCommand([...words, ...args]);
    expect(ours).toEqual(await byApi({ ...count, [name]: value }));
    if (name === 'shape') expect(ours.shape).toEqual([16, 1, 2]);
    else if (callsOnly.includes(name)) expect(ours.stats).not.toEqual((await byApi(count)).stats);
    else if (!nothing.includes(name)) expect(ours.samples).not.toEqual((await usual).samples);
  });

  it('--batch auto', async () => {
    expect((await byCommand(['--batch', 'auto'])).samples).toEqual((await usual).samples);
  });
});

describe('options of torchScore', () => {
  const conventions = ['--model', 'm.pt', '--predicts', 'score', '--time', 't', '--shape', '2'];
  const values = { predicts: 'noise', timeInput: 'label', sha256: 'a'.repeat(64), device: 'cpu' };
  it.each(flagged(TORCH_OPTIONS as AnyOptionTable, values))('$args', async ({ name, value, args }) => {
    await byCommand(args, conventions);
    expect(loaded.path).toBe('m.pt');
    expect(loaded.options).toMatchObject({ predicts: 'score', timeInput: 't', [name]: value });
  });
});
