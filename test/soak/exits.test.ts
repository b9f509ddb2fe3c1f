// Processes and workers that end at any moment of their jobs: with the right code, without a crash, without a hang.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '#binding';
import { type Ending, ending, several } from '../support/ending.js';
import { type Kind, program } from '../support/native-jobs.js';
import { random } from '../support/random.js';
import { rounds } from '../support/rounds.js';

/** Of a process whose jobs have run for `delay` ms. */
interface Way {
  source: (kind: Kind, delay: number) => string;
  end: Partial<Ending>;
}

const after = (action: string): Way['source'] => {
  return (kind, delay) => program(kind, `setTimeout(() => { ${action} }, ${delay});`);
};

const inWorker = (source: string, action: string): string => `
  const { Worker } = require('node:worker_threads');
  const worker = new Worker(${JSON.stringify(source)}, { eval: true });
  worker.once('error', error => { throw error; });
  worker.once('message', () => { ${action} });`;
const started = `require('node:worker_threads').parentPort.postMessage('started');`;

const ways: Record<string, Way> = {
  'process.exit': { source: after('process.exit(7);'), end: { code: 7, stderr: '' } },
  'process.exit without its event': {
    source: after(`process.removeAllListeners('exit'); process.exit(7);`),
    end: { code: 7, stderr: '' },
  },
  'an uncaught exception': { source: after(`throw new Error('on purpose');`), end: { code: 1 } },
  'an unhandled rejection': { source: after(`Promise.reject(new Error('on purpose'));`), end: { code: 1 } },
  SIGTERM: { source: after(`process.kill(process.pid, 'SIGTERM');`), end: { code: null, signal: 'SIGTERM' } },
  'aborts of its jobs': {
    source: after('for (const job of jobs) job.abort(); process.exitCode = 7;'),
    end: { code: 7, stderr: '' },
  },
  'worker.terminate': {
    source: (kind, delay) =>
      inWorker(
        program(kind, started),
        `setTimeout(async () => { process.exitCode = await worker.terminate() === 1 ? 7 : 8; }, ${delay});`,
      ),
    end: { code: 7, stderr: '' },
  },
  'process.exit beside a worker': {
    source: (kind, delay) => inWorker(program(kind, started), `setTimeout(() => process.exit(7), ${delay});`),
    end: { code: 7, stderr: '' },
  },
};

async function endsRight(name: string, kind: Kind, delay: number): Promise<void> {
  const { source, end } = ways[name];
  expect(await ending(source(kind, delay)), `${name}, ${kind}, after ${delay} ms`).toMatchObject(end);
}

const loading = `
  const { sample, torchScore, vp } = require(${JSON.stringify(join(root, 'dist/cjs/index.js'))});
  const file = ${JSON.stringify(join(root, 'examples/digits/digits.pt'))};
  const load = () => torchScore(file, { predicts: 'noise', timeInput: 'label' });`;

describe('in the middle of jobs', () => {
  it('a process with the digits network exits', { timeout: 600_000 }, async () => {
    const { one, below } = random(1);
    const exits = ['process.exit', 'process.exit without its event', 'an uncaught exception'];
    await several(Array.from({ length: rounds(40, 200) }, () => () => endsRight(one(exits), 'torch', below(400))));
  });

  it('any process ends in any way', { timeout: 600_000 }, async () => {
    const { one, below } = random(2);
    const kinds = ['output', 'queue', 'callback', 'torch', 'cuda', 'paths'] as const;
    const task = () => () => endsRight(one(Object.keys(ways)), one(kinds), below(400));
    await several(Array.from({ length: rounds(16, 500) }, task));
  });

  it('a process with jobs on a CUDA device ends in any way', { timeout: 600_000 }, async () => {
    const { below } = random(4);
    const names = Object.keys(ways);
    const count = rounds(names.length, 100);
    const task = (_: unknown, i: number) => () => endsRight(names[i % names.length], 'cuda', below(400));
    await several(Array.from({ length: count }, task));
  });

  it('a process that solves paths ends in any way', { timeout: 600_000 }, async () => {
    const { below } = random(5);
    const names = Object.keys(ways);
    const task = (_: unknown, i: number) => () => endsRight(names[i % names.length], 'paths', below(400));
    await several(Array.from({ length: rounds(names.length, 100) }, task));
  });

  it('a process exits while networks are loaded', { timeout: 600_000 }, async () => {
    const { below } = random(3);
    const task = () => async () => {
      const delay = below(800);
      const source = `${loading} load(); load(); setTimeout(() => process.exit(7), ${delay});`;
      expect(await ending(source), `after ${delay} ms`).toMatchObject({ code: 7, stderr: '' });
    };
    await several(Array.from({ length: rounds(4, 100) }, task));
  });

  it('a process exits as soon as its job is over', { timeout: 600_000 }, async () => {
    const source = `${loading} load().then(async score => {
      await sample({ sde: vp(), score, shape: [1, 28, 28], maxEvaluations: 2, onFailure: 'keep' });
      process.exit(7);
    });`;
    const task = async () => expect(await ending(source)).toMatchObject({ code: 7, stderr: '' });
    await several(Array.from({ length: rounds(4, 100) }, () => task));
  });
});
