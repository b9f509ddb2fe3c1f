/** Expressions as text that parses to the same expression. */
import { type Expression, reachedFrom } from './graph.js';

/** Characters of one text; a longer one is cut, with … at its end. */
const LONGEST = 100_000;

interface Names {
  readonly states: readonly string[];
  readonly params: readonly string[];
}

interface Printed {
  readonly text: string;
  readonly level: number;
}

/** How tightly an operator binds, loosest first. */
const [CHOICE, COMPARISON, SUM, PRODUCT, SIGN, POWER, ATOM] = [0, 1, 2, 3, 4, 5, 6];

/** Operator, its level, the levels that its sides need. */
const BETWEEN: Partial<Record<Expression['op'], readonly [string, number, number, number]>> = {
  add: [' + ', SUM, SUM, PRODUCT],
  sub: [' - ', SUM, SUM, PRODUCT],
  mul: ['*', PRODUCT, PRODUCT, SIGN],
  div: ['/', PRODUCT, PRODUCT, SIGN],
  pow: ['^', POWER, ATOM, SIGN],
  less: [' < ', COMPARISON, SUM, SUM],
  lessEqual: [' <= ', COMPARISON, SUM, SUM],
  equal: [' == ', COMPARISON, SUM, SUM],
};

export function printed(expression: Expression, names: Names): string {
  const texts = new Map<Expression, Printed>();
  for (const part of reachedFrom([expression])) {
    const { text, level } = printedPart(part, names, arg => texts.get(arg)!);
    // Shared parts are written out where they are used: the text may be far longer than the graph.
    texts.set(part, { text: text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text, level });
  }
  return texts.get(expression)!.text;
}

function printedPart({ op, args, value }: Expression, names: Names, known: (of: Expression) => Printed): Printed {
  const at = (arg: Expression, level: number): string => {
    const inner = known(arg);
    return inner.level >= level ? inner.text : `(${inner.text})`;
  };
  const between = BETWEEN[op];
  if (between) {
    const [sign, level, left, right] = between;
    return { text: `${at(args[0], left)}${sign}${at(args[1], right)}`, level };
  }
  switch (op) {
    case 'constant':
      return { text: String(value), level: value < 0 ? SIGN : ATOM };
    case 'state':
      return { text: names.states[value], level: ATOM };
    case 'param':
      return { text: names.params[value], level: ATOM };
    case 'time':
      return { text: 't', level: ATOM };
    case 'neg': {
      const text = at(args[0], PRODUCT);
      // −(a·b) is read as (−a)·b, which is the same; but −(2·b) or −((a − b)·c) would take the sign into what comes first.
      return { text: /^[-(0-9]/.test(text) ? `-(${text})` : `-${text}`, level: PRODUCT };
    }
    case 'select': {
      const [condition, yes, no] = args;
      return { text: `${at(condition, COMPARISON)} ? ${at(yes, COMPARISON)} : ${at(no, COMPARISON)}`, level: CHOICE };
    }
    default:
      return { text: `${op}(${args.map(arg => at(arg, CHOICE)).join(', ')})`, level: ATOM };
  }
}
