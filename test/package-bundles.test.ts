/** A bundler takes no addon along: what is bundled says so, with the cure, and the cure works. */
import { join } from 'node:path';
import { build, type Format } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type UnpackedPackage, unpackPackage } from './support/unpacked.js';

let unpacked: UnpackedPackage;
beforeAll(() => {
  unpacked = unpackPackage();
});
afterAll(() => unpacked.remove());

const use = `
import { mixtureScore, sample, vp } from 'fast-sde';
const score = mixtureScore({ weights: [1], means: [[0]], variances: [1] });
sample({ sde: vp(), score, shape: [1], count: 3 }).then(
  ({ samples }) => console.log(JSON.stringify({ drawn: samples.length })),
  ({ code, message, hint }) => console.log(JSON.stringify({ code, message, hint })),
);
`;

describe.each([
  ['esm', 'mjs'],
  ['cjs', 'cjs'],
] satisfies [Format, string][])('esbuild, %s', (format, ending) => {
  const run = async (external: string[]) => {
    const outfile = join(unpacked.app, `bundle-${external.length}.${ending}`);
    const stdin = { contents: use, resolveDir: unpacked.app };
    await build({ stdin, outfile, format, external, bundle: true, platform: 'node', logLevel: 'silent' });
    return JSON.parse(unpacked.node([outfile]).stdout);
  };

  test('bundled: an error that names the cure', async () => {
    const said = await run([]);
    expect(said).toMatchObject({ code: 'ERR_SDE_ADDON_MISSING', message: expect.stringContaining('bundled') });
    expect(said.hint).toContain('--external:fast-sde');
  });

  test('external: it draws', async () => {
    expect(await run(['fast-sde'])).toEqual({ drawn: 3 });
  });
});
