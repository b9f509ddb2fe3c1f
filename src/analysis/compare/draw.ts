/** The samples of every cell: those that are kept are read, the others drawn and kept. */

import type { Trajectory } from '../../result.js';
import { sample } from '../../sample.js';
import { checkedSde } from '../../sde/sde.js';
import { DEFAULT_SOLVER, nativeSolver, type Solver } from '../../solver/solver.js';
import type { Cell, CellFolder } from './cells.js';
import { canonical, identityOf, keyOf, type Versions } from './identity.js';
import type { CheckedCompare } from './options.js';
import { spellingOf } from './spelling.js';
import type { CompareTarget } from './target.js';

/** How cells are kept and what is in them: another number makes them all anew. */
const FORMAT = 1;

/** Samples whose steps are kept, of the first seed. */
const TRACED = 4;

export interface CellPlan {
  readonly target: CompareTarget;
  /** The solver's spelling. */
  readonly row: string;
  readonly solver: Solver;
  readonly seed: bigint;
  readonly key: string;
  readonly settings: object;
  /** Whether its steps are kept. */
  readonly traced: boolean;
}

/** Seeds that nobody compares with: of the second set of converged samples. */
const OTHER_SEEDS = 2n ** 32n;

/** Names of the two rows that a target with a network has beside its solvers. */
export const CONVERGED = { same: 'converged', other: 'converged, other seeds' } as const;

/** Seed after seed, so that what a comparison takes is soon known. */
export function plansOf({ targets, solvers, seeds, samples, converged, job }: CheckedCompare, versions: Versions) {
  const plan = (target: CompareTarget, row: string, solver: Solver, seed: bigint): CellPlan => {
    const traced = seed === seeds[0];
    const settings = {
      ...{ format: FORMAT, versions, ...identityOf(target) },
      ...{ solver: nativeSolver(solver, checkedSde(target.sde)), seed, samples, traced, ...job },
    };
    return { target, row, solver, seed, traced, key: keyOf(settings), settings: canonical(settings) as object };
  };
  return seeds.flatMap(seed =>
    targets.flatMap(target => {
      const rows = solvers.map(solver => plan(target, spellingOf(solver), solver, seed));
      if (target.exact) return rows;
      const fine = converged ?? (DEFAULT_SOLVER({ rtol: 0.01 }) as Solver);
      return [
        ...rows,
        plan(target, CONVERGED.same, fine, seed),
        plan(target, CONVERGED.other, fine, seed + OTHER_SEEDS),
      ];
    }),
  );
}

/** Draws what is not there. Rejects with what `sample` rejects with; the cells before stay. */
export async function drawCells(plans: readonly CellPlan[], options: CheckedCompare, folder: CellFolder) {
  const { samples, job, onProgress, signal } = options;
  const took = new Map<string, number>();
  const kindOf = ({ target, row }: CellPlan) => `${target.name} ${row}`;
  const tell = (finished: number, plan?: CellPlan): void => {
    const left = plans.slice(finished).map(one => took.get(kindOf(one)));
    const known = left.every(one => one !== undefined);
    onProgress?.({
      finished,
      count: plans.length,
      ...(plan && { cell: { target: plan.target.name, solver: plan.row, seed: plan.seed } }),
      ...(known && { secondsLeft: left.reduce((sum, one) => sum + one!, 0) / 1000 }),
    });
  };
  for (const [i, plan] of plans.entries()) {
    tell(i, plan);
    const kept = await folder.read(plan.key);
    const cell = kept ?? (await drawn(plan, samples, { ...job, signal }));
    if (!kept) await folder.keep(plan.key, cell, [samples, ...plan.target.shape], plan.settings);
    took.set(kindOf(plan), cell.stats.timing.totalMs);
  }
  tell(plans.length);
}

async function drawn(
  { target: { sde, score, shape }, solver, seed, traced }: CellPlan,
  count: number,
  job: CheckedCompare['job'] & { signal: AbortSignal | undefined },
): Promise<Cell> {
  const options = { ...job, sde, score, shape, solver, seed, onFailure: 'keep' } as const;
  const { samples, stats } = await sample({ ...options, count });
  if (!traced) return { samples, stats };
  // Again, since a job keeps the steps of all its samples or of none.
  const { trajectory } = await sample({ ...options, count: Math.min(count, TRACED), trajectory: true });
  return { samples, stats, steps: plainSteps(trajectory!) };
}

function plainSteps({ sample: row, t, h, error, accepted }: Trajectory): Cell['steps'] {
  return { sample: [...row], t: [...t], h: [...h], error: [...error], accepted: [...accepted] };
}
