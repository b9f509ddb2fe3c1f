// For binding.gyp, which has no globs: prints, one a line, the .cpp files of the given folders, and for each argument such
// as kernels_v3 the files of that instruction set, which are targets of their own with their own flags. Among these are
// the units of the samplers in native/contract/solvers.def and of the path engine; they are made here, as
// cmake/solvers.cmake makes them.
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const list = fs.readFileSync(path.join(root, 'native/contract/solvers.def'), 'utf8');
const solvers = [...list.matchAll(/^SOLVER\((\w+), (\w+),/gm)].map(([, type, name]) => ({ type, name }));

function solverUnit(kernels, { type, name }) {
  return unit(
    `${kernels}_${name}`,
    `// Made from native/contract/solvers.def.
#include "solver/${name}.hpp"
#include "shell/cpu/solver_kernels.inl"

FAST_SDE_SOLVER_KERNELS(${kernels}, ${name}, ${type})
`,
  );
}

function pathUnit(kernels) {
  return unit(
    `${kernels}_paths`,
    `// Made by scripts/sources.cjs.
#include "shell/paths/kernels.inl"

FAST_SDE_PATH_KERNELS(${kernels}_paths)
`,
  );
}

function unit(name, text) {
  const file = `build/solvers/${name}.cpp`;
  fs.mkdirSync(path.join(root, 'build/solvers'), { recursive: true });
  fs.writeFileSync(path.join(root, file), text);
  return file;
}

function filesOf(argument) {
  if (argument.startsWith('kernels_')) {
    const kernels = `native/shell/cpu/${argument}.cpp`;
    return [kernels, pathUnit(argument), ...solvers.map(solver => solverUnit(argument, solver))];
  }
  const names = fs.readdirSync(path.join(root, argument)).sort();
  return names.filter(name => name.endsWith('.cpp') && !name.startsWith('kernels_')).map(name => `${argument}/${name}`);
}

for (const argument of process.argv.slice(2)) console.log(filesOf(argument).join('\n'));
