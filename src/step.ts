/** One step of one path, with its noise given: the way to look at a solver by hand. */
import { addon } from './addon.js';
import type { Equations } from './equations/sde.js';
import { lower, outsideOf, paramsByPath } from './equations/sde.js';
import { fromNative, invalidOption } from './errors.js';
import type { CoefficientName } from './native-paths.js';
import { numberOption, optionsObject, readable } from './options/checks.js';
import { checkedSolve, checkedStart, type SolveOptions } from './options/solve.js';
import { answerOf, modulesOf, nativeOutside } from './run/coefficients.js';
import { finiteNumbers } from './run/private-copy.js';
import { fittingSolver } from './solver/paths/solver.js';

/** One step of one path, at once, with its noise given. */
export interface StepInput {
  /** Default 0. */
  t?: number;
  /** Length of the step, > 0. */
  h: number;
  /** [states] */
  x: readonly number[] | Float64Array;
  /** [noises]: the increment of W. */
  dW: readonly number[] | Float64Array;
  /** [noises]: the space-time Lévy area, (1/h) ∫ (W_s − s/h W_h) ds. Default zeros. */
  H?: readonly number[] | Float64Array;
}

/**
 * { x, error }: the state after one step in float64, and what the solver's estimate says of its error (zeros where it has
 * none). Throws as `solve` rejects.
 */
export function step(
  problem: Equations,
  solver: SolveOptions['solver'],
  input: StepInput,
): { x: Float64Array; error: Float64Array } {
  const given = optionsObject<StepInput>('step', input, ['t', 'h', 'x', 'dW', 'H']);
  const h = numberOption('step.h', given.h, Number.NaN, { above: 0 });
  const t = numberOption('step.t', given.t, 0);
  if (t + h === t || !Number.isFinite(t + h)) throw invalidOption('step.h', h, `a step that a time near ${t} can tell`);
  const checked = checkedSolve('step', problem, { t0: t, t1: t + h, x0: given.x });
  const chosen = fittingSolver('step.solver', solver ?? undefined, checked.sde);
  const { sde } = chosen;
  const vector = (name: string, values: unknown) =>
    readable(`step.${name}`, () =>
      finiteNumbers(`step.${name}`, checkedStart(`step.${name}`, values, sde.noises.length, 1)),
    );
  const size = sde.states.length;
  refuseModules(sde);
  const outside = nativeOutside(sde);
  const [x, error] = [new Float64Array(size), new Float64Array(size)];
  try {
    addon().stepPath({
      equations: { ...lower(sde, { needs: chosen.facts.needs }), ...(outside && { outside }) },
      solver: chosen.facts.kind,
      numbers: chosen.solver.numbers,
      t,
      h,
      x: finiteNumbers('step.x', checked.x0),
      params: Float64Array.from(paramsByPath(sde), ({ values }) => values[0]),
      dW: vector('dW', given.dW),
      H: given.H === undefined ? new Float64Array(sde.noises.length) : vector('H', given.H),
      ...(outside && { answer: (of, at, time) => answerAtOnce(sde, of, at, time) }),
      next: x,
      error,
    });
  } catch (cause) {
    throw fromNative(cause);
  }
  return { x, error };
}

/** A network is asked on a thread of its own, which `step` does not wait for. */
function refuseModules(sde: Equations): void {
  const [first] = modulesOf(sde);
  if (first === undefined) return;
  throw invalidOption('step.problem', sde, `an SDE without modules (${first.name} is one)`, {
    hint: 'Take solve() with a solver of { steps: 1 }.',
  });
}

/** Throws ERR_SDE_CALLBACK_FAILED, and ERR_SDE_INVALID_OPTION where the function gives a promise. */
function answerAtOnce(sde: Equations, of: CoefficientName, x: Float64Array, t: number): Float64Array {
  const columns = of === 'diffusion' ? outsideOf(sde)!.columns : 0;
  const out = new Float64Array(x.length * Math.max(columns, 1)).fill(Number.NaN);
  const given = answerOf(sde, of, { x, t: Float64Array.of(t), indices: Float64Array.of(0), out });
  if (given === undefined) return out;
  given.catch(() => {}); // nobody waits for it
  throw invalidOption('step.problem', sde, `functions that answer at once (${of} gives a promise)`, {
    hint: 'Take solve() with a solver of { steps: 1 }.',
  });
}
