/** The TorchScript modules that fixtures/make_models.py writes, made once for each version of the scripts. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const scripts = ['make_models.py', 'odd_models.py', 'coefficient_models.py'].map(name =>
  join(root, 'test', 'fixtures', name),
);

/** `npm test` names the Python whose LibTorch the plugin was built with. */
export function pythonWithTorch(): string {
  const local = join(root, '.venv', 'bin', 'python');
  return process.env.FAST_SDE_PYTHON || (existsSync(local) ? local : 'python3');
}

/** Returns a function from a module's name to its file. */
export async function testModels(): Promise<(name: string) => string> {
  const cache = join(root, '.cache');
  const hash = createHash('sha256');
  for (const script of scripts) hash.update(readFileSync(script));
  const folder = join(cache, `models-${hash.digest('hex').slice(0, 12)}`);
  if (!existsSync(folder)) {
    await mkdir(cache, { recursive: true });
    // Other test files may be doing the same: whoever is ready first moves its folder into place.
    const mine = mkdtempSync(join(cache, 'making-'));
    const made = spawnSync(pythonWithTorch(), ['-W', 'ignore', scripts[0], mine], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`${pythonWithTorch()} ${scripts[0]}: ${made.error?.message ?? made.stderr}`);
    try {
      renameSync(mine, folder);
    } catch (error) {
      if (!existsSync(folder)) throw error;
      rmSync(mine, { recursive: true });
    }
  }
  return name => join(folder, `${name}.pt`);
}
