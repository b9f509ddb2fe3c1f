/** Powers by small constants as products, roots and quotients: exact where they can be, and quick. */
import { type Expression, Graph, transferred } from './graph.js';

/** Up to this a power is made of products. */
const LARGEST = 16;

/** x², …, x¹⁶, √x and one over them in place of pow. */
export function withProducts(expressions: readonly Expression[]): Expression[] {
  const graph = new Graph();
  return transferred(expressions, graph, ({ op }, [base, exponent]) =>
    op === 'pow' && exponent.op === 'constant' ? productOf(graph, base, exponent.value) : undefined,
  );
}

/** Undefined where it stays a power. */
function productOf(graph: Graph, base: Expression, exponent: number): Expression | undefined {
  if (exponent < 0) {
    const positive = productOf(graph, base, -exponent);
    return positive && graph.div(graph.constant(1), positive);
  }
  if (exponent === 0.5) return graph.apply('sqrt', base);
  if (!Number.isInteger(exponent) || exponent > LARGEST || exponent === 0) return undefined;
  if (exponent === 1) return base;
  if (exponent % 2 === 1) return graph.mul(productOf(graph, base, exponent - 1)!, base);
  const root = productOf(graph, base, exponent / 2)!;
  return graph.mul(root, root);
}
