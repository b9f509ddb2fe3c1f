/** Values of expressions at one point, in double precision. */
import { compute } from './arithmetic.js';
import { type Expression, reachedFrom } from './graph.js';

export interface Point {
  readonly x: ArrayLike<number>;
  readonly t: number;
  readonly params: ArrayLike<number>;
}

/** Of the outputs and of all that they are made of. */
export function valuesAt(outputs: readonly Expression[], { x, t, params }: Point): Map<Expression, number> {
  const values = new Map<Expression, number>();
  for (const expression of reachedFrom(outputs)) {
    const { op, args, value } = expression;
    const [a, b, c] = args.map(arg => values.get(arg)!);
    const own =
      op === 'constant'
        ? value
        : op === 'state'
          ? x[value]
          : op === 'time'
            ? t
            : op === 'param'
              ? params[value]
              : compute(op, a, b, c);
    values.set(expression, own);
  }
  return values;
}
