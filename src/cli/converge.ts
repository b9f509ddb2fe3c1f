/** `fast-sde converge`: the orders of solvers, measured on a problem with exact answers. */
import { extname } from 'node:path';
import type { Command } from 'commander';
import { type Convergence, convergence, type ProblemName, problems } from '../index.js';
import { fittingSolver } from '../solver/paths/solver.js';
import { convergencePlot } from './convergence-plot.js';
import { writeOne } from './one-file.js';
import { plainJson } from './output.js';
import { integer, seed } from './parse.js';
import { checkedTarget, type Target } from './target.js';
import { UsageError } from './usage-error.js';

interface ConvergeFlags {
  solvers?: string;
  steps?: string;
  paths?: number;
  seed?: number | bigint;
  json?: boolean;
  plot?: string;
}

export function addConvergeCommand(program: Command): void {
  program
    .command('converge')
    .summary('measure the orders of solvers')
    .description(
      'Solves a problem with exact answers by several solvers and numbers of steps on the same Brownian paths, and fits ' +
        'the orders of their errors.',
    )
    .argument('<problem>', `one of ${Object.keys(problems).join(', ')}`)
    .option('--solvers <names>', 'with commas between (the one that solve chooses)')
    .option('--steps <numbers>', 'increasing divisors of the last, such as 16,32,64,128')
    .option('--paths <number>', 'shared paths (1000)', integer)
    .option('--seed <number>', 'same seed, same paths', seed)
    .option('--json', 'the whole result as JSON')
    .option('--plot <file>', 'errors over steps, with the orders, as .svg')
    .addHelpText(
      'after',
      `
Examples:
  $ fast-sde converge geometricBrownianMotion --steps 16,32,64,128,256
  $ fast-sde converge geometricBrownianMotion --steps 16,32,64,128 --plot orders.svg
`,
    )
    .action(async (name: string, flags: ConvergeFlags) => {
      if (!Object.hasOwn(problems, name)) {
        throw new UsageError(`${name}: expected one of ${Object.keys(problems).join(', ')}`);
      }
      const { paths, steps, plot } = flags;
      const target = plot === undefined ? undefined : await plotTarget(plot);
      const problem = problems[name as ProblemName]();
      const solvers = flags.solvers?.split(',') ?? [fittingSolver('solvers', undefined, problem.sde).facts.kind];
      const result = await convergence(problem, solvers, {
        ...(steps !== undefined && { steps: steps.split(',').map(Number) }),
        ...(paths !== undefined && { paths }),
        ...(flags.seed !== undefined && { seed: flags.seed }),
      });
      console.log(flags.json ? plainJson(result) : page(result));
      if (!target) return;
      const svg = await convergencePlot(result);
      await writeOne(target, () => [Buffer.from(svg)]);
    });
}

async function plotTarget(name: string): Promise<Target> {
  if (extname(name).toLowerCase() !== '.svg') throw new UsageError(`--plot ${name}: expected a name ending in .svg`);
  return checkedTarget('--plot', name);
}

/** A block a solver: a column a step, and the orders. */
function page({ problem, h, paths, reference, solvers }: Convergence): string {
  const width = 10;
  const row = (name: string, cells: readonly string[], end = '') =>
    `  ${name.padEnd(8)}${cells.map(cell => cell.padStart(width)).join('')}  ${end}`.trimEnd();
  const errors = (values: readonly number[]) => values.map(value => value.toExponential(2));
  const blocks = solvers.map(({ solver, strong, weak, sampled = [], failed }) =>
    [
      failed > 0 ? `${solver} (without ${failed} paths that failed)` : solver,
      ...(strong
        ? [row('strong', errors(strong.errors), `order ${strong.order.toFixed(2)} ± ${strong.halfWidth.toFixed(2)}`)]
        : []),
      ...(weak
        ? [
            row(
              'weak',
              [...errors(weak.errors), ...h.slice(weak.errors.length).map(() => '')],
              `order ${weak.order.toFixed(2)}`,
            ),
          ]
        : []),
      ...sampled.flatMap(({ of, errors: means, halfWidths, order, halfWidth }) => [
        `  E ${of}`,
        row('', errors(means), Number.isNaN(order) ? '' : `order ${order.toFixed(2)} ± ${halfWidth.toFixed(2)}`),
        row(
          '',
          halfWidths.map(width => `±${width.toExponential(1)}`),
        ),
      ]),
    ].join('\n'),
  );
  const from = reference === 'exact' ? 'the exact solution' : 'the same solver with fine steps';
  const head = row(
    'step',
    h.map(step => step.toPrecision(3)),
  );
  return [`${problem}: ${paths} paths, strong errors from ${from}`, head, ...blocks].join('\n');
}
