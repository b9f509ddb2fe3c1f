/** Paths of any SDE: all of them, or statistics. */
import type { Equations } from './equations/sde.js';
import { paramsByPath } from './equations/sde.js';
import { invalidOption } from './errors.js';
import { optionsObject } from './options/checks.js';
import { MOST_SAMPLES } from './options/limits.js';
import { type CheckedReductions, checkedReductions, type Reductions } from './options/reductions.js';
import { type CheckedSolve, checkedSolve, SOLVE_OPTIONS, type SolveOptions } from './options/solve.js';
import type { Reduced, SolvedSteps, SolveResult } from './result.js';
import { holdModules } from './run/coefficients.js';
import { keptPaths } from './run/kept-paths.js';
import { nativeOptions, type OwnNumbers, ownNumbers } from './run/path-inputs.js';
import { pathsDevice } from './run/paths-device.js';
import { runPaths } from './run/paths-job.js';
import { reducedPaths } from './run/reduced.js';
import { stepsPlan } from './run/steps-plan.js';
import { type ChosenSolver, fittingSolver } from './solver/paths/solver.js';

/**
 * Solves dX = f dt + G dW for `paths` paths, on a thread of its own and the solver's threads; the event loop stays free.
 *
 * With `reductions` paths are not kept: the result has statistics of them. With saveAt 'steps' each path has times and
 * states of its own.
 *
 * Rejects with ERR_SDE_UNKNOWN_OPTION, ERR_SDE_INVALID_OPTION, ERR_SDE_INVALID_SHAPE or ERR_SDE_INVALID_EQUATION before
 * any work starts; with ERR_SDE_PATH_FAILED (see `onFailure`) or ERR_SDE_ABORTED with what was finished in the error's
 * `result`; with ERR_SDE_CUDA_UNAVAILABLE, ERR_SDE_OUT_OF_MEMORY, ERR_SDE_ADDON_MISSING, or what `onProgress` threw.
 */
export async function solve(problem: Equations, options: SolveOptions & { saveAt: 'steps' }): Promise<SolvedSteps>;
export async function solve(problem: Equations, options: SolveOptions & { reductions: Reductions }): Promise<Reduced>;
export async function solve(
  problem: Equations,
  options: SolveOptions & { reductions?: undefined },
): Promise<SolveResult>;
export async function solve(
  problem: Equations,
  options: SolveOptions & { reductions?: Reductions },
): Promise<SolveResult | SolvedSteps | Reduced> {
  const given = optionsObject('solve', options, [...SOLVE_OPTIONS, 'reductions', 'resume']);
  const asked = checkedSolve('solve', problem, given);
  const checked = { ...asked, device: pathsDevice('solve', asked) };
  const chosen = fittingSolver('solve.solver', checked.solver, checked.sde);
  const reductions = checkedReductions('solve.reductions', given.reductions, checked);
  refuseUnfit('solve', checked, chosen, reductions);
  if (!reductions && checked.paths > MOST_SAMPLES) {
    throw invalidOption('solve.paths', checked.paths, 'at most 2^26', {
      hint: 'Use streamPaths() or reductions, which keep none, or solve more in pieces, by firstIndex.',
    });
  }
  const release = holdModules(checked.sde);
  try {
    const numbers = await ownNumbers('solve', checked);
    if (!reductions) return await keptPaths(checked, chosen, numbers);
    return await statisticsOfPaths(checked, chosen, numbers, reductions);
  } finally {
    release();
  }
}

async function statisticsOfPaths(
  checked: CheckedSolve,
  chosen: ChosenSolver,
  numbers: OwnNumbers,
  reductions: CheckedReductions,
): Promise<Reduced> {
  const shared = nativeOptions(checked, chosen, stepsPlan(checked, chosen), numbers);
  return reducedPaths(
    await runPaths({ ...shared, reductions: reductions.native }, checked),
    checked,
    chosen,
    reductions,
  );
}

/** What options and solver ask for together. */
export function refuseUnfit(
  where: string,
  checked: CheckedSolve,
  { solver }: ChosenSolver,
  reductions?: CheckedReductions,
): void {
  const { cells, steps, saveW, sde, paths } = checked;
  if (cells > 0 && solver.steps > 0 && cells % solver.steps !== 0) {
    throw invalidOption(`${where}.path.steps`, cells, `a multiple of the solver's ${solver.steps} steps`);
  }
  if (reductions && (steps || saveW)) {
    throw invalidOption('solve.reductions', undefined, `no ${steps ? "saveAt 'steps'" : 'saveW'} beside it`);
  }
  for (const { name, values } of paramsByPath(sde)) {
    if (values.length === paths) continue;
    throw invalidOption(`params.${name}`, values, `${paths} numbers, one a path`, { code: 'ERR_SDE_INVALID_SHAPE' });
  }
}
