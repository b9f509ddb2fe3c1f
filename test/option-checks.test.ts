// The checks that options are made of, at their edges, and what each says.
import { describe, expect, it } from 'vitest';
import type { SdeError } from '../src/errors.js';
import { adaptive, callbackScore, type Score, sample, vp } from '../src/index.js';
import { choiceOption, numberOption, optionsObject, rangeOption, seedOption } from '../src/options/checks.js';
import { cudaNumber, parsedDevice } from '../src/options/device.js';
import { checkedOptions } from '../src/options/job.js';
import { MOST_ELEMENTS, MOST_SAMPLES, MOST_SLOTS } from '../src/options/limits.js';
import type { AnyOptionTable } from '../src/options/option.js';
import {
  checkedCondition,
  checkedFirstIndex,
  checkedGuidance,
  checkedInitial,
  checkedShape,
  checkedSignal,
  checkedSlots,
} from '../src/options/sample-checks.js';
import { SAMPLE_OPTIONS } from '../src/options/sample-table.js';
import { nativeSolver, type Solver } from '../src/solver/solver.js';
import { caught } from './support/caught.js';

/** What the check throws. */
function refused(check: () => unknown): SdeError {
  try {
    check();
  } catch (error) {
    return error as SdeError;
  }
  throw new Error('was not refused');
}

describe('an object of options', () => {
  it.each([null, 3, 'x', [], [1]])('is not %j', given => {
    expect(refused(() => optionsObject('vp', given as never, []))).toMatchObject({
      code: 'ERR_SDE_INVALID_OPTION',
      option: 'vp options',
      expected: 'an object',
    });
  });

  it('lists what is known where nothing is near', () => {
    const error = refused(() => optionsObject('vp', { zzzzzzzz: 1 } as never, ['tEnd' as never, 'T' as never]));
    expect(error).toMatchObject({ option: 'zzzzzzzz', value: 1, expected: 'tEnd, T', hint: 'vp knows tEnd, T.' });
  });
});

describe('a number', () => {
  const range = { min: 1, max: 3 };
  it.each([1, 2.5, 3])('may be %f, ends included', value => {
    expect(numberOption('x', value, 2, range)).toBe(value);
  });

  it.each([0.999, 3.001, '2', 2n, null, [2], Number.NaN, Number.POSITIVE_INFINITY])('may not be %s', value => {
    expect(refused(() => numberOption('x', value, 2, range))).toMatchObject({ option: 'x', value });
  });

  it.each([0, 1])('may not be the end %f of an open range', value => {
    expect(refused(() => numberOption('x', value, 0.5, { above: 0, below: 1 })).expected).toBe(
      'a finite number above 0 and below 1',
    );
  });

  it.each([
    [{}, 'a finite number'],
    [{ integer: true }, 'an integer'],
    [{ float32: true }, 'a finite float32 number'],
    [{ min: 1 }, 'a finite number at least 1'],
    [{ max: 1 }, 'a finite number at most 1'],
    [{ min: 1, max: 3, integer: true }, 'an integer at least 1 and at most 3'],
  ])('of %j is expected to be %s', (range, expected) => {
    expect(refused(() => numberOption('x', 'no', 2, range)).expected).toBe(expected);
  });

  it('says that it is the default, only where it is', () => {
    expect(refused(() => numberOption('x', undefined, 9, range)).hint).toMatch(/its default/);
    expect(refused(() => numberOption('x', 9, 2, range)).hint).not.toMatch(/default/);
  });
});

describe('a choice', () => {
  it('says which there are, and suggests for words alone', () => {
    expect(refused(() => choiceOption('x', 'rns', ['rms', 'max']))).toMatchObject({
      expected: "one of 'rms', 'max'",
      hint: "Did you mean 'rms'?",
    });
    expect(refused(() => choiceOption('x', ['rms'], ['rms', 'max'])).hint).not.toMatch(/Did you mean/);
  });

  it('is required where there is no default', () => {
    expect(refused(() => choiceOption('x', undefined, ['rms'])).option).toBe('x');
    expect(choiceOption('x', undefined, ['rms', 'max'], 'max')).toBe('max');
  });
});

