// For binding.gyp, which has no globs: prints the .cpp files of the given folders, one a line. The kernels for one
// instruction set each (kernels_v2.cpp …) are left out: they are targets of their own, with their own flags.
const fs = require('node:fs');
const path = require('node:path');

for (const folder of process.argv.slice(2)) {
  for (const name of fs.readdirSync(path.join(__dirname, '..', folder)).sort()) {
    if (name.endsWith('.cpp') && !/^kernels_v\d/.test(name)) console.log(`${folder}/${name}`);
  }
}
