/** The programs that compiling a plugin takes. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '#binding';
import { namedCommand, runProgram } from '#programs';

/** The repository, where this is a clone of it and no installed package: its own .venv may be used. */
export function clone(): string | undefined {
  return existsSync(join(root, 'src', 'index.ts')) ? root : undefined;
}

/** What of CMake and a C++ compiler does not run here, with the way to get it. */
export function missingTools(): string[] {
  const missing: string[] = [];
  const cmakeVersion = /version (\d+)\.(\d+)/.exec(versionOf(['cmake']) ?? '');
  const [major, minor] = (cmakeVersion ?? []).slice(1).map(Number);
  if (cmakeVersion === null) missing.push('cmake (Debian: apt-get install cmake; or pip install cmake)');
  else if (major < 3 || (major === 3 && minor < 22)) missing.push(`cmake 3.22 or newer (this is ${major}.${minor})`);
  const { CXX } = process.env;
  const compilers = CXX ? [namedCommand(CXX)] : [['c++'], ['g++'], ['clang++']];
  if (!compilers.some(compiler => versionOf(compiler))) {
    const looked = compilers.map(compiler => compiler.join(' ')).join(', ');
    missing.push(`a C++20 compiler (looked for ${looked}; Debian: apt-get install g++)`);
  }
  return missing;
}

function versionOf([program, ...args]: string[]): string | undefined {
  const asked = runProgram(program, [...args, '--version']);
  return asked.status === 0 ? asked.stdout : undefined;
}
