/** What paths cost. */
import type { PathTotals } from '../result.js';
import type { ChosenSolver } from '../solver/paths/solver.js';

export function solverTotals(
  { facts, why }: ChosenSolver,
  accepted: number,
  rejected: number,
  totalMs: number,
): Omit<PathTotals, 'ended'> {
  const tried = accepted + rejected;
  return {
    solver: { kind: facts.kind, ...(why !== undefined && { why }) },
    totals: { accepted, rejected, drifts: facts.drifts * tried, diffusions: facts.diffusions * tried },
    timing: { totalMs },
  };
}
