/** Threads as the machine sees them: how often the solver's, which have a name, come to run, and how LibTorch's wait. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { addon } from '../src/addon.js';
import { callbackScore, eulerMaruyama, sample, vp } from '../src/index.js';
import { child } from './support/children.js';

interface Thread {
  asleep: boolean;
  /** How often it was put on a core so far. */
  turns: number;
}

function solverThreads(): Thread[] {
  const all = readdirSync('/proc/self/task').map(id => `/proc/self/task/${id}`);
  return all
    .filter(thread => readFileSync(`${thread}/comm`, 'utf8') === 'fast-sde solver\n')
    .map(thread => ({
      asleep: /^State:\s+S/m.test(readFileSync(`${thread}/status`, 'utf8')),
      turns: Number(readFileSync(`${thread}/schedstat`, 'utf8').split(' ')[2]),
    }));
}

/** Turns of all together, once each of them sleeps: they look for new work a moment longer than a job. */
async function turns(): Promise<number> {
  while (solverThreads().some(({ asleep }) => !asleep)) await sleep(1);
  return solverThreads().reduce((sum, thread) => sum + thread.turns, 0);
}

/** Much work for the solver; the score, which uses the same threads where it is native, answers in JavaScript. */
const draw = (threads: number) =>
  sample({
    sde: vp(),
    score: callbackScore((_x, _t, out) => void out.fill(0)),
    shape: [2 ** 16],
    count: 4,
    solver: eulerMaruyama({ steps: 3 }),
    threads,
  });

const { cores } = addon().cpu();

it.skipIf(cores === 1)('other threads than the job’s own solve where there may be any', async () => {
  await draw(0);
  expect(solverThreads()).toHaveLength(cores - 1);
  const before = await turns();
  await draw(1);
  expect(await turns()).toBe(before);
  await draw(2);
  const after = await turns();
  expect(after).toBeGreaterThan(before);
  await draw(0);
  expect(await turns()).toBeGreaterThan(after);
});

/**
 * Threads of a process that asks the digits network some times, while a program beside it keeps each core busy: the fewest
 * seen between its jobs, or the first number that is `enough`.
 */
async function threadsBesideOthers(
  policy: string,
  { jobs, enough }: { jobs: number; enough: number },
): Promise<number> {
  const { stdout, stderr } = await child(`
    import { spawn } from 'node:child_process';
    import { readdirSync } from 'node:fs';
    delete process.env.OMP_NUM_THREADS;
    ${policy}
    const busy = Array.from({ length: ${cores} }, () => spawn(process.execPath, ['-e', 'for (;;);']));
    try {
      const score = await sde.torchScore('examples/digits/digits.pt', { predicts: 'noise', timeInput: 'label' });
      const job = { sde: sde.vp(), score, shape: [1, 28, 28], count: 2, networkThreads: ${cores} };
      let [fewest, now] = [Infinity, 0];
      for (let i = 0; i < ${jobs} && now < ${enough}; i++) {
        await sde.sample({ ...job, solver: sde.eulerMaruyama({ steps: 8 }) });
        now = readdirSync('/proc/self/task').length;
        fewest = Math.min(fewest, now);
      }
      console.log(now < ${enough} ? fewest : now);
    } finally {
      for (const one of busy) one.kill('SIGKILL');
    }
  `);
  expect(stderr.replace(/.*Warning.*\n/g, '')).toBe('');
  return Number(stdout);
}

it.skipIf(cores === 1)(
  'LibTorch has libgomp wait shortly beside busy programs, by more threads than cores',
  async () => {
    const passive = `process.env.OMP_WAIT_POLICY = 'passive';`;
    const asUsual = await threadsBesideOthers(passive, { jobs: 3, enough: Infinity });
    const enough = asUsual + cores + 1;
    const crowded = await threadsBesideOthers('delete process.env.OMP_WAIT_POLICY;', { jobs: 20, enough });
    expect(crowded).toBeGreaterThanOrEqual(enough);
  },
);
