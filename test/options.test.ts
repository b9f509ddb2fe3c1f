// The tables of options: what the documents, the docstrings and the command line say is what the tables say.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { addSampleOptions } from '../src/cli/sample-flags.js';
import type { AnyOptionTable, Option } from '../src/options/option.js';
import { SAMPLE_OPTIONS } from '../src/options/sample-table.js';
import { CALLBACK_OPTIONS } from '../src/score/callback.js';
import { ONNX_OPTIONS } from '../src/score/onnx.js';
import { TORCH_OPTIONS } from '../src/score/torch.js';
import { SDES } from '../src/sde/sde.js';
import { SOLVERS } from '../src/solver/solver.js';

const ROOT = join(import.meta.dirname, '..');
const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8');

const SOLVER_TABLES = SOLVERS.map(({ definition }) => [definition.kind, definition.options] as const);
const SDE_TABLES = SDES.map(({ definition }) => [definition.kind, definition.options] as const);

const TABLES: (readonly [name: string, table: AnyOptionTable])[] = [
  ['sample', SAMPLE_OPTIONS],
  ['torchScore', TORCH_OPTIONS],
  ['onnxScore', ONNX_OPTIONS],
  ['callbackScore', CALLBACK_OPTIONS],
  ...SOLVER_TABLES,
  ...SDE_TABLES,
];

/** Where a default is a plain value, its words are that value's. */
const inWords = (value: unknown) => {
  if (Array.isArray(value)) return `[${value.join(', ')}]`;
  return typeof value === 'string' ? `'${value}'` : String(value);
};

describe.each(TABLES)('the options of %s', (name, table) => {
  it.each(Object.entries(table))('%s: absent is its default, and its words are true', (option, row) => {
    if (row.value === undefined) return;
    // `device` decides on `batch`, and so on: none of the rows with a plain default asks for more than these.
    const earlier = { shape: [1], count: 1, betaMin: 0.1, sigmaMin: 0.01, T: 1 };
    const check = row.check as (name: string, given: unknown, earlier: object) => unknown;
    expect(check(option, undefined, earlier)).toEqual(row.value);
    expect(row.default.startsWith(inWords(row.value))).toBe(true);
  });

  it('have their plain defaults as values too', () => {
    for (const { default: words, value } of Object.values(table)) {
      // sigma0's is refused beside alpha and sigma: there none is taken.
      if (/^('.*'|[\d.]+|true|false|\[.*\])$/.test(words) && name !== 'affine' && words !== "'auto'") {
        expect(value).toBeDefined();
      }
      if (words === 'required') expect(value).toBeUndefined();
    }
  });

  it('have a flag, a place in a name, or a reason why not', () => {
    for (const { flag } of Object.values(table)) {
      if ('flags' in flag) expect(flag.flags).toMatch(/^--[a-z0-9-]+( <\S+>)?$/);
      else expect(Object.values(flag)[0].length).toBeGreaterThan(3);
    }
    expect(name).not.toBe('');
  });
});

/** Rows of the first table after `heading` whose first column is called 'option'. */
function documented(text: string, heading: string): Map<string, string> {
  const after = text.slice(text.indexOf(heading) + heading.length);
  const [table] = /\n\| option \|[^\n]*\n\|[-| :]*\n((?:\|[^\n]*\n)+)/.exec(after)!.slice(1);
  return new Map(
    table
      .trim()
      .split('\n')
      .map(line => line.split(' | '))
      .flatMap(([names, words]) => [...names.matchAll(/`(\w+)`/g)].map(([, name]) => [name, words] as const)),
  );
}

/** Numbers and words of a default, however it is written: "32 on a CPU, 256 on a CUDA device". */
const facts = (words: string) => [...words.matchAll(/[\w./^-]+/g)].map(([fact]) => fact);

