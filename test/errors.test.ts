/** Codes, messages and suggestions. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromNative, invalidOption } from '../src/errors.js';
import { adaptive, affine, ERRORS, eulerMaruyama, mixtureScore, SdeError, subVp, ve, vp } from '../src/index.js';
import { nearest } from '../src/options/checks.js';
import { caught } from './support/caught.js';

describe('the table of codes', () => {
  it('says for each what it means and what to do', () => {
    for (const [code, { meaning, remedy }] of Object.entries(ERRORS)) {
      expect(code).toMatch(/^ERR_SDE_[A-Z_]+$/);
      expect(meaning.length).toBeGreaterThan(10);
      expect(remedy).toMatch(/\.$/);
    }
  });

  it('is the one in the README', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const rows = [...readme.matchAll(/^\| `(ERR_SDE_\w+)` \|/gm)].map(([, code]) => code);
    expect(rows.sort()).toEqual(Object.keys(ERRORS).sort());
  });

  it('sends whom a GPU is missing to the build', () => {
    expect(ERRORS.ERR_SDE_CUDA_UNAVAILABLE.remedy).toMatch(/npx fast-sde build --cuda.*doctor.*'auto' or 'cpu'/);
  });

  it('passes on that the native code is at fault', () => {
    const native = Object.assign(new Error('a bug'), { code: 'ERR_SDE_INTERNAL' });
    const error = fromNative(native) as SdeError;
    expect(error).toMatchObject({ code: 'ERR_SDE_INTERNAL', message: 'a bug' });
    expect(error.hint).toMatch(/report it .* doctor/);
  });

  it('lends its remedy to errors of the addon, and leaves foreign errors alone', () => {
    const native = Object.assign(new Error('forward() threw: no'), { code: 'ERR_SDE_MODEL_FAILED' });
    const error = fromNative(native) as SdeError;
    expect(error).toBeInstanceOf(SdeError);
    expect(error).toMatchObject({
      code: 'ERR_SDE_MODEL_FAILED',
      message: 'forward() threw: no',
      hint: ERRORS.ERR_SDE_MODEL_FAILED.remedy,
    });
    const foreign = new RangeError('not ours');
    expect(fromNative(foreign)).toBe(foreign);
    expect(fromNative(error)).toBe(error);
  });
});

describe('an invalid option', () => {
  it('is named with its value and what was expected', () => {
    const error = invalidOption('batch', -3, 'an integer at least 1');
    expect(error).toMatchObject({
      name: 'SdeError',
      code: 'ERR_SDE_INVALID_OPTION',
      option: 'batch',
      value: -3,
      expected: 'an integer at least 1',
    });
    expect(error.message).toBe('batch: expected an integer at least 1, got -3.');
  });

  it('does not put a whole array in the message', () => {
    expect(invalidOption('initial', new Float32Array(10000), 'x').message.length).toBeLessThan(200);
  });
});

describe('an unknown option', () => {
  it.each([
    [() => adaptive({ rTol: 0.1 } as never), 'rTol', 'rtol'],
    [() => adaptive({ savety: 0.1 } as never), 'savety', 'safety'],
    [() => eulerMaruyama({ step: 3 } as never), 'step', 'steps'],
    [() => vp({ betamin: 0.1 } as never), 'betamin', 'betaMin'],
    [() => subVp({ betaMx: 1 } as never), 'betaMx', 'betaMax'],
    [() => ve({ sigmamax: 1 } as never), 'sigmamax', 'sigmaMax'],
    [() => affine({ alfa: () => 1 } as never), 'alfa', 'alpha'],
    [() => mixtureScore({ weight: [1] } as never), 'weight', 'weights'],
  ])('%# suggests the nearest name', async (make, option, suggestion) => {
    const error = await caught(make);
    expect(error).toMatchObject({ code: 'ERR_SDE_UNKNOWN_OPTION', option });
    expect(error.hint).toBe(`Did you mean ${suggestion}?`);
  });

  it('gets the list where nothing is near', async () => {
    const error = await caught(() => adaptive({ zzzzzzzzzz: 1 } as never));
    expect(error.hint).toBe('adaptive knows rtol, atol, scale, norm, h0, safety, exponent.');
  });

  it('finds near names by edits, whatever the case', () => {
    expect(nearest('FINALdenoise', ['finalDenoise', 'noise'])).toBe('finalDenoise');
    expect(nearest('x', ['finalDenoise', 'noise'])).toBeUndefined();
  });
});