describe('a range', () => {
  it.each([[[1, 1]], [[1, 0]], [[0]], [[0, 1, 2]], ['01'], [{ length: 2, 0: 0, 1: 1 }], [[0, '1']]])(
    'is not %j',
    given => {
      expect(refused(() => rangeOption('x', given, [0, 1])).option).toBe('x');
    },
  );

  it('may lie anywhere', () => {
    expect(rangeOption('x', [-1, 1], [0, 1])).toEqual([-1, 1]);
    expect(rangeOption('x', undefined, [0, 1])).toEqual([0, 1]);
  });
});

it('a seed is an integer number or a bigint, up to 2^64 − 1', () => {
  expect(seedOption('seed', 2 ** 53 - 1)).toBe(2n ** 53n - 1n);
  expect(seedOption('seed', 2n ** 64n - 1n)).toBe(2n ** 64n - 1n);
  for (const wrong of [2 ** 53, 0.5, 2n ** 64n, -1n, '1', true, null]) {
    expect(refused(() => seedOption('seed', wrong)).value).toBe(wrong);
  }
});

describe('a device', () => {
  it.each([
    [undefined, 'auto'],
    ['auto', 'auto'],
    ['cpu', ['cpu']],
    ['cuda', ['cuda:0']],
    ['cuda:12', ['cuda:12']],
    [
      ['cuda:1', 'cuda'],
      ['cuda:1', 'cuda:0'],
    ],
  ])('%j is %j', (given, parsed) => {
    expect(parsedDevice('device', given)).toEqual(parsed);
  });

  it.each([
    'gpu',
    'xcuda:0',
    'cuda:0x',
    'cuda:01',
    'cuda:',
    'cuda:a',
    [],
    ['cpu'],
    ['cuda:0', 'cpu'],
    ['cuda', 'cuda:0'],
    3,
  ])('%j is none', given => {
    expect(refused(() => parsedDevice('device', given))).toMatchObject({ option: 'device', value: given });
  });

  it('has a number, but for the CPU', () => {
    expect([cudaNumber('cpu'), cudaNumber('cuda:0'), cudaNumber('cuda:12')]).toEqual([undefined, 0, 12]);
  });
});

