// A mutation run for C++: `node scripts/mutate-native.mjs [file…]`. Each line of native/test/mutations.json is one small
// fault. It is put into its file, what depends on that is built, and the tests of that part have to fail. The files are
// put back whatever happens. Results go to bench/results/mutations-native.json; a run of some files renews their lines.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, main, root, run, Stop, step, tool } from './run.mjs';

const BUILD = join(root, 'build');
const RESULTS = join(root, 'bench', 'results', 'mutations-native.json');
const TESTS = join(BUILD, 'Release', 'fast_sde_tests');
/** Longer than any of these tests takes; a fault that lets a job run for ever is found by this. */
const LIMIT_MS = 180_000;

const vitest = (...names) => {
  const [node, program] = tool('vitest/vitest.mjs');
  return [node, [program, 'run', '--bail=1', ...names.map(name => `test/${name}.test.ts`)]];
};

/** What is built and run for a fault in a folder, the quickest first. */
const PARTS = {
  'native/node/': [
    ['fast_sde', vitest('native-options', 'native-jobs', 'controller', 'defaults')],
    ['fast_sde', vitest('sampling', 'jobs', 'devices', 'torch')],
  ],
  'native/': [
    ['fast_sde_tests', [TESTS, ['-tce=cuda*']]],
    ['fast_sde_tests', [TESTS, []]],
    ['fast_sde', vitest('native-jobs', 'controller', 'defaults', 'jobs', 'sampling')],
  ],
};

export function mutate(files = []) {
  const all = JSON.parse(readFileSync(join(root, 'native', 'test', 'mutations.json'), 'utf8'));
  const chosen = all.filter(({ file }) => files.length === 0 || files.some(part => file.includes(part)));
  if (chosen.length === 0) throw new Stop(`no fault is listed for ${files.join(', ')}`);
  refuseDirty(chosen);
  for (const stages of new Set(chosen.map(({ file }) => stagesOf(file)))) {
    const failed = stages.find(stage => outcomeOf(stage) !== 'survived');
    if (failed) throw new Stop(`without any fault, ${failed.flat(2).join(' ')} fails`);
  }
  const known = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')).mutations : [];
  const results = new Map(known.map(one => [keyOf(one), one]));
  for (const fault of chosen) {
    const result = tried(fault);
    results.set(keyOf(fault), { ...fault, result });
    step(`${result.padEnd(9)} ${fault.file}: ${fault.from} → ${fault.to}`);
    save(all, results);
  }
  const targets = new Set(chosen.flatMap(({ file }) => stagesOf(file).map(([target]) => target)));
  run('cmake', ['--build', BUILD, '--target', ...targets]);
}

const keyOf = ({ file, from, to }) => `${file}: ${from} → ${to}`;

function save(all, results) {
  const mutations = all.flatMap(fault => results.get(keyOf(fault)) ?? []).filter(({ result }) => result !== 'refused');
  const survived = mutations.filter(({ result }) => result === 'survived');
  const killed = mutations.length - survived.length;
  const share = Math.round((1000 * killed) / mutations.length) / 10;
  writeFileSync(RESULTS, `${JSON.stringify({ killed, survived: survived.length, share, mutations }, null, 2)}\n`);
}

const stagesOf = file => Object.entries(PARTS).find(([folder]) => file.startsWith(folder))[1];

/** 'killed' by a test, by the compiler ('refused'), or by time ('endless'); or 'survived'. */
function outcomeOf([target, [program, args]]) {
  const built = spawnSync('cmake', ['--build', BUILD, '--target', target], { stdio: 'ignore' });
  if (built.status !== 0) return 'refused';
  const tested = spawnSync(program, args, { cwd: root, stdio: 'ignore', timeout: LIMIT_MS, killSignal: 'SIGKILL' });
  if (tested.error?.code === 'ETIMEDOUT') return 'endless';
  return tested.status === 0 ? 'survived' : 'killed';
}

/** What becomes of one fault. */
function tried({ file, from, to }) {
  const path = join(root, file);
  const text = readFileSync(path, 'utf8');
  const parts = text.split(from);
  if (parts.length !== 2) throw new Stop(`${file} has "${from}" ${parts.length - 1} times, not once`);
  const restore = () => writeFileSync(path, text);
  process.once('exit', restore);
  try {
    writeFileSync(path, parts.join(to));
    for (const stage of stagesOf(file)) {
      const outcome = outcomeOf(stage);
      if (outcome !== 'survived') return outcome;
    }
    return 'survived';
  } finally {
    restore();
    process.off('exit', restore);
  }
}

function refuseDirty(faults) {
  const files = [...new Set(faults.map(({ file }) => file))];
  const changed = execFileSync('git', ['status', '--porcelain', '--', ...files], { cwd: root, encoding: 'utf8' });
  if (changed !== '') throw new Stop(`these files have changes that could be lost, commit them first:\n${changed}`);
}

if (isMain(import.meta.url)) {
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
  await main(() => mutate(process.argv.slice(2)));
}
