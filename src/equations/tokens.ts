/**
 * An equation's text in pieces, each with its position. Whatever is no arithmetic is refused here, before mathjs, which
 * would take it for units, matrices, assignments or a product.
 */
import { equationFault, quoted } from './fault.js';

export interface Token {
  readonly kind: 'number' | 'name' | 'word' | 'symbol';
  readonly text: string;
  /** Characters from … to − 1. */
  readonly from: number;
  readonly to: number;
}

/** Pieces of one text: more would make mathjs' recursion or its time a matter of luck. */
const MOST_TOKENS = 20_000;
/** Characters of one text, spaces among them: of so many pieces, and more than a sum of 10,000 long names has. */
const MOST_CHARACTERS = 2 ** 18;
/** Characters of a name that something may have. */
const LONGEST_NAME = 80;
/** Parentheses inside of parentheses. */
const DEEPEST = 100;

/** Operators that are words. */
const OPERATOR_WORDS: ReadonlySet<string> = new Set(['and', 'or', 'xor', 'not', 'mod']);
/** Words that mean something else to mathjs, and so may name nothing. */
const FOREIGN_WORDS: ReadonlySet<string> = new Set('to in end true false null undefined NaN Infinity'.split(' '));

export const isOperatorWord = (name: string): boolean => OPERATOR_WORDS.has(name);
export const isForeignWord = (name: string): boolean => FOREIGN_WORDS.has(name);

const NAME = '[A-Za-z_\\u0370-\\u03ff][A-Za-z_0-9\\u0370-\\u03ff]*';
const PIECE = new RegExp(
  `(?<number>(?:\\d+(?:\\.\\d+)?|\\.\\d+)(?:[eE][-+]?\\d+)?)|(?<name>${NAME})|(?<symbol><=|>=|==|!=|\\*(?!\\*)|[-+/^(),?:<>=])`,
  'y',
);
const WHOLE_NAME = new RegExp(`^${NAME}$`);

/** Whether anything may be called so. */
export const isName = (text: string): boolean => text.length <= LONGEST_NAME && WHOLE_NAME.test(text);

/** What to write instead of what people bring from other languages. */
const INSTEAD: readonly [RegExp, string][] = [
  [/\*\*/y, 'Write ^ for a power.'],
  [/&&?/y, "Write 'and'."],
  [/\|\|/y, "Write 'or'."],
  [/\|/y, 'Write abs(…).'],
  [/!/y, "Write 'not', or != between two sides."],
  [/%/y, 'Write mod(a, b).'],
  [/[[\]{}]/y, 'An equation has no matrices, lists or objects: write one equation a state.'],
  [/["'`\\]/y, 'An equation has no texts.'],
  [/;/y, 'Give each equation as a text of its own.'],
  [/[·×∘]/y, 'Write * for a product.'],
  [/[−–]/y, 'Write - for minus.'],
];

/** Throws ERR_SDE_INVALID_EQUATION. */
export function tokensOf(option: string, text: string): Token[] {
  const tokens: Token[] = [];
  const place = (from: number, to: number) => ({ option, text, from, to });
  let depth = 0;
  for (let at = 0; at < text.length; ) {
    if (/\s/.test(text[at])) {
      at++;
      continue;
    }
    const piece = matches(PIECE, text, at);
    if (!piece) {
      const instead = INSTEAD.find(([what]) => matches(what, text, at));
      const hint = instead?.[1] ?? 'An equation has numbers, names, functions, + - * / ^ ( ) , and comparisons.';
      const character = String.fromCodePoint(text.codePointAt(at)!);
      throw equationFault(place(at, at + character.length), `'${character}' means nothing`, hint);
    }
    const token = tokenOf(piece, at, endsValue(tokens.at(-1)));
    refuseMeaningless(token, tokens.at(-1), place);
    depth += token.text === '(' ? 1 : token.text === ')' ? -1 : 0;
    if (depth > DEEPEST) {
      throw equationFault(place(at, at + 1), `more than ${DEEPEST} parentheses in each other`, 'Write it flatter.');
    }
    tokens.push(token);
    if (tokens.length > MOST_TOKENS) {
      throw equationFault(
        place(at, token.to),
        `the text has more than ${MOST_TOKENS} numbers, names and signs`,
        'Split it over more states.',
      );
    }
    at = token.to;
  }
  if (tokens.length === 0) throw equationFault(place(0, 1), 'the text is empty', 'Write 0 for nothing.');
  if (text.length > MOST_CHARACTERS) {
    const problem = `the text has ${text.length} characters, and at most ${MOST_CHARACTERS} are possible`;
    throw equationFault(place(0, 1), problem, 'Split it over more states.');
  }
  return tokens;
}

function matches(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function tokenOf({ 0: text, groups }: RegExpExecArray, from: number, isAfterValue: boolean): Token {
  const kind = groups!.number !== undefined ? 'number' : groups!.symbol !== undefined ? 'symbol' : 'name';
  // 'a mod b' is an operator, 'mod(a, b)' a function.
  const isWord = kind === 'name' && OPERATOR_WORDS.has(text) && (isAfterValue || text === 'not');
  return { kind: isWord ? 'word' : kind, text, from, to: from + text.length };
}

function endsValue(token: Token | undefined): boolean {
  return token !== undefined && (token.text === ')' || token.kind === 'number' || token.kind === 'name');
}

/** Words without a meaning here, and a product without its sign. */
function refuseMeaningless(token: Token, before: Token | undefined, place: (from: number, to: number) => Place): void {
  if (token.kind === 'name' && FOREIGN_WORDS.has(token.text)) {
    throw equationFault(place(token.from, token.to), `'${token.text}' means nothing here`, 'Use another name.');
  }
  if (token.kind === 'name' && token.text.length > LONGEST_NAME) {
    const hint = `Names have at most ${LONGEST_NAME} characters.`;
    throw equationFault(place(token.from, token.to), `unknown name ${quoted(token.text)}`, hint);
  }
  if (token.kind === 'number' && !Number.isFinite(Number(token.text))) {
    throw equationFault(place(token.from, token.to), 'the number is too large', 'The largest is 1.7e308.');
  }
  const isCall = before?.kind === 'name' && token.text === '(';
  if (
    !before ||
    !endsValue(before) ||
    isCall ||
    !(token.text === '(' || token.kind === 'number' || token.kind === 'name')
  )
    return;
  const hint =
    before.kind === 'name' && token.kind !== 'symbol'
      ? `Write ${before.text}(${token.text}) for a function, ${before.text}*${token.text} for a product.`
      : 'Write * for a product.';
  throw equationFault(place(before.from, token.to), 'two values without an operator between them', hint);
}

type Place = Parameters<typeof equationFault>[0];
