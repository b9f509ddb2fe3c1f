/** What paths cost. */
import { outsideOf } from '../equations/sde.js';
import type { PathTotals } from '../result.js';
import type { ChosenSolver } from '../solver/paths/solver.js';
import { PATH_STATUSES } from '../words.js';
import type { PathsEnd } from './paths-job.js';

/** `events`: how many the job has. */
export function solverTotals(
  { facts, solver, sde, why }: ChosenSolver,
  events: number,
  accepted: number,
  rejected: number,
  { totalMs, device }: Pick<PathsEnd, 'totalMs' | 'device'>,
): Omit<PathTotals, 'ended'> {
  const tried = accepted + rejected;
  const { drifts, diffusions, estimate } = facts;
  const beside = (solver.steps === 0 && estimate) || { drifts: 0, diffusions: 0 };
  // Events look at a diffusion that is a function once more, at the begin of each step.
  const looks = events > 0 && outsideOf(sde)?.diffusion ? 1 : 0;
  const own = typeof drifts === 'number' ? drifts : drifts(solver.numbers);
  return {
    device,
    solver: { kind: facts.kind, ...(why !== undefined && { why }) },
    totals: {
      accepted,
      rejected,
      drifts: (own + beside.drifts) * tried,
      diffusions: (diffusions + beside.diffusions + looks) * tried,
    },
    timing: { totalMs },
  };
}

/** Paths by how they ended; `counts` in the order of PATH_STATUSES. */
export function endedBy(counts: ArrayLike<number>): PathTotals['ended'] {
  return Object.fromEntries(PATH_STATUSES.map((word, i) => [word, counts[i]])) as PathTotals['ended'];
}
