/** `fast-sde build --addon` for real, out of what the package ships: the same samples, bit for bit. A minute of compiling. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { soaking } from '../support/rounds.js';
import { onlyFolder, type UnpackedPackage, unpackPackage } from '../support/unpacked.js';

let unpacked: UnpackedPackage;
beforeAll(() => {
  unpacked = unpackPackage();
});
afterAll(() => unpacked.remove());

const use = `import { mixtureScore, sample, vp } from 'fast-sde';
const score = mixtureScore({ weights: [1, 2], means: [[-0.5, 0], [0.5, 0.2]], variances: [0.01, 0.04] });
const { samples } = await sample({ sde: vp(), score, shape: [2], count: 200, seed: 1 });
console.log(Buffer.from(samples.buffer).toString('hex'));
`;

test.runIf(soaking)('the addon compiled here, where none is shipped, draws what the shipped one draws', () => {
  const shipped = unpacked.script('use.mjs', use).stdout;
  expect(shipped.length).toBeGreaterThan(3000);
  rmSync(join(unpacked.installed, 'prebuilds'), { recursive: true });
  const { code, stdout, stderr } = unpacked.program(['build', '--addon']);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain(`${join(onlyFolder(unpacked.cache), 'fast_sde.node')}: ready`);
  expect(unpacked.script('use.mjs', use).stdout).toBe(shipped);
});
