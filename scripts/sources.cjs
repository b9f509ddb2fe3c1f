// For binding.gyp, which has no globs: prints the .cpp files of the given folders, one a line.
// What `--except` names (beginnings of paths) is left out.
const fs = require('node:fs');
const path = require('node:path');

const args = process.argv.slice(2);
const except = [];
for (let i; (i = args.indexOf('--except')) >= 0; ) except.push(args.splice(i, 2)[1]);

for (const folder of args) {
  for (const name of fs.readdirSync(path.join(__dirname, '..', folder)).sort()) {
    const file = `${folder}/${name}`;
    if (name.endsWith('.cpp') && !except.some(start => file.startsWith(start))) console.log(file);
  }
}
