/** mathjs, of which only its parser and the error function are used, loaded with the first equation (0.3 s). */
import { loadParser } from '#binding';

/** What is read of a node of mathjs' syntax tree. */
export interface MathNode {
  readonly type: string;
  /** Of an operator its word ('add'), of a call the name of the function as a node of its own. */
  readonly fn?: string | MathNode;
  readonly args?: readonly MathNode[];
  readonly name?: string;
  readonly value?: unknown;
  /** Of parentheses. */
  readonly content?: MathNode;
  /** Of a ? b : c. */
  readonly condition?: MathNode;
  readonly trueExpr?: MathNode;
  readonly falseExpr?: MathNode;
  /** Of a < b <= c: the words of its comparisons, and what they compare. */
  readonly conditionals?: readonly string[];
  readonly params?: readonly MathNode[];
}

interface MathJs {
  parse(text: string): MathNode;
  erf(x: number): number;
}

let loaded: MathJs | undefined;

/** Throws ERR_SDE_ADDON_MISSING in a bundle. */
export function mathjs(): MathJs {
  loaded ??= loadParser() as MathJs;
  return loaded;
}
