// TypeScript twice: dist/esm, and dist/cjs (without the command line) for `require`.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { isMain, main, root, run, step, tool } from './run.mjs';

const DIST = join(root, 'dist');
const STAMP = join(root, 'build', '.typescript');

export function buildTypeScript() {
  if (isCurrent()) return;
  step('TypeScript: dist/esm, dist/cjs');
  rmSync(DIST, { recursive: true, force: true });
  const [node, tsc] = tool('typescript/bin/tsc');
  run(node, [tsc, '-p', 'tsconfig.esm.json']);
  run(node, [tsc, '-p', 'tsconfig.cjs.json']);
  nameBindingByPath(join(DIST, 'cjs'));
  writeFileSync(join(DIST, 'cjs', 'package.json'), '{"type": "commonjs"}\n');
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, '');
}

/**
 * Both builds share lib/binding.cjs. `#binding` leads there from dist/esm; from dist/cjs it would not, because for Node
 * that folder, with a package.json of its own, is another package.
 */
function nameBindingByPath(folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const text = readFileSync(file, 'utf8');
    const path = relative(entry.parentPath, join(root, 'lib', 'binding.cjs'));
    if (text.includes('#binding')) writeFileSync(file, text.replaceAll(/(["'])#binding\1/g, `$1${path}$1`));
  }
}

function isCurrent() {
  if (!existsSync(STAMP) || !existsSync(join(DIST, 'cjs', 'package.json'))) return false;
  const built = statSync(STAMP).mtimeMs;
  const inputs = readdirSync(join(root, 'src'), { recursive: true }).map(name => join('src', name));
  // Folders are among them: their time changes where a file goes.
  return ['src', 'package.json', 'tsconfig.json', 'tsconfig.esm.json', 'tsconfig.cjs.json', ...inputs].every(
    name => statSync(join(root, name)).mtimeMs < built,
  );
}

if (isMain(import.meta.url)) await main(buildTypeScript);
