/** Random texts of equations, and their values by mathjs' own evaluation. */
import { createRequire } from 'node:module';
import fc from 'fast-check';

/** Functions that mathjs computes with the very functions of ours. */
const FUNCTIONS = [
  'abs',
  'sign',
  'sqrt',
  'exp',
  'log',
  'expm1',
  'log1p',
  'sin',
  'cos',
  'tan',
  'asin',
  'acos',
  'atan',
  'sinh',
  'cosh',
  'tanh',
  'erf',
  'cbrt',
  'floor',
  'ceil',
];

/** Texts over the names given. Integer powers are left out: mathjs does not make products of them. */
export function texts(names: readonly string[]): fc.Arbitrary<string> {
  const leaf = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...names) },
    { weight: 1, arbitrary: fc.constantFrom('1', '2', '0.5', '1.75', '3e-1', 'pi', 'e') },
  );
  const { value } = fc.letrec<{ value: string; condition: string }>(tie => {
    const [value, condition] = [tie('value'), tie('condition')];
    const joined = (...signs: string[]) =>
      fc.tuple(value, fc.constantFrom(...signs), value).map(([a, sign, b]) => `(${a}${sign}${b})`);
    return {
      condition: fc.oneof(
        { maxDepth: 3, depthIdentifier: 'condition' },
        joined('<', '>', ' <= ', ' >= ', ' == ', ' != '),
        fc
          .tuple(condition, fc.constantFrom('and', 'or', 'xor'), condition)
          .map(([a, word, b]) => `(${a} ${word} ${b})`),
        condition.map(a => `(not ${a})`),
        fc.tuple(value, value, value).map(([a, b, c]) => `(${a} < ${b} <= ${c})`),
      ),
      value: fc.oneof(
        { maxDepth: 5, depthIdentifier: 'value' },
        leaf,
        leaf,
        joined('+', '-', '*', ' - '),
        // Whether a zero is one below 0 is not kept: nothing is divided by it.
        fc.tuple(value, value).map(([a, b]) => `(${a}/(1 + ${b}*${b}))`),
        value.map(a => `(-${a})`),
        fc.tuple(fc.constantFrom(...FUNCTIONS), value).map(([name, a]) => `${name}(${a})`),
        fc
          .tuple(fc.constantFrom('atan2', 'pow', 'min', 'max'), value, value)
          .map(([name, a, b]) => `${name}(${a}, ${b})`),
        fc.tuple(value, value, value).map(([a, b, c]) => `max(${a}, ${b}, ${c})`),
        fc.tuple(condition, value, value).map(([c, a, b]) => `(${c} ? ${a} : ${b})`),
      ),
    };
  });
  return value;
}

interface MathJs {
  all: object;
  create(parts: object, config: object): { evaluate(text: string, scope: object): unknown };
}

/** Whose comparisons take only equal numbers for equal: by default it is a part in 10^12. */
const mathjs = (({ create, all }: MathJs) => create(all, { relTol: 1e-300, absTol: 0 }))(
  createRequire(import.meta.url)('mathjs/number'),
);

/** What mathjs itself makes of the text. */
export function valueByMathjs(text: string, scope: Readonly<Record<string, number>>): number {
  return Number(mathjs.evaluate(text, { ...scope }));
}
