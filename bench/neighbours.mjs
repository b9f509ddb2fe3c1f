// A network beside other programs: 32 digits alone on the machine, beside one busy process and beside two.
//
//   node bench/neighbours.mjs [--repeats 1] [--count 32]
//
// A fair share: LibTorch has a thread a core, and n busy neighbours one each, so of c cores c·c/(c + n) are ours and the
// time is (c + n)/c times that of the machine alone. How LibTorch's threads wait is settled when it is loaded: each
// figure comes from a process of its own.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { adaptive, sample, torchScore, vp } from '../dist/esm/index.js';
import { keep, medianRun, root, timedSample } from './report.mjs';

const { values } = parseArgs({
  options: {
    repeats: { type: 'string', default: '1' },
    count: { type: 'string', default: '32' },
    // Of the processes that this one starts: options of the jobs, and how many of them at once.
    job: { type: 'string' },
    jobs: { type: 'string', default: '1' },
  },
});
const count = Number(values.count);

/** Seconds after which a run is given up: long waiting beside two neighbours takes minutes. */
const LONGEST = 60;
const shown = seconds => (Number.isFinite(seconds) ? seconds.toFixed(2) : `> ${LONGEST}`);
const ratio = (seconds, share) =>
  Number.isFinite(seconds) ? `${(seconds / share).toFixed(2)}x` : `> ${(LONGEST / share).toFixed(1)}x`;

/** What users may set, or leave. `env`: instead of what this process was started with. */
const programs = [
  { name: 'fast-sde' },
  { name: 'networkThreads: 1', job: { networkThreads: 1 } },
  { name: 'two jobs at once', jobs: 2 },
  { name: 'OMP_WAIT_POLICY=passive', env: { OMP_WAIT_POLICY: 'passive' } },
  { name: 'GOMP_SPINCOUNT=300000: long waiting, whatever others do', env: { GOMP_SPINCOUNT: '300000' } },
];

if (values.job !== undefined) await drawDigits();
else await compare();

/** Prints the seconds of a job, or of several that share the samples. */
async function drawDigits() {
  const jobs = Number(values.jobs);
  const score = await torchScore(join(root, 'examples', 'digits', 'digits.pt'), {
    predicts: 'noise',
    timeInput: 'label',
  });
  const job = {
    sde: vp(),
    score,
    shape: [1, 28, 28],
    seed: 1,
    solver: adaptive({ rtol: 0.05 }),
    ...JSON.parse(values.job),
  };
  await sample({ ...job, count: 8, maxEvaluations: 4, onFailure: 'keep' });
  const pieces = Array.from({ length: jobs }, (_, i) => ({ count: count / jobs, firstIndex: (i * count) / jobs }));
  const runs = await Promise.all(pieces.map(piece => timedSample({ ...job, ...piece })));
  console.log(Math.max(...runs.map(({ figures }) => figures.seconds)));
}

async function compare() {
  const { repeats } = values;
  const neighbours = [0, 1, 2];
  const runs = programs.map(() => neighbours.map(() => []));
  for (let repeat = 0; repeat < Number(repeats); ++repeat) {
    for (const [n, number] of neighbours.entries()) {
      const busy = Array.from({ length: number }, () => spawn(process.execPath, ['-e', 'for (;;);']));
      for (const [i, program] of programs.entries()) runs[i][n].push({ seconds: secondsOf(program) });
      for (const neighbour of busy) {
        neighbour.kill('SIGKILL');
        await once(neighbour, 'exit');
      }
    }
  }
  const cores = availableParallelism();
  const results = programs.map(({ name }, i) => ({ name, seconds: runs[i].map(of => medianRun(of).seconds) }));
  const [alone] = results[0].seconds;
  const share = number => (alone * (cores + number)) / cores;
  keep('neighbours', {
    title: `${count} digits beside busy processes`,
    head: ['', 'alone, s', 'beside one, s', 'of a fair share', 'beside two, s', 'of a fair share'],
    rows: results.map(({ name, seconds: [none, one, two] }) => [
      name,
      shown(none),
      shown(one),
      ratio(one, share(1)),
      shown(two),
      ratio(two, share(2)),
    ]),
    notes: [
      `Median of ${repeats} runs, taken in turns. A fair share of the cores: ${share(1).toFixed(2)} s beside one, ${share(2).toFixed(2)} s beside two.`,
    ],
    data: { repeats, count, cores, results },
  });
}

function secondsOf({ env, job = {}, jobs = 1 }) {
  const { OMP_NUM_THREADS: _threads, OMP_WAIT_POLICY: _policy, GOMP_SPINCOUNT: _spins, ...others } = process.env;
  const args = ['--job', JSON.stringify(job), '--jobs', String(jobs), '--count', String(count)];
  const done = spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...args], {
    env: { ...others, ...env },
    encoding: 'utf8',
    timeout: 1000 * LONGEST,
  });
  if (done.signal === 'SIGTERM') return Number.POSITIVE_INFINITY;
  if (done.status !== 0) throw new Error(done.stderr);
  return Number(done.stdout);
}
