/** The program `fast-sde` as a child process. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export const PROGRAM = join(import.meta.dirname, '..', '..', 'dist', 'esm', 'cli', 'main.js');

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions extends SpawnOptions {
  /** Sees what was written to stderr so far, and the process, each time it writes. */
  onStderr?: (text: string, child: ChildProcess) => void;
  /** Sees the process once it is started. */
  onStart?: (child: ChildProcess) => void;
}

/** A folder of its own for a test file, and the program run in it. */
export function programIn(prefix: string) {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const pixels = new Array(16).fill(0);
  const at = (name: string) => join(folder, name);
  writeFileSync(at('two.json'), '{"weights": [0.25, 0.75], "means": [[-1, 0], [1, 0]], "variances": [0.01, 0.01]}');
  writeFileSync(at('flat.json'), JSON.stringify({ weights: [1], means: [pixels], variances: [0.04] }));

  const run = (args: string[], { onStderr, onStart, env, ...options }: RunOptions = {}) =>
    new Promise<Ended>((resolve, reject) => {
      const child = spawn(process.execPath, [PROGRAM, ...args], {
        cwd: folder,
        env: { ...process.env, ...env },
        ...options,
      });
      const ended: Ended = { code: null, signal: null, stdout: '', stderr: '' };
      child.stdout?.setEncoding('utf8').on('data', text => {
        ended.stdout += text;
      });
      child.stderr?.setEncoding('utf8').on('data', text => {
        ended.stderr += text;
        onStderr?.(ended.stderr, child);
      });
      child.on('error', reject).on('close', (code, signal) => resolve({ ...ended, code, signal }));
      onStart?.(child);
    });
  return { folder, at, run, sample: (...args: string[]) => run(['sample', ...args]) };
}
