/** `fast-sde solve` and `fast-sde converge`. */
import type { ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readNpy } from '../src/files/npy.js';
import { eulerMaruyama, itoSde, solve } from '../src/index.js';
import { programIn } from './support/cli.js';

const { at, run } = programIn('fast-sde-solve-');
const sde = { state: ['S'], params: { r: 0.03, sigma: 0.2 }, equations: ['dS = r*S*dt + sigma*S*dW'] };
const file = {
  calculus: 'ito',
  ...sde,
  t1: 1,
  x0: [100],
  paths: 500,
  seed: 3,
  solver: { kind: 'eulerMaruyama', steps: 8 },
};
writeFileSync(at('gbm.json'), JSON.stringify(file));

describe('solve', () => {
  it('prints statistics of the paths that solve gives', async () => {
    const { code, stdout } = await run(['solve', 'gbm.json', '--json', '--quiet']);
    expect(code).toBe(0);
    const options = { t1: 1, x0: [100], paths: 500, seed: 3, solver: eulerMaruyama({ steps: 8 }) };
    const { statistics } = await solve(itoSde(sde), { ...options, reductions: { quantiles: [0.05, 0.5, 0.95] } });
    expect(JSON.parse(stdout).statistics).toEqual(JSON.parse(JSON.stringify(statistics)));
    const inWords = await run(['solve', 'gbm.json', '--quiet']);
    expect(inWords.stdout).toContain(`mean ${statistics[0].mean.S.toPrecision(6)} ± `);
    expect(inWords.stdout).toContain('500 success');
  });

  it('writes paths as a NumPy array, with flags in place of the file', async () => {
    const flags = ['--out', 'x.npy', '--paths', '20', '--seed', '9', '--steps', '4'];
    const { code, stdout, stderr } = await run(['solve', 'gbm.json', ...flags]);
    expect(code).toBe(0);
    expect(stdout).toContain('20 success');
    expect(stderr).toContain('100 % | 20/20 paths');
    const { data, shape } = readNpy(readFileSync(at('x.npy')));
    expect(shape).toEqual([20, 1, 1]);
    const solver = eulerMaruyama({ steps: 4 });
    const { states } = await solve(itoSde(sde), { t1: 1, x0: [100], paths: 20, seed: 9, solver });
    expect(data).toEqual(states);
  });

  it.each<[string, object | string, string]>([
    ['no object', '[]', 'expected an object'],
    ['no JSON', '{', 'is no JSON'],
    ['an unknown calculus', { ...file, calculus: 'both' }, 'expected "ito" or "stratonovich", got "both"'],
    ['a calculus of a megabyte', { ...file, calculus: 'x'.repeat(1e6) }, 'xxx…'],
    ['an unknown solver', { ...file, solver: 'magic' }, 'expected one of eulerMaruyama'],
    ['a wrong equation', { ...file, equations: ['dS = q*S*dt'] }, 'q'],
    ['an option that nobody reads', { ...file, pats: 3 }, 'Did you mean paths?'],
  ])('refuses %s with exit code 2', async (_, content, message) => {
    writeFileSync(at('bad.json'), typeof content === 'string' ? content : JSON.stringify(content));
    const { code, stderr } = await run(['solve', 'bad.json', '--quiet']);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(stderr.length).toBeLessThan(3000);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s keeps the paths that are finished, or their statistics', async (signal, expected) => {
    const long = ['solve', 'gbm.json', '--paths', '1000000', '--steps', '3000'];
    let seen = 0;
    const onStderr = (_text: string, child: ChildProcess) => ++seen === 1 && child.kill(signal);
    const written = await run([...long, '--out', `${signal}.npy`], { onStderr });
    expect(written.code).toBe(expected);
    const said = /interrupted: (\d+) of 1000000 paths were finished; they are in /.exec(written.stderr);
    const { data, shape } = readNpy(readFileSync(at(`${signal}.npy`)));
    expect(shape).toEqual([Number(said![1]), 1, 1]);
    expect(data.every(x => x > 0)).toBe(true);
    seen = 0;
    const told = await run([...long, '--json'], { onStderr });
    expect(told.code).toBe(expected);
    const { statistics, stats } = JSON.parse(told.stdout);
    expect(statistics[0].count).toBe(stats.ended.success);
    expect(told.stderr).toContain(`interrupted: ${stats.ended.success} of 1000000 paths were finished`);
  });

  it('reads no device, which may never end', async () => {
    const { code, stderr } = await run(['solve', '/dev/zero']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('/dev/zero: is a device')]);
  });

  it('refuses outputs that it cannot write before any work', async () => {
    for (const out of ['x.txt', 'no/folder/x.npy', 'gbm.json']) {
      expect((await run(['solve', 'gbm.json', '--out', out])).code).toBe(2);
    }
  });

  it('ends with 1 where paths failed, and says how many', async () => {
    const explosive = { ...file, equations: ['dS = S^3*dt'], solver: { kind: 'eulerMaruyama', steps: 20 } };
    writeFileSync(at('explosive.json'), JSON.stringify(explosive));
    const { code, stdout } = await run(['solve', 'explosive.json', '--quiet']);
    expect([code, stdout]).toEqual([1, expect.stringContaining('500 nonFinite')]);
  });
});

describe('converge', () => {
  it('prints a block a solver', async () => {
    const flags = ['geometricBrownianMotion', '--paths', '100', '--steps', '8,16'];
    const { code, stdout } = await run(['converge', ...flags, '--solvers', 'eulerMaruyama,heun']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/eulerMaruyama\n {2}strong .* order .*\n {2}weak .* order /);
    const json = await run(['converge', ...flags, '--json']);
    expect(JSON.parse(json.stdout).h).toEqual([0.125, 0.0625]);
  });

  it('draws the errors over the steps, a line a solver with its order', async () => {
    const flags = ['geometricBrownianMotion', '--paths', '100', '--steps', '8,16,32'];
    const { code } = await run(['converge', ...flags, '--solvers', 'eulerMaruyama,milstein', '--plot', 'orders.svg']);
    expect(code).toBe(0);
    const svg = readFileSync(at('orders.svg'), 'utf8');
    expect(svg).toMatch(/^<svg[\s\S]*<\/svg>$/);
    for (const text of ['eulerMaruyama, strong: order ', 'milstein, weak: order ']) expect(svg).toContain(text);
    const wrong = await run(['converge', ...flags, '--plot', 'orders.jpg']);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('.svg')]);
  });

  it('names the problems where it does not know one', async () => {
    const { code, stderr } = await run(['converge', 'nothing']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('geometricBrownianMotion')]);
  });
});
