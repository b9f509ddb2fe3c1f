/** The report's tables: what each solver costs and gives, and what may be said of each pair. */
import type { Board, Interval, SolverCost, TargetComparison } from '../../index.js';
import { percent, seconds } from '../table.js';
import { html, type Markup } from './html.js';

/** Of columns that are not metrics. */
const HEADS = ['evaluations', 'median', 'p99', 'max', 'rejected', 'failed', 'time'] as const;

/** A row a solver; each head sorts. */
export function qualityTable({ costs }: TargetComparison, board: Board): Markup {
  const metrics = Object.keys(board.perfect);
  const perfect = metrics.map(metric => cell(board.perfect[metric].value, intervalOf(board.perfect[metric])));
  const rows = costs
    .filter(({ solver }) => solver in board.quality || board.against === 'data')
    .map(cost => {
      const cells = metrics.map(metric => qualityCell(board, cost.solver, metric));
      return html`<tr><th scope="row" data-value="${cost.solver}">${cost.solver}</th>${costCells(cost)}${cells}</tr>`;
    });
  const heads = ['solver', ...HEADS, ...metrics].map(
    name => html`<th scope="col" aria-sort="none"><button type="button">${name}</button></th>`,
  );
  return html`<div class="wide"><table class="sortable"><thead><tr>${heads}</tr></thead><tbody>${rows}</tbody>
<tfoot><tr><th scope="row">perfect samples</th>${HEADS.map(() => html`<td></td>`)}${perfect}</tr></tfoot></table></div>`;
}

function costCells({ evaluations, rejectedShare, failed, seconds: time }: SolverCost): Markup[] {
  const { mean, median, p99, max } = evaluations;
  return [
    cell(mean, mean.toFixed(1)),
    ...[median, p99, max].map(value => cell(value, String(value))),
    cell(rejectedShare, rejectedShare === 0 ? '–' : percent(rejectedShare)),
    cell(failed, String(failed)),
    html`<td data-value="${time}" class="time">${seconds(1000 * time)}</td>`,
  ];
}

function cell(value: number, text: string | Markup): Markup {
  return html`<td data-value="${value}">${text}</td>`;
}

function qualityCell({ quality, verdicts }: Board, solver: string, metric: string): Markup {
  const found = quality[solver]?.[metric];
  if (!found) return html`<td data-value="Infinity">too many failed</td>`;
  const verdict = verdicts.find(one => one.metric === metric && one.solver === solver && one.than === 'perfect');
  return cell(found.value, html`${intervalOf(found)} ${verdict && badge(verdict.verdict)}`);
}

function badge(word: string): Markup {
  return html`<span class="verdict ${word}">${word}</span>`;
}

function intervalOf({ value, low, high }: Interval): Markup {
  return html`${number(value)} <small>[${number(low)}, ${number(high)}]</small>`;
}

function number(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(1) : value.toPrecision(3);
}

const OPPOSITE: Record<string, string> = { better: 'worse', worse: 'better' };

/** A metric's solvers against each other: the row's against the column's. */
export function verdictTables({ verdicts, quality, margins }: Board): Markup[] {
  const solvers = Object.keys(quality);
  if (solvers.length < 2) return [];
  return Object.keys(margins).map(metric => {
    const own = verdicts.filter(one => one.metric === metric);
    const between = (a: string, b: string): Markup => {
      const said = own.find(one => one.solver === a && one.than === b);
      const other = own.find(one => one.solver === b && one.than === a);
      const found = said ?? other;
      if (!found) return html`<td></td>`;
      const { difference, detectable } = found;
      const sign = said ? 1 : -1;
      const ends = [sign * difference.low, sign * difference.high].sort((x, y) => x - y);
      const title = `difference ${number(sign * difference.value)} [${ends.map(number).join(', ')}]; could have seen ${number(detectable)}`;
      const word = said ? said.verdict : (OPPOSITE[other!.verdict] ?? other!.verdict);
      return html`<td title="${title}">${badge(word)}</td>`;
    };
    const columns = ['perfect', ...solvers];
    const rows = solvers.map(
      row =>
        html`<tr><th scope="row">${row}</th>${columns.map(column => (row === column ? html`<td>·</td>` : between(row, column)))}</tr>`,
    );
    const heads = columns.map(column => html`<th scope="col">${column}</th>`);
    return html`<details><summary>${metric}: each row's solver against each column's; less than ${number(margins[metric])} does not matter</summary>
<div class="wide"><table><thead><tr><th></th>${heads}</tr></thead><tbody>${rows}</tbody></table></div></details>`;
  });
}
