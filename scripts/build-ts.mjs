// TypeScript twice: dist/esm, and dist/cjs (without the command line) for `require`.

import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, main, root, run, step, tool } from './run.mjs';

const DIST = join(root, 'dist');
const STAMP = join(DIST, '.built');

export function buildTypeScript() {
  if (isCurrent()) return;
  step('TypeScript: dist/esm, dist/cjs');
  rmSync(DIST, { recursive: true, force: true });
  const [node, tsc] = tool('typescript/bin/tsc');
  run(node, [tsc, '-p', 'tsconfig.esm.json']);
  run(node, [tsc, '-p', 'tsconfig.cjs.json']);
  // Both builds share lib/binding.cjs. An `imports` target may not lie outside its package's folder, and to Node
  // dist/cjs is one, so there a file leads on.
  const write = (file, text) => writeFileSync(join(DIST, 'cjs', file), text);
  write('package.json', `${JSON.stringify({ type: 'commonjs', imports: { '#binding': './binding.cjs' } })}\n`);
  write('binding.cjs', "module.exports = require('../../lib/binding.cjs');\n");
  write('binding.d.cts', "export * from '../../lib/binding.cjs';\n");
  mkdirSync(DIST, { recursive: true });
  writeFileSync(STAMP, '');
}

function isCurrent() {
  if (!existsSync(STAMP)) return false;
  const built = statSync(STAMP).mtimeMs;
  const inputs = readdirSync(join(root, 'src'), { recursive: true }).map(name => join('src', name));
  // Folders are among them: their time changes where a file goes.
  return ['src', 'package.json', 'tsconfig.json', 'tsconfig.esm.json', 'tsconfig.cjs.json', ...inputs].every(
    name => statSync(join(root, name)).mtimeMs < built,
  );
}

if (isMain(import.meta.url)) await main(buildTypeScript);
