// A mutation run for C++: `node scripts/mutate-native.mjs [file…]`. Each line of native/test/mutations.json is one small
// fault, and the tests have to notice it. All of them are compiled at once, in a copy of the repository in
// build/mutations, each behind a question: a process has the one that FAST_SDE_FAULT names. Results go to
// bench/results/mutations-native.json; a run of some files renews their lines.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { isMain, main, quietly, root, run, Stop, step, tool } from './run.mjs';

const COPY = join(root, 'build', 'mutations');
const RESULTS = join(root, 'bench', 'results', 'mutations-native.json');
const FAULTS = join(root, 'native', 'test', 'mutations.json');
/** Longer than any of these tests takes; a fault that lets a job run for ever is found by this. */
const LIMIT_MS = 120_000;

const cpp = filter => [join(COPY, 'build', 'Release', 'fast_sde_tests'), [filter, '--abort-after=1']];
const vitest = (...names) => {
  const [node, program] = tool('vitest/vitest.mjs');
  return [node, [program, 'run', '--bail=1', ...names.map(name => `test/${name}.test.ts`)]];
};

/** The tests asked for a fault in a folder, the quickest first. */
const TESTS = {
  'native/node/': [
    vitest('native-options', 'native-jobs', 'controller', 'defaults'),
    vitest('sampling', 'jobs', 'threads', 'trajectory'),
  ],
  'native/': [
    cpp('-tce=cuda*'),
    cpp('-tc=cuda*'),
    vitest('native-jobs', 'controller', 'defaults', 'jobs', 'sampling', 'threads', 'trajectory'),
  ],
};

const testsOf = file => Object.entries(TESTS).find(([folder]) => file.startsWith(folder))[1];

export function mutate(files = []) {
  const faults = JSON.parse(readFileSync(FAULTS, 'utf8'));
  const chosen = faults.filter(({ file }) => files.length === 0 || files.some(part => file.includes(part)));
  if (chosen.length === 0) throw new Stop(`no fault is listed for ${files.join(', ')}`);
  copyWith(faults);
  build();
  for (const tests of new Set(chosen.flatMap(({ file }) => testsOf(file)))) {
    const outcome = outcomeOf(tests, '-1');
    if (outcome !== 'survived') throw new Stop(`without any fault: ${outcome}: ${tests.flat().join(' ')}`);
  }
  const known = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')).mutations : [];
  const results = new Map(known.map(one => [keyOf(one), one.result]));
  for (const fault of chosen) {
    const result = triedFault(fault, faults.indexOf(fault));
    results.set(keyOf(fault), result);
    step(`${result.padEnd(9)} ${keyOf(fault)}`);
    save(faults, results);
  }
}

const keyOf = ({ file, from, to }) => `${file}: ${from} → ${to || 'nothing'}`;

/** 'killed' by a test, or by time ('endless'); or 'survived'. */
function triedFault({ file }, number) {
  for (const tests of testsOf(file)) {
    const outcome = outcomeOf(tests, String(number));
    if (outcome !== 'survived') return outcome;
  }
  return 'survived';
}

function outcomeOf([program, args], fault) {
  const env = { ...process.env, FAST_SDE_FAULT: fault };
  const tested = spawnSync(program, args, {
    cwd: COPY,
    env,
    stdio: 'ignore',
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  if (tested.error?.code === 'ETIMEDOUT') return 'endless';
  return tested.status === 0 ? 'survived' : 'killed';
}

function save(faults, results) {
  const mutations = faults.flatMap(fault => {
    const result = results.get(keyOf(fault));
    return result === undefined ? [] : [{ ...fault, result }];
  });
  const survived = mutations.filter(({ result }) => result === 'survived').length;
  const killed = mutations.length - survived;
  const share = Math.round((1000 * killed) / mutations.length) / 10;
  writeFileSync(RESULTS, `${JSON.stringify({ killed, survived, share, mutations }, null, 2)}\n`);
}

/** The repository once more, all faults in it. What has not changed keeps its date, and is not compiled again. */
function copyWith(faults) {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const files = execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean);
  for (const file of files) {
    if (!existsSync(join(root, file))) continue; // deleted, and not committed yet
    const bytes = readFileSync(join(root, file));
    const here = faults.filter(fault => fault.file === file);
    put(file, here.length === 0 ? bytes : Buffer.from(faulty(file, bytes.toString(), here, faults)));
  }
  put('native/test/fault.hpp', Buffer.from(QUESTION));
}

function put(file, bytes) {
  const path = join(COPY, file);
  if (existsSync(path) && readFileSync(path).equals(bytes)) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

/** Statements are put behind `if`, expressions behind `?:`. */
function faulty(file, text, here, faults) {
  let changed = text;
  for (const fault of here) {
    const { from, to } = fault;
    const parts = changed.split(from);
    if (parts.length !== 2) throw new Stop(`${file} has "${from}" ${parts.length - 1} times, not once`);
    const question = `fast_sde::fault(${faults.indexOf(fault)})`;
    const both = from.endsWith(';') ? `if (${question}) { ${to} } else { ${from} }` : `(${question} ? ${to} : ${from})`;
    changed = parts.join(both);
  }
  return `#include "test/fault.hpp"\n${changed}`;
}

const QUESTION = `#pragma once
#include <cstdlib>
namespace fast_sde {
static const int chosen_fault = std::getenv("FAST_SDE_FAULT") ? std::atoi(std::getenv("FAST_SDE_FAULT")) : -1;
static inline bool fault(int number) { return chosen_fault == number; }
}  // namespace fast_sde
`;

function build() {
  const [node, cmakeJs] = tool('cmake-js/bin/cmake-js');
  const folder = join(COPY, 'build');
  if (!existsSync(join(folder, 'CMakeCache.txt'))) {
    const args = ['configure', '-d', COPY, '-O', folder, '-G', 'Ninja', '-B', 'Release', '--CDFAST_SDE_TESTS=ON'];
    quietly(node, [cmakeJs, ...args]);
  }
  const threads = String(availableParallelism());
  run('cmake', ['--build', folder, '--parallel', threads, '--target', 'fast_sde', 'fast_sde_tests']);
}

if (isMain(import.meta.url)) await main(() => mutate(process.argv.slice(2)));
