/** What paths cost. */
import type { PathTotals } from '../result.js';
import type { ChosenSolver } from '../solver/paths/solver.js';
import { PATH_STATUSES } from '../words.js';
import type { PathsEnd } from './paths-job.js';

export function solverTotals(
  { facts, solver, why }: ChosenSolver,
  accepted: number,
  rejected: number,
  { totalMs, device }: Pick<PathsEnd, 'totalMs' | 'device'>,
): Omit<PathTotals, 'ended'> {
  const tried = accepted + rejected;
  const { drifts, diffusions, estimate } = facts;
  const beside = (solver.steps === 0 && estimate) || { drifts: 0, diffusions: 0 };
  const own = typeof drifts === 'number' ? drifts : drifts(solver.numbers);
  return {
    device,
    solver: { kind: facts.kind, ...(why !== undefined && { why }) },
    totals: {
      accepted,
      rejected,
      drifts: (own + beside.drifts) * tried,
      diffusions: (diffusions + beside.diffusions) * tried,
    },
    timing: { totalMs },
  };
}

/** Paths by how they ended; `counts` in the order of PATH_STATUSES. */
export function endedBy(counts: ArrayLike<number>): PathTotals['ended'] {
  return Object.fromEntries(PATH_STATUSES.map((word, i) => [word, counts[i]])) as PathTotals['ended'];
}
