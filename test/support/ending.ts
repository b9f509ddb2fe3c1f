/** How processes end that are left alone with a program. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface Ending {
  code: number | null;
  /** SIGKILL: it hung, and was killed. */
  signal: NodeJS.Signals | null;
  stderr: string;
}

/** Runs `source` in a Node of its own, with LibTorch's threads as users have them. */
export async function ending(source: string): Promise<Ending> {
  const { OMP_NUM_THREADS: _, ...env } = process.env;
  const child = spawn(process.execPath, ['-e', source], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const hung = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const ended = new Promise<Pick<Ending, 'code' | 'signal'>>((resolve, reject) => {
    child.once('error', reject).once('exit', (code, signal) => resolve({ code, signal }));
  });
  const [how, stderr] = await Promise.all([ended, text(child.stderr)]);
  clearTimeout(hung);
  return { ...how, stderr };
}

/** Runs `tasks`, a few at a time. */
export async function several(tasks: readonly (() => Promise<void>)[], atOnce = 3): Promise<void> {
  const waiting = tasks.values();
  const worker = async () => {
    for (const task of waiting) await task();
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
