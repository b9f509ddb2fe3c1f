/** A comparison as a table of comma-separated values: a row for every target, reference, solver and metric. */
import type { Comparison } from './compare.js';

const COLUMNS = [
  ...['target', 'against', 'solver', 'evaluations_mean', 'evaluations_median', 'evaluations_p99', 'evaluations_max'],
  ...['rejected_share', 'failed', 'seconds', 'samples', 'metric', 'value', 'low', 'high'],
  ...['perfect_value', 'perfect_low', 'perfect_high', 'margin', 'against_perfect'],
] as const;

export function comparisonCsv({ targets }: Comparison): string {
  const rows = targets.flatMap(({ target, costs, boards }) =>
    boards.flatMap(({ against, samples, quality, perfect, margins, verdicts }) =>
      costs.flatMap(({ solver, evaluations, rejectedShare, failed, seconds }) =>
        Object.entries(quality[solver] ?? {}).map(([metric, { value, low, high }]) => {
          const floor = perfect[metric];
          const word = verdicts.find(one => one.metric === metric && one.solver === solver && one.than === 'perfect');
          return [
            ...[target, against, solver, evaluations.mean, evaluations.median, evaluations.p99, evaluations.max],
            ...[rejectedShare, failed, seconds, samples, metric, value, low, high],
            ...[floor.value, floor.low, floor.high, margins[metric], word?.verdict ?? ''],
          ];
        }),
      ),
    ),
  );
  return `${[COLUMNS, ...rows].map(row => row.map(field).join(',')).join('\n')}\n`;
}

function field(value: string | number): string {
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
