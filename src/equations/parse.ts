/** An equation's text as steps of a stack machine (operands first), each with its place in the text. */
import { messageOf, type SdeError } from '../errors.js';
import { equationFault, type Place } from './fault.js';
import { type MathNode, mathjs } from './mathjs.js';
import { type Token, tokensOf } from './tokens.js';

export interface Step {
  readonly kind: 'number' | 'name' | 'operator' | 'call';
  /** A name, an operator's or a function's word ('add', 'sin'); of a chain of comparisons theirs ('smaller smallerEq'). */
  readonly word: string;
  readonly value: number;
  /** So many results of steps before are what this one takes. */
  readonly operands: number;
  readonly place: Place;
}

/** Throws ERR_SDE_INVALID_EQUATION with the place of what cannot be read. */
export function parse(option: string, text: string): Step[] {
  return stepsOf(option, text, tokensOf(option, text));
}

/** The same for a part of a text; its places count from the start of the whole text. */
export function stepsOf(option: string, text: string, tokens: readonly Token[]): Step[] {
  const [first, last] = [tokens[0], tokens.at(-1)!];
  // Spaces alone are the same to mathjs wherever they stand; a new line would begin another expression.
  const part = `${' '.repeat(first.from)}${text.slice(first.from, last.to)}`.replaceAll(/\s/g, ' ');
  const parser = mathjs();
  let tree: MathNode;
  try {
    tree = parser.parse(part);
  } catch (error) {
    throw unreadable(error, { option, text, from: first.from, to: last.to });
  }
  return flattened(tree, { option, text, tokens });
}

function unreadable(error: unknown, whole: Place): SdeError {
  if (error instanceof RangeError) {
    return equationFault(whole, 'the text is nested too deeply', 'Write it flatter.');
  }
  const { char } = error as { char?: unknown };
  // Counted from 1.
  const at = typeof char === 'number' ? Math.min(Math.max(char - 1, whole.from), whole.to) : whole.from;
  const said = messageOf(error).replace(/ \(char \d+\)$/, '');
  return equationFault({ ...whole, from: at, to: at + 1 }, said, 'Correct the text there.');
}

interface Source {
  readonly option: string;
  readonly text: string;
  readonly tokens: readonly Token[];
}

/** mathjs keeps no positions. But its names and numbers come in the order of the text, so that each is the next piece. */
function flattened(tree: MathNode, source: Source): Step[] {
  const leaves = source.tokens.flatMap((token, i) => (token.kind === 'number' || token.kind === 'name' ? [i] : []));
  let nextLeaf = 0;
  const takeLeaf = (node: MathNode): number => {
    const at = leaves[nextLeaf++];
    const token = source.tokens[at];
    const same = token?.kind === 'number' ? Number(token.text) === node.value : token?.text === node.name;
    if (!same)
      throw equationFault(placed(source, 0, source.tokens.length - 1), 'the text cannot be read', 'Simplify it.');
    return at;
  };
  const steps: Step[] = [];
  /** First and last piece of each result that is still to be taken. */
  const spans: [number, number][] = [];
  /** Where the name of each open call stands. */
  const names: number[] = [];
  const pending: { node: MathNode; isDone: boolean }[] = [{ node: tree, isDone: false }];
  while (pending.length > 0) {
    const { node, isDone } = pending.pop()!;
    const children = childrenOf(node);
    if (!isDone && children === undefined) {
      const at = nextLeaf < leaves.length ? leaves[nextLeaf] : 0;
      throw equationFault(
        placed(source, at, at),
        'this is no arithmetic',
        'Use numbers, names, functions and + - * / ^.',
      );
    }
    if (!isDone) {
      if (node.type === 'FunctionNode') names.push(takeLeaf(node.fn as MathNode));
      pending.push({ node, isDone: true });
      for (const child of children!.toReversed()) pending.push({ node: child, isDone: false });
      continue;
    }
    if (node.type === 'ParenthesisNode') {
      const span = spans.at(-1)!;
      spans[spans.length - 1] = [span[0] - 1, span[1] + 1];
      continue;
    }
    const taken = spans.splice(spans.length - children!.length, children!.length);
    const span = spanOf(node, taken, () => (node.type === 'FunctionNode' ? names.pop()! : takeLeaf(node)));
    spans.push(span);
    steps.push({ ...meaningOf(node), operands: children!.length, place: placed(source, ...span) });
  }
  return steps;
}

/** Undefined where the node is nothing that an equation may have. */
function childrenOf(node: MathNode): readonly MathNode[] | undefined {
  switch (node.type) {
    case 'SymbolNode':
      return [];
    case 'ConstantNode':
      return typeof node.value === 'number' ? [] : undefined;
    case 'ParenthesisNode':
      return [node.content!];
    case 'OperatorNode':
      return node.args;
    case 'FunctionNode':
      return (node.fn as MathNode).type === 'SymbolNode' ? node.args : undefined;
    case 'ConditionalNode':
      return [node.condition!, node.trueExpr!, node.falseExpr!];
    case 'RelationalNode':
      return node.params;
    default:
      return undefined;
  }
}

function spanOf(node: MathNode, taken: readonly [number, number][], leaf: () => number): [number, number] {
  if (node.type === 'FunctionNode') {
    const name = leaf();
    // Up to the closing parenthesis; without arguments there are just the two.
    return [name, (taken.at(-1)?.[1] ?? name + 1) + 1];
  }
  if (taken.length === 0) {
    const at = leaf();
    return [at, at];
  }
  const isPrefix = node.type === 'OperatorNode' && taken.length === 1;
  return [taken[0][0] - (isPrefix ? 1 : 0), taken.at(-1)![1]];
}

function meaningOf(node: MathNode): Pick<Step, 'kind' | 'word' | 'value'> {
  const operator = (word: string) => ({ kind: 'operator', word, value: 0 }) as const;
  if (node.type === 'ConstantNode') return { kind: 'number', word: '', value: node.value as number };
  if (node.type === 'SymbolNode') return { kind: 'name', word: node.name!, value: 0 };
  if (node.type === 'FunctionNode') return { kind: 'call', word: (node.fn as MathNode).name!, value: 0 };
  if (node.type === 'ConditionalNode') return operator('select');
  if (node.type === 'RelationalNode') return operator(node.conditionals!.join(' '));
  return operator(node.fn as string);
}

function placed({ option, text, tokens }: Source, first: number, last: number): Place {
  return { option, text, from: tokens[first].from, to: tokens[Math.min(last, tokens.length - 1)].to };
}
