/** The TorchScript modules that fixtures/make_models.py writes, made once for each version of that script. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const script = join(root, 'test', 'fixtures', 'make_models.py');

/** `npm test` names the Python whose LibTorch the plugin was built with. */
export function pythonWithTorch(): string {
  const local = join(root, '.venv', 'bin', 'python');
  return process.env.FAST_SDE_PYTHON || (existsSync(local) ? local : 'python3');
}

/** Returns a function from a module's name to its file. */
export async function testModels(): Promise<(name: string) => string> {
  const cache = join(root, '.cache');
  const folder = join(cache, `models-${createHash('sha256').update(readFileSync(script)).digest('hex').slice(0, 12)}`);
  if (!existsSync(folder)) {
    await mkdir(cache, { recursive: true });
    // Other test files may be doing the same: whoever is ready first moves its folder into place.
    const mine = mkdtempSync(join(cache, 'making-'));
    const made = spawnSync(pythonWithTorch(), ['-W', 'ignore', script, mine], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`${pythonWithTorch()} ${script}: ${made.error?.message ?? made.stderr}`);
    try {
      renameSync(mine, folder);
    } catch (error) {
      if (!existsSync(folder)) throw error;
      rmSync(mine, { recursive: true });
    }
  }
  return name => join(folder, `${name}.pt`);
}
