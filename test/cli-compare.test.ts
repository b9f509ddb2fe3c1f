/** `fast-sde compare`. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { npyChunks } from '../src/files/npy.js';
import { programIn } from './support/cli.js';

const { at, run } = programIn('fast-sde-compare-');
const few = ['--seeds', '2', '--samples', '40', '--quick', '--targets', 'ring'];
const solvers = ['--solvers', 'eulerMaruyama:20,adaptive:0.1'];

/** Without what may differ: times, and the texts and marks that follow from them. */
const settled = (folder: string) => {
  const read = (name: string) => readFileSync(join(at(folder), name), 'utf8');
  const json = read('comparison.json').replaceAll(/"seconds": [^,\n]+|"command": .*/g, '');
  const [head, ...rows] = read('comparison.csv')
    .split('\n')
    .map(row => row.split(','));
  const times = head.indexOf('seconds');
  const csv = [head, ...rows].map(row => row.filter((_, i) => i !== times));
  const page = read('report.html').replaceAll(/<svg[\s\S]*?<\/svg>|<td[^>]*class="time".*?<\/td>|<pre>.*?<\/pre>/g, '');
  return { json, csv, page };
};

describe('compare', () => {
  it('goes on where it was interrupted, to the same end', async () => {
    const whole = await run(['compare', ...few, ...solvers, '--out', 'whole']);
    expect([whole.code, whole.stdout]).toEqual([0, expect.stringContaining('ring, against 80 samples of the data')]);
    expect(whole.stderr).toContain('0/4 | ring | eulerMaruyama:20 | seed 1\n');
    // A second signal would end it at once.
    let signals = 0;
    const stopped = await run(['compare', ...few, ...solvers, '--out', 'parts'], {
      onStderr: (text, child) => void (text.includes('2/4') && signals++ === 0 && child.kill('SIGINT')),
    });
    expect([stopped.code, stopped.stderr]).toEqual([
      130,
      expect.stringContaining('the same command goes on from there'),
    ]);
    expect(readdirSync(at('parts'))).toEqual(['cells']);
    expect(readdirSync(join(at('parts'), 'cells')).length).toBeGreaterThanOrEqual(2);
    const { code, stdout } = await run(['compare', ...few, ...solvers, '--out', 'parts', '--json', '--quiet']);
    expect(code).toBe(0);
    expect(settled('parts')).toEqual(settled('whole'));
    const { command: _, ...kept } = JSON.parse(readFileSync(join(at('parts'), 'comparison.json'), 'utf8'));
    expect(JSON.parse(stdout)).toEqual(kept);
  });

  it('takes images for a target', async () => {
    const images = Float32Array.from({ length: 48 }, (_, i) => Math.sin(i));
    writeFileSync(at('images.npy'), Buffer.concat([...npyChunks(images, [3, 1, 4, 4])]));
    const flags = ['--images', 'images.npy', '--solvers', 'eulerMaruyama:10', '--seeds', '1', '--samples', '30'];
    const { code } = await run(['compare', ...flags, '--metrics', 'slicedWasserstein', '--out', 'images', '--quiet']);
    expect(code).toBe(0);
    const [{ target, shape, costs }] = JSON.parse(readFileSync(join(at('images'), 'comparison.json'), 'utf8')).targets;
    expect({ target, shape, mean: costs[0].evaluations.mean }).toEqual({
      target: 'images',
      shape: [1, 4, 4],
      mean: 11,
    });
  });

  it.each<[string, string[], string]>([
    ['an unknown target', ['--targets', 'rong'], 'expected one of gaussian'],
    ['an unknown solver', ['--solvers', 'magic'], 'expected one of adaptive'],
    ['a model without data', ['--model', 'x.pt'], '--model needs --reference'],
    ['data without a model', ['--reference', 'x.npy'], '--reference belongs to --model'],
    ['a folder that cannot be', ['--out', 'two.json/x'], '--out two.json/x'],
  ])('refuses %s with exit code 2', async (_, flags, message) => {
    const { code, stderr } = await run(['compare', '--out', 'refused', ...flags]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});
