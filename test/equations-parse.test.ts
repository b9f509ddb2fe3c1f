/** Texts that are no equations: each is refused with its place and with what to write instead. */
import { describe, expect, it, test } from 'vitest';
import { type EquationSde, itoSde, type SdeError, stratonovichSde } from '../src/index.js';
import { caught } from './support/caught.js';

const withEquation = (text: string): EquationSde =>
  itoSde({ state: ['x', 'y'], params: { rate: 1 }, equations: [text, 'dy = dt'] });

/** The characters over the mark. */
function marked({ message }: SdeError): string {
  const [text, mark] = message.split('\n').slice(-2);
  return text.slice(mark.indexOf('^'), mark.lastIndexOf('^') + 1);
}

describe('a text that is no equation', () => {
  const CASES: [text: string, mark: string, message: RegExp][] = [
    // names
    ['dx = rat*x*dt', 'rat', /unknown name 'rat'. Did you mean rate\?/],
    ['dx = (x + zebra)*dt', 'zebra', /unknown name 'zebra'. Add it to state or params/],
    ['dx = sin*dt', 'sin', /It is a function: write sin\(…\)/],
    ['dx = foo(x)*dt', 'foo(x)', /unknown function 'foo'/],
    ['dx = ln(x)*dt', 'ln(x)', /Write log\./],
    ['dx = x(y)*dt', 'x(y)', /write x\*\(…\) for a product/],
    ['dx = import(x)*dt', 'import(x)', /unknown function 'import'/],
    ['dx = constructor*dt', 'constructor', /unknown name/],
    ['dx = toString(x)*dt', 'toString(x)', /unknown function/],
    ['dx = __proto__(x)*dt', '__proto__(x)', /unknown function/],
    ['dx = Infinity*dt', 'Infinity', /means nothing here/],
    ['dx = true*dt', 'true', /means nothing here/],
    ['dx = and(x, y)*dt', 'and(x, y)', /unknown function 'and'/],
    // products without a sign, units
    ['dx = 2x*dt', '2x', /without an operator.*Write \* for a product/],
    ['dx = 2 x y*dt', '2 x', /without an operator/],
    ['dx = sin t*dt', 'sin t', /Write sin\(t\) for a function, sin\*t for a product/],
    ['dx = (x)(y)*dt', ')(', /without an operator/],
    ['dx = 3(x)*dt', '3(', /without an operator/],
    ['dx = 5 cm*dt', '5 cm', /without an operator/],
    ['dx = x in cm*dt', 'in', /means nothing here/],
    ['dx = 0x1F*dt', '0x1F', /without an operator/],
    // what is no arithmetic
    ['dx = [1, 2]*dt', '[', /no matrices/],
    ['dx = {a: 1}*dt', '{', /no matrices, lists or objects/],
    ['dx = "x"*dt', '"', /no texts/],
    ["dx = x'*dt", "'", /no texts/],
    ['dx = x!*dt', '!', /Write 'not'/],
    ['dx = x**2*dt', '*', /Write \^ for a power/],
    ['dx = |x|*dt', '|', /Write abs\(…\)/],
    ['dx = x % 2*dt', '%', /Write mod\(a, b\)/],
    ['dx = x && y ? dt : dt', '&', /Write 'and'/],
    ['dx = x.y*dt', '.', /means nothing/],
    ['dx = x; y', ';', /text of its own/],
    ['dx = 1:3*dt', '1', /no arithmetic/],
    ['dx = x ∘ dW1', '∘', /Write \* for a product/],
    ['dx = 😀*dt', '😀', /means nothing/],
    ['dx = x\u0000*dt', ' ', /means nothing/],
    ['dx = 1e999*dt', '1e999', /too large/],
    // syntax
    ['dx = (x + )*dt', ')', /Value expected/],
    ['dx = x + y)*dt', ')', /./],
    ['dx = sqrt(x*dt', '', /\) expected/],
    ['dx = max()*dt', 'max()', /max takes at least 1 argument, not 0/],
    ['dx = sin(x, y)*dt', 'sin(x, y)', /sin takes 1 argument, not 2/],
    ['dx = x ? dt', '', /False part/],
    // the form of an SDE
    ['x = dt', 'x', /'x' is the change of no state. Begin with dx, dy and =/],
    ['dz = dt', 'dz', /'dz' is the change of no state/],
    ['dx + 1 = dt', 'dx + 1 = dt', /no equation of an SDE/],
    ['dy = dt', 'dy', /a second equation for y/],
    ['dx =', 'dx =', /right side is empty/],
    ['dx = f = x*dt', '=', /a second =/],
    ['f(x) = x', 'f(x) = x', /no equation of an SDE/],
    ['dx = x^2 + dt', 'x^2', /neither dt nor a dW/],
    ['dx = dt + x*(rate - 1)', 'x*(rate - 1)', /neither dt nor a dW/],
    ['dx = (1 + dt)*x', '1', /neither dt nor a dW/],
    ['dx = x*(1 + dt)', '1', /neither dt nor a dW/],
    ['dx = dt*dW1', 'dt*dW1', /product of differentials/],
    ['dx = x*(dW1 + dt)*dW2', 'x*(dW1 + dt)*dW2', /product of differentials/],
    ['dx = sqrt(x*dt)', 'x*dt', /not linear in dt and dW/],
    ['dx = dW1^2', 'dW1', /not linear/],
    ['dx = x/dt', 'dt', /not linear/],
    ['dx = dt > 0 ? dt : dW1', 'dt', /not linear/],
    ['dx = max(dW1, dt)', 'dW1', /not linear/],
    ['dx = dy*x', 'dy', /unknown name 'dy'/],
  ];

  it.each(CASES)('%s', async (text, mark, message) => {
    // The second equation is dy's where the first is meant to be one too many.
    const error = await caught(() => withEquation(text));
    const option = text.startsWith('dy') ? 'itoSde.equations[1]' : 'itoSde.equations[0]';
    expect(error).toMatchObject({ code: 'ERR_SDE_INVALID_EQUATION', option });
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(/[.?]$/);
    if (!text.startsWith('dy')) expect(marked(error)).toBe(mark);
  });

  it('is shown around its place where it is long', async () => {
    const long = `dx = (${'x + y*'.repeat(1000)}zebra + ${'x*'.repeat(1000)}y)*dt`;
    const error = await caught(() => withEquation(long));
    expect(marked(error)).toBe('zebra');
    expect(error.message.length).toBeLessThan(400);
  });
});

