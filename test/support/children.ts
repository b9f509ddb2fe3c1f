/** Programs that run beside the tests, in a Node of their own. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const built = new URL('../../dist/esm/index.js', import.meta.url).href;

export interface Ended {
  status: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

/** An ES module that has `import`ed what is named from the built package as `sde`; `flags` are Node's. */
export function child(code: string, flags: string[] = []): Promise<Ended> {
  const source = `import * as sde from ${JSON.stringify(built)};\n${code}`;
  const started = spawn(process.execPath, [...flags, '--input-type=module', '--eval', source], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  let [stdout, stderr] = ['', ''];
  started.stdout.on('data', text => {
    stdout += text;
  });
  started.stderr.on('data', text => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    started.on('error', reject);
    started.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
}
