/** The programs that compiling a plugin takes. */
import { spawnSync } from 'node:child_process';

/** What of CMake and a C++ compiler does not run here, with the way to get it. */
export function missingTools(): string[] {
  const missing: string[] = [];
  const cmakeVersion = /version (\d+)\.(\d+)/.exec(versionOf('cmake') ?? '');
  const [major, minor] = (cmakeVersion ?? []).slice(1).map(Number);
  if (cmakeVersion === null) missing.push('cmake (Debian: apt-get install cmake; or pip install cmake)');
  else if (major < 3 || (major === 3 && minor < 22)) missing.push(`cmake 3.22 or newer (this is ${major}.${minor})`);
  const compilers = process.env.CXX ? [process.env.CXX] : ['c++', 'g++', 'clang++'];
  if (!compilers.some(versionOf)) {
    missing.push(`a C++20 compiler (looked for ${compilers.join(', ')}; Debian: apt-get install g++)`);
  }
  return missing;
}

function versionOf(program: string): string | undefined {
  const asked = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return asked.status === 0 ? asked.stdout : undefined;
}