describe('hostile texts', () => {
  const refused = async (text: string, message: RegExp) => {
    const error = await caught(() => withEquation(text));
    expect(error.code).toBe('ERR_SDE_INVALID_EQUATION');
    expect(error.message).toMatch(message);
    expect(error.message.length).toBeLessThan(600);
  };

  test('parentheses without end', () => refused(`dx = ${'('.repeat(1e6)}`, /more than 100 parentheses/));
  test('calls without end', () => refused(`dx = ${'sin('.repeat(1e5)}`, /more than 100 parentheses/));
  test('a million terms', () => refused(`dx = ${'x+'.repeat(1e6)}x`, /more than 20000/));
  test('signs without end', () => refused(`dx = ${'-'.repeat(19_000)}x*dt`, /too deeply/));
  test('powers without end', () => refused(`dx = ${'x^'.repeat(9000)}x*dt`, /too deeply/));
  test('choices without end', () => refused(`dx = ${'x?x:'.repeat(4000)}x`, /too deeply/));
  test('a name of a megabyte', () => refused(`dx = ${'a'.repeat(1e6)}`, /unknown name/));

  test('spaces of a megabyte', () => refused(`dx = x*dt${' '.repeat(1e6)}`, /has 1000009 characters/));

  test('a long sum is none', () => {
    const sde = withEquation(`dx = (${Array.from({ length: 4000 }, (_, i) => `${i}*x`).join(' + ')})*dt`);
    expect(sde.noiseClass).toBe('additive');
  });

  test('10,000 states', async () => {
    const state = Array.from({ length: 10_000 }, (_, i) => `x${i}`);
    const coefficients = state.map(name => `-${name}`);
    const error = await caught(() => itoSde({ state, drift: coefficients, diffusion: coefficients }));
    expect(error).toMatchObject({ code: 'ERR_SDE_INVALID_EQUATION', option: 'itoSde.state' });
    expect(error.message).toMatch(/10000 names. At most 4096/);
  });
});

