// The house: which file may know which, and that each fact stands once.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addon } from '../src/addon.js';
import { ERRORS } from '../src/errors.js';
import * as limits from '../src/options/limits.js';
import { SDES } from '../src/sde/sde.js';
import { pathSolvers } from '../src/solver/paths/solver.js';
import { NATIVE_KINDS, SOLVERS } from '../src/solver/solver.js';
import * as words from '../src/words.js';

const ROOT = join(import.meta.dirname, '..');

function sources(folder: string, kind: RegExp): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true })
    .map(name => join(folder, String(name)))
    .filter(name => kind.test(name))
    .sort();
}

const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8');

/** What the file does, without what it says of it. */
const codeOf = (file: string) => textOf(file).replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');

/** Files of src/ that a file takes values from or types. */
function importsOf(file: string): string[] {
  const found = codeOf(file).matchAll(/\bfrom '(\.[^']+)\.js'/g);
  return [...found].map(([, path]) => `${normalize(join(dirname(file), path))}.ts`);
}

/** A way from a file back to itself, if there is one. */
function circleFrom(start: string, graph: ReadonlyMap<string, string[]>): string[] | undefined {
  const seen = new Set<string>();
  const walk = (file: string, way: string[]): string[] | undefined => {
    for (const next of graph.get(file) ?? []) {
      if (next === start) return [...way, next];
      if (seen.has(next)) continue;
      seen.add(next);
      const circle = walk(next, [...way, next]);
      if (circle) return circle;
    }
    return undefined;
  };
  return walk(start, [start]);
}

const isNamed = (name: string, code: string) => new RegExp(`\\b${name}\\b`).test(code);

/** Whether all that the file exports is in a list, and so public. */
const isPublic = (file: string) =>
  ['src/sde/list.ts', 'src/solver/list.ts', 'src/solver/paths/list.ts', 'src/problems/list.ts'].some(list =>
    importsOf(list).includes(file),
  );

describe('src', () => {
  const files = sources('src', /\.ts$/);

  it('has no import circle', () => {
    const graph = new Map(files.map(file => [file, importsOf(file)]));
    expect([...graph.values()].flat().filter(file => !files.includes(file))).toEqual([]);
    expect(files.flatMap(file => circleFrom(file, graph)?.join(' → ') ?? [])).toEqual([]);
  });

  it('exports nothing that no other file reads', () => {
    const readers = [...files, ...sources('test', /\.ts$/)];
    const unread = files.flatMap(file => {
      const names = [...codeOf(file).matchAll(/^export (?:async )?(?:const|function\*?|class) (\w+)/gm)];
      const isRead = (name: string) => readers.some(other => other !== file && isNamed(name, codeOf(other)));
      return names.flatMap(([, name]) => (isRead(name) || isPublic(file) ? [] : `${file}: ${name}`));
    });
    expect(unread).toEqual([]);
  });

  it('names a solver in its own file and in the list alone', () => {
    // batch: 'auto' measures with it.
    const tool = { file: 'src/run/auto-batch.ts', kind: 'eulerMaruyama' };
    for (const { definition } of SOLVERS) {
      const { kind, command } = definition;
      // A solver of paths as well has its facts as such there.
      const ownOfPaths = 'src/solver/paths/';
      const own = `src/solver/${command}.ts`;
      const named = new RegExp(`(?<![-\\w])(${kind}|${command})(?![-\\w])`, 'i');
      const elsewhere = files.filter(
        // One whose name is longer has the shorter name in it.
        file =>
          !file.startsWith(`src/solver/${command}`) && file !== 'src/solver/list.ts' && !file.startsWith(ownOfPaths),
      );
      const naming = elsewhere.filter(file => named.test(codeOf(file)));
      expect(naming.filter(file => !(file === tool.file && kind === tool.kind))).toEqual([]);
      expect(named.test(codeOf(own))).toBe(true);
    }
  });

  it('asks for no SDE by its kind', () => {
    // native.ts has the addon's kinds of schedules, the example is a network trained for one of them.
    const naming = ['src/native.ts', 'src/cli/example.ts'];
    const outside = files.filter(file => !file.startsWith('src/sde/') && !naming.includes(file));
    for (const { definition } of SDES) {
      const named = new RegExp(`(?<!fast-)(['"])(${definition.kind}|${definition.command})\\1`);
      expect(outside.filter(file => named.test(codeOf(file)))).toEqual([]);
    }
  });

  it('has one default solver and one default SDE, and lists nothing but makers', () => {
    for (const all of [SOLVERS, SDES]) {
      expect(all.filter(({ definition }) => definition.isDefault)).toHaveLength(1);
      expect(all.every(make => typeof make === 'function' && typeof make.definition.kind === 'string')).toBe(true);
      expect(new Set(all.map(({ definition }) => definition.kind)).size).toBe(all.length);
    }
  });
});

