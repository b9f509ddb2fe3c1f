// Every option does something, and its documented default is what happens where it is left out: bit for bit.
import { describe, expect, it } from 'vitest';
import { type SampleOptions, type SampleResult, type Sde, type Solver, sample, vp } from '../src/index.js';
import type { AnyOptionTable, Option } from '../src/options/option.js';
import { SAMPLE_OPTIONS } from '../src/options/sample-table.js';
import { SDES } from '../src/sde/sde.js';
import { DEFAULT_SOLVER, SOLVERS } from '../src/solver/solver.js';
import { gaussianScore } from './support/gaussian.js';
import { BESIDE, otherValue } from './support/other-value.js';

/** Two elements: steps are rejected. */
const common: SampleOptions = { sde: vp(), score: gaussianScore(2, 0.1), shape: [2], count: 4, onFailure: 'keep' };

const draw = (options: Partial<SampleOptions>) => sample({ ...common, ...options });

/** Everything that a job gives but the time it took. */
const given = ({ samples, shape, seed, stats: { timing: _, ...stats } }: SampleResult) => ({
  samples,
  shape,
  seed: String(seed),
  stats,
});

const withDefaults = (table: AnyOptionTable) =>
  Object.entries(table).filter(([, row]) => row.value !== undefined) as [string, Option][];

describe.each(SOLVERS.map(make => [make.definition.kind, make] as const))('%s', (_kind, make) => {
  const solve = async (options: object) => given(await draw({ solver: make(options) as Solver }));

  it.each(withDefaults(make.definition.options))('%s', async (name, row) => {
    const usual = await solve({ ...BESIDE[name] });
    expect(await solve({ ...BESIDE[name], [name]: row.value })).toEqual(usual);
    expect((await solve({ ...BESIDE[name], [name]: otherValue(row, name) })).samples).not.toEqual(usual.samples);
  });
});

describe.each(SDES.filter(({ definition }) => definition.command).map(make => [make.definition.kind, make] as const))(
  '%s',
  (_kind, make) => {
    const solve = async (options: object) => given(await draw({ sde: make(options) as Sde }));

    it.each(withDefaults(make.definition.options))('%s', async (name, row) => {
      const usual = await solve({});
      expect(await solve({ [name]: row.value })).toEqual(usual);
      expect((await solve({ [name]: otherValue(row) })).samples).not.toEqual(usual.samples);
    });
  },
);

describe('sample', () => {
  /** These are no part of what the samples are. */
  const elsewhere = new Set(['threads', 'networkThreads', 'padBatch', 'onFailure', 'trajectory']);

  it.each(withDefaults(SAMPLE_OPTIONS as AnyOptionTable))('%s', async (name, row) => {
    const options = { ...common, count: 40, [name]: undefined };
    const usual = given(await sample({ ...options, onFailure: 'keep' }));
    const explicit = typeof row.value === 'bigint' ? Number(row.value) : row.value;
    expect(given(await sample({ ...options, onFailure: 'keep', [name]: explicit } as SampleOptions))).toEqual(usual);
    if (elsewhere.has(name)) return;
    const other = given(await sample({ ...options, [name]: otherValue(row), onFailure: 'keep' } as SampleOptions));
    expect(other.samples).not.toEqual(usual.samples);
  });

  it('solver: the one that the list says', async () => {
    expect(given(await draw({ solver: DEFAULT_SOLVER() as Solver }))).toEqual(given(await draw({})));
  });

  it('batch: 32 slots on a CPU', async () => {
    expect(given(await draw({ count: 40, batch: 32 }))).toEqual(given(await draw({ count: 40 })));
    expect((await draw({ count: 40 })).stats.batch).toBe(32);
    expect((await draw({ count: 40, batch: 33 })).stats.batch).toBe(33);
  });

  it('padBatch: false, calls shrink; true, they do not', async () => {
    const network = async (padBatch?: boolean) => (await draw({ count: 5, batch: 4, padBatch })).stats.network;
    const { calls, rows } = await network(true);
    expect(rows).toBe(4 * calls);
    expect((await network()).rows).toBeLessThan(4 * (await network()).calls);
    expect(await network(false)).toEqual(await network());
  });

  it('atol: 1/256 of the data range', async () => {
    const [low, high] = common.sde.dataRange;
    const solve = async (atol?: number) => given(await draw({ solver: DEFAULT_SOLVER({ atol }) as Solver }));
    expect(await solve((high - low) / 256)).toEqual(await solve());
    expect(await solve((high - low) / 300)).not.toEqual(await solve());
  });
});
