/** A comparison on the terminal: a table a target and reference, and how the solvers stand to perfect samples. */
import type { Board, Comparison, Interval, SolverCost, TargetComparison } from '../index.js';
import { grouped, percent, seconds } from './table.js';

export function comparisonTables({ targets, seeds, samples }: Comparison): string {
  const head = `${seeds.length} seeds of ${grouped(samples)} samples; 95 % intervals; * better, = equivalent, ! worse than perfect samples`;
  return [head, ...targets.flatMap(target => target.boards.map(board => boardTable(target, board)))].join('\n\n');
}

function boardTable({ target, costs }: TargetComparison, board: Board): string {
  const metrics = Object.keys(board.perfect);
  const head = ['solver', 'evaluations', 'p99', 'rejected', 'failed', 'time', ...metrics];
  const perfect = ['perfect samples', '', '', '', '', '', ...metrics.map(metric => words(board.perfect[metric]))];
  const rows = costs
    .filter(({ solver }) => solver in board.quality || board.against === 'data')
    .map(cost => [...costCells(cost), ...metrics.map(metric => cell(board, cost.solver, metric))]);
  return `${title(target, board)}\n${aligned([head, perfect, ...rows])}`;
}

function title(target: string, { against, reference }: Board): string {
  const what =
    against === 'data' ? 'samples of the data' : "samples of the network's own law: the solver's error alone";
  return `${target}, against ${grouped(reference)} ${what}`;
}

function costCells({ solver, evaluations, rejectedShare, failed, seconds: time }: SolverCost): string[] {
  const share = rejectedShare === 0 ? '-' : percent(rejectedShare);
  return [solver, evaluations.mean.toFixed(1), String(evaluations.p99), share, String(failed), seconds(1000 * time)];
}

const SIGNS = { better: '*', equivalent: '=', worse: '!', undecided: ' ' } as const;

function cell({ quality, verdicts }: Board, solver: string, metric: string): string {
  const found = quality[solver]?.[metric];
  if (!found) return 'too many failed';
  const verdict = verdicts.find(one => one.metric === metric && one.solver === solver && one.than === 'perfect');
  return `${words(found)}${verdict ? SIGNS[verdict.verdict] : ' '}`;
}

function words({ value, low, high }: Interval): string {
  return `${value.toPrecision(3)} [${low.toPrecision(2)}, ${high.toPrecision(2)}]`;
}

/** The first column left, the others right. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(cells => cells[column].length)));
  const line = (cells: readonly string[]) =>
    cells.map((text, column) => (column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column]))).join('  ');
  return rows.map(cells => `  ${line(cells)}`.trimEnd()).join('\n');
}