describe('options', () => {
  const good = { state: ['x'], drift: ['-x'], diffusion: ['1'] };
  const CASES: [name: string, spec: object, option: string, message: RegExp][] = [
    ['no states', { ...good, state: [] }, 'itoSde.state', /a list of names/],
    ['a state that is no name', { ...good, state: ['2x'] }, 'itoSde.state[0]', /a name/],
    ['a state twice', { ...good, state: ['x', 'x'] }, 'itoSde.state', /'x' stands there twice/],
    ['a state called t', { ...good, state: ['t'] }, 'itoSde.state[0]', /'t' is the time/],
    ['a state called e', { ...good, state: ['e'] }, 'itoSde.state[0]', /'e' is a constant/],
    ['a state called exp', { ...good, state: ['exp'] }, 'itoSde.state[0]', /'exp' is a function/],
    ['a state called and', { ...good, state: ['and'] }, 'itoSde.state[0]', /a word of its own/],
    ['a parameter that is a state', { ...good, params: { x: 1 } }, 'itoSde.params', /'x' is a state too/],
    ['a parameter called dt', { ...good, params: { dt: 1 } }, 'itoSde', /'dt' is a differential/],
    ['a parameter that is NaN', { ...good, params: { k: Number.NaN } }, 'itoSde.params.k', /a finite number/],
    ['a parameter that is a list', { ...good, params: { k: [1, 2] } }, 'itoSde.params.k', /Float64Array/],
    ['an empty parameter', { ...good, params: { k: new Float64Array() } }, 'itoSde.params.k', /one a path/],
    ['too few drifts', { ...good, state: ['x', 'y'] }, 'itoSde.drift', /1 for 2 states/],
    ['no diffusion', { ...good, diffusion: undefined }, 'itoSde.diffusion', /a list/],
    [
      'a row that is short',
      { ...good, state: ['x', 'y'], drift: ['0', '0'], diffusion: [['1', '2'], ['1']] },
      'itoSde.diffusion[1]',
      /a list of 2/,
    ],
    ['both forms', { ...good, equations: ['dx = dt'] }, 'itoSde.drift', /nothing beside equations/],
    ['no form', { state: ['x'] }, 'itoSde.equations', /equations, or drift and diffusion/],
    [
      'a matrix of one noise',
      { ...good, diffusion: [['1']], noise: 'scalar' },
      'itoSde.diffusion',
      /not a list of lists/,
    ],
    ['names of noises that are states', { ...good, noise: ['x'] }, 'itoSde.noise', /'x' is a state/],
    ['too many names of noises', { ...good, noise: ['A', 'B'] }, 'itoSde.noise', /2 names for 1 noises/],
    ['a text that is none', { ...good, drift: [null] }, 'itoSde.drift[0]', /a text or a finite number/],
    ['a dW in a coefficient', { ...good, drift: ['dW1'] }, 'itoSde.drift[0]', /what is before dt and dW/],
    ['an = in a coefficient', { ...good, drift: ['x = 1'] }, 'itoSde.drift[0]', /./],
    ['a domain that is no condition', { ...good, domain: ['x'] }, 'itoSde.domain[0]', /no condition/],
    ['an unknown option', { ...good, drfit: [] }, 'drfit', /Did you mean drift/],
  ];

  it.each(CASES)('%s', async (_name, spec, option, message) => {
    const error = await caught(() => itoSde(spec as never));
    expect(error.option).toBe(option);
    expect(error.message).toMatch(message);
  });

  it('name the function that they were given to', async () => {
    const error = await caught(() => stratonovichSde({ ...good, drift: ['z'] }));
    expect(error.option).toBe('stratonovichSde.drift[0]');
  });

  it('name a noise that is not declared', async () => {
    const error = await caught(() => itoSde({ state: ['x'], noise: ['W1'], equations: ['dx = dW1 + dW2'] }));
    expect(error.message).toMatch(/'dW2' is none of the noises. They are dW1/);
  });
});
