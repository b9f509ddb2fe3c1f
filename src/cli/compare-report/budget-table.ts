/** What is best at each budget of evaluations, and what was not shown to be worse. */
import type { Board, PairVerdict, TargetComparison } from '../../index.js';
import { html, type Markup } from './html.js';

const BUDGETS = [10, 20, 30, 50, 100, 200, 1000] as const;

/** A final denoising, or what a sample takes more or less than another, is no other budget. */
const ABOUT = 1.1;

/** A row a budget, a column a metric; none of a single solver. */
export function budgetTable({ costs }: TargetComparison, board: Board): Markup | undefined {
  const metrics = Object.keys(board.margins);
  const within = (budget: number) =>
    costs
      .filter(({ solver, evaluations }) => solver in board.quality && evaluations.mean <= ABOUT * budget)
      .map(({ solver }) => solver);
  // Where nothing new can be had for more, there is nothing to say.
  const rows = BUDGETS.map(budget => ({ budget, solvers: within(budget) })).filter(
    ({ solvers }, i) => solvers.length > (i === 0 ? 0 : within(BUDGETS[i - 1]).length),
  );
  if (rows.length === 0 || Object.keys(board.quality).length < 2) return undefined;
  const body = rows.map(({ budget, solvers }) => {
    const cells = metrics.map(metric =>
      bestCell(
        solvers,
        board.verdicts.filter(one => one.metric === metric),
      ),
    );
    return html`<tr><th scope="row">${budget}</th>${cells}</tr>`;
  });
  const heads = ['evaluations, about', ...metrics].map(name => html`<th scope="col">${name}</th>`);
  return html`<details><summary>What is nearest at each budget, and how many others were not shown to be worse</summary>
<div class="wide"><table><thead><tr>${heads}</tr></thead><tbody>${body}</tbody></table></div></details>`;
}

function bestCell(solvers: readonly string[], verdicts: readonly PairVerdict[]): Markup {
  const best = solvers.reduce((nearest, solver) => (fartherBy(solver, nearest, verdicts) < 0 ? solver : nearest));
  const level = solvers.filter(solver => solver !== best && !isWorse(solver, best, verdicts));
  const others =
    level.length > 0 ? html`<small title="${level.join(', ')}">and ${level.length} level</small>` : undefined;
  return html`<td>${best} ${others}</td>`;
}

/** How much farther a is from the reference than b. */
function fartherBy(a: string, b: string, verdicts: readonly PairVerdict[]): number {
  const said = verdicts.find(one => one.solver === a && one.than === b);
  const other = verdicts.find(one => one.solver === b && one.than === a);
  return said ? said.difference.value : -(other?.difference.value ?? 0);
}

function isWorse(a: string, b: string, verdicts: readonly PairVerdict[]): boolean {
  return verdicts.some(
    one =>
      (one.solver === a && one.than === b && one.verdict === 'worse') ||
      (one.solver === b && one.than === a && one.verdict === 'better'),
  );
}
