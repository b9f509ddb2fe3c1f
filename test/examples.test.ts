/** The examples that need no network, run as their pages say. What they print is checked against what they claim. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/** What the example prints; fails unless it exits with 0. */
async function output(name: string): Promise<string> {
  const file = join(import.meta.dirname, '..', 'examples', name);
  return (await promisify(execFile)(process.execPath, [file])).stdout;
}

/** The numbers of the first line that begins like this. */
function numbers(text: string, beginning: string): number[] {
  const line = text.split('\n').find(one => one.trimStart().startsWith(beginning)) ?? '';
  const rest = line.slice(line.indexOf(beginning) + beginning.length);
  return (rest.match(/\d+(\.\d+)?/g) ?? []).map(Number);
}

describe('examples', () => {
  it('02: an own SDE reaches the mixture it should', async () => {
    const text = await output('02-own-sde.mjs');
    for (const [name, tolerance] of [
      ['share of the right one', 0.02],
      ['its mean', 0.01],
      ['its variance', 0.15],
    ] as const) {
      const [drawn, wanted] = numbers(text, name);
      expect(Math.abs(drawn / wanted - 1), name).toBeLessThan(tolerance);
    }
  });

  it('03: samples of a callback end at its points', async () => {
    const text = await output('03-callback-score.mjs');
    const hits = numbers(text, 'hits of each of the 12 points:');
    expect(hits).toHaveLength(12);
    // 100 each: five standard deviations of a binomial are 48.
    for (const hit of hits) expect(Math.abs(hit - 100)).toBeLessThan(48);
    expect(numbers(text, 'farthest sample from its point:')[0]).toBeLessThan(0.05);
  });

  it('05: the finer the solver, the nearer the spread of the mixture', async () => {
    const spreads = [...(await output('05-mixture-2d.mjs')).matchAll(/nearest mean ([\d.]+), of the target ([\d.]+)/g)];
    expect(spreads).toHaveLength(3);
    const errors = spreads.map(([, drawn, wanted]) => Math.abs(Number(drawn) / Number(wanted) - 1));
    expect(errors[2]).toBeLessThan(errors[1]);
    expect(errors[2]).toBeLessThan(0.1);
  });

  it('06: bridged noise is right in any dimension, redrawn noise in high ones', async () => {
    const rows = [...(await output('06-noise.mjs')).matchAll(/^ +(\d+) +([\d.]+) +([\d.]+) +([\d.]+)$/gm)];
    expect(rows.map(([, dimension]) => dimension)).toEqual(['1', '2', '16', '256']);
    const [bridge, redraw] = [2, 4].map(column => rows.map(row => Number(row[column])));
    for (const ratio of bridge) expect(Math.abs(ratio - 1)).toBeLessThan(0.1);
    expect(redraw[0]).toBeGreaterThan(1.5);
    expect(Math.abs(redraw[3] - 1)).toBeLessThan(0.05);
  });

  it('07: errors shrink as the orders 1/2 and 1 have it', async () => {
    const rows = [...(await output('07-closed-form.mjs')).matchAll(/^ +(\d+) +([\d.e-]+) +([\d.e-]+)$/gm)];
    expect(rows.map(([, steps]) => Number(steps))).toEqual([16, 32, 64, 128, 256]);
    const [euler, heun] = [2, 3].map(column => Number(rows[0][column]) / Number(rows[4][column]));
    // Sixteen times the steps.
    expect(Math.abs(Math.log(euler) / Math.log(16) - 0.6)).toBeLessThan(0.15);
    expect(Math.abs(Math.log(heun) / Math.log(16) - 1)).toBeLessThan(0.15);
  });

  it("08: the price is Heston's, within twice its interval", async () => {
    const [price, halfWidth, , exact] = numbers(await output('08-heston.mjs'), 'price:');
    expect(halfWidth).toBeLessThanOrEqual(0.05);
    expect(Math.abs(price - exact)).toBeLessThan(2 * halfWidth);
  });

  it('09: paths part, and stay on the attractor', async () => {
    const text = await output('09-lorenz.mjs');
    const gaps = [...text.matchAll(/: ([\d.e+-]+) apart/g)].map(([, gap]) => Number(gap));
    expect(gaps).toHaveLength(5);
    expect(gaps[4]).toBeGreaterThan(1e-5);
    // Both wings of the butterfly.
    const rows = text.split('\n').slice(0, 24);
    for (const [from, to] of [
      [10, 30],
      [34, 54],
    ]) {
      expect(rows.some(row => /\S/.test(row.slice(from, to)))).toBe(true);
    }
  });

  it('10: the mean time of first passage is the exact one', async () => {
    const text = await output('10-first-passage.mjs');
    const rows = [...text.matchAll(/^0\.0625 +([\d.]+) +([\d.]+)$/gm)];
    const [mean, error] = rows[0].slice(1).map(Number);
    const [exact] = numbers(text, 'exact');
    expect(Math.abs(mean - exact)).toBeLessThan(4.5 * error + 0.05);
  });
});