describe('a path solver', () => {
  // eulerMaruyama samples too, milstein is also the name of what it needs, and solver.ts chooses defaults.
  const shared = ['eulerMaruyama', 'milstein'];
  const files = [...sources('src', /\.ts$/), ...sources('native', /\.(def|hpp|cpp|inl|cuh?)$/)].filter(
    file => !/^native\/(test|bench)\/|^src\/solver\/paths\/solver\.ts$/.test(file),
  );
  const texts = new Map(files.map(file => [file, codeOf(file)]));
  const solvers = pathSolvers()
    .map(({ kind }) => kind)
    .filter(kind => !shared.includes(kind));

  it.each(solvers)('%s is its two files and a line in each of three lists', kind => {
    const joined = (by: string) => kind.replace(/[A-Z]/g, letter => by + letter.toLowerCase());
    const names = new RegExp(`(['"/])(${kind}['"]|${joined('_')}\\.hpp|${joined('-')}\\.js)`);
    const naming = files.filter(file => names.test(texts.get(file)!));
    const own = [`native/solver/paths/${joined('_')}.hpp`, `src/solver/paths/${joined('-')}.ts`];
    const lists = ['native/contract/path_solvers.def', 'native/solver/paths/list.hpp', 'src/solver/paths/list.ts'];
    expect(files).toEqual(expect.arrayContaining(own));
    expect(new Set([...naming, ...own])).toEqual(new Set([...own, ...lists]));
  });

  it.each(pathSolvers())('$kind has the same facts in both languages', facts => {
    const { kind, drifts, diffusions, levyArea, errorOrder, abscissaeInside, needs = [] } = facts;
    const header = texts.get(
      `native/solver/paths/${kind.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)}.hpp`,
    )!;
    const [native] = header.match(/Facts facts\{[\s\S]*?\}/)!;
    const said = (name: string) => native.match(new RegExp(`\\.${name} = ([\\w.]+)`))?.[1];
    if (typeof drifts === 'number') expect(said('drifts')).toBe(String(drifts));
    expect(said('diffusions')).toBe(String(diffusions));
    expect(said('levy_area') === 'true').toBe(levyArea);
    expect(said('estimates_error') === 'true').toBe(errorOrder !== undefined);
    expect(said('error_order')).toBe(errorOrder === undefined ? undefined : String(errorOrder));
    expect(said('abscissae_inside') !== 'false').toBe(abscissaeInside);
    expect(said('columns') === 'true').toBe(needs.includes('columns'));
  });
});

/** Which folder of native/ may include from which, lowest first; every folder may from itself. */
const ARROWS: Record<string, string[]> = {
  contract: [],
  container: [],
  core: ['contract'],
  equations: ['contract', 'core'],
  plugin: ['contract'],
  score: ['contract', 'core'],
  paths: ['contract', 'core', 'equations'],
  solver: ['contract', 'core'],
  'solver/paths': ['contract', 'core', 'paths'],
  engine: ['contract', 'core', 'solver'],
  'shell/cpu': ['contract', 'core', 'equations', 'score', 'paths', 'solver', 'solver/paths', 'engine'],
  'shell/paths': ['contract', 'core', 'equations', 'paths', 'solver/paths', 'shell/cpu'],
  'shell/cuda': ['contract', 'core', 'equations', 'score', 'paths', 'solver', 'solver/paths', 'engine'],
  network: ['contract', 'plugin', 'score'],
  device: ['contract', 'core', 'plugin', 'score', 'paths', 'engine', 'shell/cpu', 'shell/paths', 'network'],
  node: [
    ...['contract', 'core', 'equations', 'plugin', 'score', 'paths', 'engine'],
    ...['shell/cpu', 'shell/paths', 'network', 'device'],
  ],
  // Libraries of their own, behind the C structs of contract.
  torch: ['contract', 'container'],
};

describe('native', () => {
  const files = sources('native', /\.(c|cpp|h|hpp|inl|cu|cuh|def)$/).filter(
    file => !/^native\/(test|bench)\//.test(file),
  );
  const folderOf = (file: string) => dirname(file).slice('native/'.length);

  it('has the folders that the table of arrows names', () => {
    expect([...new Set(files.map(folderOf))].sort()).toEqual(Object.keys(ARROWS).sort());
  });

  it('includes downwards alone', () => {
    const upwards = files.flatMap(file => {
      const included = [...textOf(file).matchAll(/^ *#include "([^"]+)"/gm)].map(([, path]) =>
        join(dirname(file), path),
      );
      const [folder, allowed] = [folderOf(file), ARROWS[folderOf(file)]];
      const wrong = included.map(folderOf).filter(other => other !== folder && !allowed?.includes(other));
      return wrong.map(other => `${file} → ${other}`);
    });
    expect(upwards).toEqual([]);
  });

  it('has arrows that lead to folders named before', () => {
    const order = Object.keys(ARROWS);
    for (const [i, folder] of order.entries()) {
      expect(ARROWS[folder].filter(other => order.indexOf(other) >= i)).toEqual([]);
    }
  });
});

describe('the contract with the addon', () => {
  const native = addon().contract();

  it.each([
    ['solvers', NATIVE_KINDS],
    ['predictions', words.PREDICTIONS],
    ['timeInputs', words.TIME_INPUTS],
    ['noise', words.NOISES],
    ['scales', words.SCALES],
    ['norms', words.NORMS],
    ['dtypes', words.DTYPES],
    ['layouts', words.LAYOUTS],
  ] as const)('has the same %s', (list, ours) => {
    expect([...native[list]].sort()).toEqual([...ours].sort());
  });

  it('has the same statuses in the same order: they cross as numbers', () => {
    expect(native.statuses).toEqual(words.STATUSES);
  });

  it('has the kinds of schedules that the SDEs have', () => {
    const tables = ['affine', 'discrete'];
    const made = SDES.map(({ definition: { kind } }) => (tables.includes(kind) ? 'table' : kind));
    expect([...native.schedules].sort()).toEqual([...new Set(made)].sort());
  });

  it('has no error code that is not explained', () => {
    expect(native.errorCodes.filter(code => !(code in ERRORS))).toEqual([]);
  });

  it('has the same limits', () => {
    expect(native.limits).toEqual({
      threads: limits.MOST_THREADS,
      batch: limits.MOST_SLOTS,
      count: limits.MOST_SAMPLES,
      steps: limits.MOST_STEPS,
      elements: limits.MOST_ELEMENTS,
      instructions: limits.MOST_INSTRUCTIONS,
      registers: limits.MOST_REGISTERS,
      pathStates: limits.MOST_STATES,
    });
  });
});