describe('README.md and docs/solvers.md', () => {
  const readme = textOf('README.md');
  const sampleTable = documented(readme, '## Options of `sample`');

  it('have every option of sample, and no other', () => {
    expect([...sampleTable.keys()].sort()).toEqual(Object.keys(SAMPLE_OPTIONS).sort());
  });

  it('have every option of torchScore', () => {
    const rows = documented(readme, '`torchScore(path, options)`');
    // These two are required, and explained above the table.
    expect([...rows.keys(), 'predicts', 'timeInput'].sort()).toEqual(Object.keys(TORCH_OPTIONS).sort());
    expect(disagreeing(rows, TORCH_OPTIONS)).toEqual([]);
  });

  it('have every option of onnxScore, in docs/models.md', () => {
    const rows = documented(textOf('docs/models.md'), '`onnxScore(path, options)`');
    expect([...rows.keys(), 'predicts', 'timeInput'].sort()).toEqual(Object.keys(ONNX_OPTIONS).sort());
    expect(disagreeing(rows, ONNX_OPTIONS)).toEqual([]);
  });

  it('have the defaults of sample', () => {
    expect(disagreeing(sampleTable, SAMPLE_OPTIONS)).toEqual([]);
  });

  it.each(SOLVER_TABLES)('explain %s, with its options and their defaults', (kind, table) => {
    const text = textOf('docs/solvers.md');
    const heading = `\n## ${kind}\n`;
    expect(text).toContain(heading);
    const [section] = text.slice(text.indexOf(heading) + heading.length).split(/\n## /);
    for (const option of Object.keys(table)) expect(section).toContain(`\`${option}\``);
    if (!section.includes('| option |')) return;
    const rows = documented(text, heading);
    expect([...rows.keys()].sort()).toEqual(Object.keys(table).sort());
    expect(disagreeing(rows, table)).toEqual([]);
  });
});

/** Options whose documented default has not the facts of the table's. */
function disagreeing(rows: ReadonlyMap<string, string>, table: AnyOptionTable): string[] {
  // Said in other words there: no number of slots, threads or evaluations stands for "none" or "all".
  const inOtherWords = new Map([
    ['threads', 'all cores'],
    ['networkThreads', 'all cores'],
    ['maxEvaluations', 'none'],
  ]);
  return [...rows].flatMap(([name, words]) => {
    const { default: ours } = table[name] as Option;
    const wanted = inOtherWords.get(name) ?? ours;
    const missing = facts(wanted).filter(fact => !facts(words).includes(fact));
    return missing.length > 0 ? [`${name}: "${words}" lacks ${missing.join(', ')} of "${ours}"`] : [];
  });
}

/** Docstrings of the members of an interface, with those that it extends. */
function docstrings(file: string, name: string): Map<string, string> {
  const found = new Map<string, string>();
  const source = ts.createSourceFile(file, textOf(file), ts.ScriptTarget.ES2022, true);
  source.forEachChild(node => {
    if (!ts.isInterfaceDeclaration(node) || node.name.text !== name) return;
    for (const member of node.members) {
      const text = ts
        .getJSDocCommentsAndTags(member)
        .map(comment => comment.getText(source))
        .join(' ');
      found.set((member.name as ts.Identifier).text, text.replaceAll(/\s*\n?\s*\*+\/?\s*/g, ' '));
    }
  });
  return found;
}

describe('docstrings', () => {
  const [vp, ve, adaptive, eulerMaruyama] = ['vp', 've', 'adaptive', 'eulerMaruyama'].map(
    wanted => [...SDE_TABLES, ...SOLVER_TABLES].find(([kind]) => kind === wanted)![1],
  );
  it.each([
    ['src/options/sample.ts', 'SampleOptions', SAMPLE_OPTIONS],
    ['src/score/torch.ts', 'TorchOptions', TORCH_OPTIONS],
    ['src/score/onnx.ts', 'OnnxOptions', ONNX_OPTIONS],
    ['src/score/callback.ts', 'CallbackOptions', CALLBACK_OPTIONS],
    ['src/options/tolerance.ts', 'ToleranceOptions', adaptive],
    ['src/solver/adaptive.ts', 'AdaptiveOptions', adaptive],
    ['src/solver/euler-maruyama.ts', 'EulerMaruyamaOptions', eulerMaruyama],
    ['src/sde/linear-beta.ts', 'LinearBetaOptions', vp],
    ['src/sde/ve.ts', 'VeOptions', ve],
  ] as [string, string, AnyOptionTable][])('of %s, %s: say the defaults that are', (file, name, table) => {
    const docs = docstrings(file, name);
    expect(docs.size).toBeGreaterThan(0);
    for (const [option, text] of docs) {
      const { value, default: words } = table[option];
      if (words === 'required') expect(`${option}: ${text}`).toMatch(/[Rr]equired/);
      else if (value !== undefined) expect(`${option}: ${text}`).toMatch(said(inWords(value)));
    }
  });

  /** "Default 0.05", "Default 'auto'", "'max' (default)", "0 (default)". */
  const said = (value: string) => new RegExp(`Default ${value}(?![\\d.]\\d)|${value} \\(default\\)`);
});

describe('the command line', () => {
  const command = addSampleOptions(new Command());
  const flags = command.options.map(option => option.flags);
  const all = TABLES.flatMap(([, table]) => Object.values(table)).flatMap(({ flag }) =>
    'flags' in flag ? [flag] : [],
  );

  it('has every flag of every table, and each once', () => {
    expect(new Set(flags).size).toBe(flags.length);
    expect(all.map(flag => flag.flags).filter(name => !flags.includes(name))).toEqual([]);
  });

  it('prints no default as a value that is made of parts', () => {
    const help = command.helpInformation();
    expect(help).not.toMatch(/default: [[{"]/);
    expect(help.match(/default:/g)!.length).toBeGreaterThan(20);
  });

  it('takes the same of a flag that several have', () => {
    for (const { flags: name, takes } of all) {
      expect(all.filter(flag => flag.flags === name).map(flag => flag.takes)).toEqual(
        all.filter(flag => flag.flags === name).map(() => takes),
      );
    }
  });
});