describe('numbers of samples', () => {
  const [torch, callback] = [{ kind: 'torch' } as Score, callbackScore(() => {})];

  it('have their limits, the last value included', () => {
    const options = { sde: vp(), score: callback, shape: [1] };
    expect(checkedOptions('sample', { ...options, count: MOST_SAMPLES }).native.count).toBe(MOST_SAMPLES);
    expect(refused(() => checkedOptions('sample', { ...options, count: MOST_SAMPLES + 1 })).hint).toMatch(/firstIndex/);
    expect(checkedOptions('stream', { ...options, count: MOST_SAMPLES + 1 }).native.count).toBe(MOST_SAMPLES + 1);
    const wide = { ...options, shape: [2 ** 33], count: 2 ** 20 };
    expect(refused(() => checkedOptions('sample', wide)).code).toBe('ERR_SDE_INVALID_SHAPE');
    expect(checkedSlots('batch', MOST_SLOTS, { device: ['cpu'] })).toBe(MOST_SLOTS);
    expect(checkedShape('shape', [2 ** 20, 2 ** 20], { score: torch })).toEqual([2 ** 20, 2 ** 20]);
    expect(refused(() => checkedShape('shape', [MOST_ELEMENTS, 2], { score: torch })).option).toBe('shape');
    expect(checkedFirstIndex('firstIndex', 2 ** 53 - 2, { count: 1 })).toBe(2 ** 53 - 2);
    expect(refused(() => checkedFirstIndex('firstIndex', 2 ** 53 - 2, { count: 2 })).option).toBe('firstIndex');
    expect(refused(() => checkedFirstIndex('firstIndex', 0.5, { count: 1 })).expected).toMatch(/integer/);
  });

  it('of slots: whole, or measured, and by default of the device', () => {
    expect(checkedSlots('batch', undefined, { device: ['cpu'] })).toBe(32);
    expect(checkedSlots('batch', undefined, { device: ['cuda:0'] })).toBe(256);
    expect(checkedSlots('batch', 'auto', { device: ['cpu'] })).toBe('auto');
    expect(refused(() => checkedSlots('batch', 1.5, { device: ['cpu'] })).expected).toMatch(/integer/);
    expect(refused(() => checkedSlots('batch', 'many', { device: ['cpu'] })).expected).toMatch(/'auto'/);
  });

  it('fit their arrays', () => {
    const initial = new Float32Array(6);
    expect(checkedInitial('initial', initial, { count: 2, shape: [3] })).toBe(initial);
    expect(refused(() => checkedInitial('initial', initial, { count: 2, shape: [4] })).expected).toBe(
      '8 numbers (count 2 times 4)',
    );
  });

  it('fit the rows of a condition', () => {
    for (const condition of [new Float32Array(6), new Int32Array(2)]) {
      expect(checkedCondition('condition', condition, { count: 2, score: torch })).toBe(condition);
    }
    for (const [condition, code] of [
      [new Float32Array(5), 'ERR_SDE_INVALID_SHAPE'],
      [new Float32Array(0), 'ERR_SDE_INVALID_SHAPE'],
      [new Float64Array(2), 'ERR_SDE_INVALID_OPTION'],
      [[1, 2], 'ERR_SDE_INVALID_OPTION'],
    ] as const) {
      expect(refused(() => checkedCondition('condition', condition, { count: 2, score: torch })).code).toBe(code);
    }
    const other = refused(() => checkedCondition('condition', new Int32Array(2), { count: 2, score: callback }));
    expect(other.hint).toMatch(/info\.samples/);
  });

  it('fit guidance to its condition', () => {
    const condition = new Int32Array(6);
    const given = (guidance: object) => () => checkedGuidance('guidance', guidance, { count: 2, condition });
    const right = { scale: 2, unconditional: new Int32Array(3) };
    expect(given(right)()).toEqual(right);
    expect(refused(given({ ...right, scale: '2' })).option).toBe('guidance.scale');
    expect(refused(given({ ...right, scale: Number.NaN })).option).toBe('guidance.scale');
    expect(refused(given({ ...right, unconditional: new Float32Array(3) })).expected).toMatch(/Int32Array/);
    expect(refused(given({ ...right, unconditional: undefined })).option).toBe('guidance.unconditional');
    expect(refused(given({ ...right, unconditional: new Int32Array(2) })).expected).toBe('3 numbers');
    expect(refused(given({ ...right, scales: 2 })).code).toBe('ERR_SDE_UNKNOWN_OPTION');
    expect(refused(() => checkedGuidance('guidance', right, { count: 2, condition: undefined })).option).toBe(
      'guidance',
    );
    expect(checkedGuidance('guidance', undefined, { count: 2, condition })).toBeUndefined();
  });
});

describe('a signal', () => {
  const whole = { aborted: false, addEventListener() {}, removeEventListener() {} };
  it('is whatever behaves like one', () => {
    expect(checkedSignal('signal', whole)).toBe(whole);
  });

  it.each(['aborted', 'addEventListener', 'removeEventListener'])('has %s', part => {
    expect(refused(() => checkedSignal('signal', { ...whole, [part]: undefined })).option).toBe('signal');
  });
});

it.each([{ maxEvaluations: 1.5 }, { threads: 1.5 }, { threads: 1025 }, { count: 1.5 }])(
  '%j is refused',
  async given => {
    const [option] = Object.keys(given);
    const options = { sde: vp(), score: callbackScore(() => {}), shape: [1], ...given };
    expect(await caught(() => sample(options))).toMatchObject({ option, code: 'ERR_SDE_INVALID_OPTION' });
  },
);

it('a job has every field of the addon that an option has, and no other', () => {
  const { native } = checkedOptions('sample', { sde: vp(), score: callbackScore(() => {}), shape: [2] });
  const named = Object.values(SAMPLE_OPTIONS as AnyOptionTable).flatMap(row => row.native ?? []);
  const made = ['firstIndex', 'schedule', 'tStart', 'tEnd', 'priorStd', 'predicts', 'timeInput'];
  expect(Object.keys(native).sort()).toEqual([...named, ...made].sort());
});

describe('a solver', () => {
  it('is said how to be made', () => {
    const { hint } = refused(() => nativeSolver({ kind: 'none' }, vp()));
    expect(hint).toContain('adaptive() or adaptiveExponential() or ');
  });

  it('that lost a number is refused, not given it', async () => {
    const solver = { ...adaptive(), rtol: null } as unknown as Solver;
    const options = { sde: vp(), score: callbackScore(() => {}), shape: [1], solver };
    expect(await caught(() => sample(options))).toMatchObject({ option: 'adaptive.rtol', value: null });
  });
});
