/** `fast-sde solve problem.json`: paths of an SDE into a file, or statistics of them on the terminal. */
import { extname } from 'node:path';
import type { Command } from 'commander';
import { SDE_OPTIONS } from '../equations/spec.js';
import { npyChunks } from '../files/npy.js';
import {
  type Device,
  itoSde,
  type PathStats,
  type PathStatus,
  type PathTotals,
  type Reduced,
  type Reductions,
  type SdeError,
  type SdeSpec,
  type SolveOptions,
  type SolveResult,
  type Statistics,
  solve,
  stratonovichSde,
} from '../index.js';
import { pathSolver } from '../solver/paths/solver.js';
import { Inputs } from './inputs.js';
import { interruptSignal } from './interrupt.js';
import { writeOne } from './one-file.js';
import { plainJson } from './output.js';
import { device, integer, seed } from './parse.js';
import { progressView } from './progress.js';
import { FAILED } from './report.js';
import { movedTogether } from './rows.js';
import { figures, grouped, percent, seconds } from './table.js';
import { checkedTarget, refuseSameFile, type Target } from './target.js';
import { UsageError } from './usage-error.js';

interface SolveFlags {
  out?: string;
  paths?: number;
  seed?: bigint;
  steps?: number;
  device?: Device;
  json?: boolean;
  quiet?: boolean;
}

/** What stands in a problem file beside the SDE. */
type Problem = SdeSpec & { calculus?: string; solver?: string | ({ kind: string } & object) } & Record<string, unknown>;

export function addSolveCommand(program: Command): void {
  program
    .command('solve')
    .summary('solve an SDE given by equations')
    .description(
      'Solves the SDE of a JSON file, which holds what itoSde() or stratonovichSde() takes ("calculus": "ito" or ' +
        '"stratonovich"), and the options of solve(); "solver" is a name or { "kind": …, options }.',
    )
    .argument('<problem>', 'a .json file')
    .option('--out <file>', 'paths as NumPy array [paths, times, states]; without it statistics are printed')
    .option('--paths <number>', 'instead of "paths" in the file', integer)
    .option('--seed <number>', 'instead of "seed" in the file', seed)
    .option('--steps <number>', 'equal steps, instead of those of "solver" in the file', integer)
    .option('--device <name>', 'auto, cpu, cuda or cuda:1, instead of "device" in the file', device)
    .option('--json', 'statistics and figures as JSON')
    .option('--quiet', 'no progress')
    .addHelpText(
      'after',
      `
Examples:
  $ fast-sde solve heston.json
  $ fast-sde solve heston.json --paths 1000000 --seed 1 --out paths.npy
`,
    )
    .action(run);
}

async function run(file: string, flags: SolveFlags): Promise<void> {
  const inputs = new Inputs();
  const { sde, options } = problemOf(file, await inputs.json('the problem', file), flags);
  const target = flags.out === undefined ? undefined : await targetOf(flags.out, file);
  const interrupt = interruptSignal();
  const progress = flags.quiet ? undefined : progressView(process.stderr, 'paths');
  const onProgress = ({ finished, paths }: { finished: number; paths: number }) =>
    progress?.update({ finished, count: paths, fraction: finished / paths });
  const job = { ...options, signal: interrupt.signal, onProgress };
  try {
    if (target) {
      const end = await cameTo(solve(sde, { ...job, reductions: undefined, onFailure: 'keep' }));
      progress?.stop();
      await writePaths(target, end, flags);
      if (end.interrupted) process.exitCode = interrupt.exitCode();
    } else {
      const reductions = options.reductions ?? { quantiles: [0.05, 0.5, 0.95] };
      const { result, interrupted } = await cameTo(solve(sde, { ...job, reductions }));
      progress?.stop();
      tell(result, result.statistics, flags);
      if (!interrupted) return;
      console.error(interruption(result.stats, options.paths ?? 1));
      process.exitCode = interrupt.exitCode();
    }
  } catch (error) {
    if ((error as SdeError).code === 'ERR_SDE_ABORTED') process.exitCode = interrupt.exitCode();
    throw error;
  } finally {
    progress?.stop();
    interrupt.release();
  }
}

interface End<T> {
  result: T;
  interrupted: boolean;
}

/** What a job came to, or had come to when a signal ended it. Throws whatever else ended it. */
async function cameTo<T>(job: Promise<T>): Promise<End<T>> {
  try {
    return { result: await job, interrupted: false };
  } catch (error) {
    const { code, result } = error as SdeError;
    if (code !== 'ERR_SDE_ABORTED' || result === undefined) throw error;
    return { result: result as T, interrupted: true };
  }
}

const interruption = ({ ended }: PathTotals, paths: number): string =>
  `interrupted: ${ended.success + ended.event} of ${paths} paths were finished`;

function problemOf(file: string, read: unknown, flags: SolveFlags) {
  if (flags.out !== undefined && (read as Problem | null)?.saveAt === 'steps') {
    throw new UsageError(`${file}: saveAt: "steps" gives each path times of its own, which no array holds; give times`);
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) {
    throw new UsageError(`${file}: expected an object with the SDE and the options of solve()`);
  }
  const { calculus = 'ito', solver, ...rest } = read as Problem;
  const makers = { ito: itoSde, stratonovich: stratonovichSde } as Record<string, typeof itoSde>;
  if (!Object.hasOwn(makers, calculus)) {
    throw new UsageError(`${file}: calculus: expected "ito" or "stratonovich", got ${JSON.stringify(calculus)}`);
  }
  const pick = (wanted: boolean) =>
    Object.fromEntries(Object.entries(rest).filter(([name]) => SDE_OPTIONS.includes(name as never) === wanted));
  const sde = makers[calculus](pick(true) as unknown as SdeSpec);
  const named = typeof solver === 'string' ? { kind: solver } : solver;
  const chosen = named && pathSolver(`${file}: solver`, named, flags.steps);
  const given = {
    ...pick(false),
    ...(chosen && { solver: chosen }),
    ...(flags.paths !== undefined && { paths: flags.paths }),
    ...(flags.seed !== undefined && { seed: flags.seed }),
    ...(flags.device !== undefined && { device: flags.device }),
  };
  return { sde, options: given as unknown as SolveOptions & { reductions?: Reductions } };
}

async function targetOf(out: string, file: string): Promise<Target> {
  const target = await checkedTarget('--out', out);
  if (target.kind === 'file' && extname(out).toLowerCase() !== '.npy') {
    throw new UsageError(`--out ${out}: expected a name ending in .npy`);
  }
  await refuseSameFile([target], [{ flag: 'the problem', name: file }]);
  return target;
}

/** All paths of a job that came to its end; of another one those that were finished, in index order. */
async function writePaths(target: Target, end: End<SolveResult>, flags: SolveFlags): Promise<void> {
  const { states, stats } = end.result;
  const { accepted, rejected, endTimes, status, ...totals } = stats as PathStats;
  const isKept = (word: PathStatus) => !end.interrupted || word === 'success' || word === 'event';
  const positions = status.flatMap((word, position) => (isKept(word) ? [position] : []));
  const { numbers, shape } = movedTogether(states, end.result.shape, positions);
  const isWritten = positions.length > 0 && (await writeOne(target, () => npyChunks(numbers, shape)));
  tell({ stats: totals, shape, out: target.name }, [], { ...flags, toStderr: target.kind === 'stdout' });
  if (end.interrupted) {
    console.error(`${interruption(totals, status.length)}${isWritten ? `; they are in ${target.name}` : ''}`);
  }
}

function tell(
  result: Reduced | { stats: PathTotals; shape: number[]; out: string },
  statistics: readonly Statistics[],
  { json, toStderr }: SolveFlags & { toStderr?: boolean },
): void {
  const say = toStderr ? console.error : console.log;
  const { ended, totals, solver, timing } = result.stats;
  const failed = Object.entries(ended).filter(([word, count]) => count > 0 && word !== 'success' && word !== 'event');
  if (failed.length > 0) process.exitCode = FAILED;
  if (json) {
    say(plainJson(result));
    return;
  }
  for (const { time, count, mean, standardError, variance, quantiles } of statistics) {
    say(`t = ${time}, ${grouped(count)} paths`);
    const row = (name: string) => {
      const list = quantiles?.[name];
      const shares = list ? `, quantiles ${list.map(value => value.toPrecision(5)).join(' ')}` : '';
      const error = standardError[name].toPrecision(2);
      return [
        name,
        `mean ${mean[name].toPrecision(6)} ± ${error}, variance ${variance[name].toPrecision(5)}${shares}`,
      ] as const;
    };
    say(figures(Object.keys(mean).map(row)));
  }
  const tried = totals.accepted + totals.rejected;
  say(
    figures([
      ['solver', solver.why ?? solver.kind],
      [
        'paths',
        Object.entries(ended)
          .flatMap(([word, count]) => (count > 0 ? `${grouped(count)} ${word}` : []))
          .join(', '),
      ],
      ['steps', `${grouped(tried)}, ${percent(tried === 0 ? 0 : totals.rejected / tried)} rejected`],
      ['evaluations', `${grouped(totals.drifts)} of drift, ${grouped(totals.diffusions)} of diffusion`],
      ['device', result.stats.device],
      ['time', seconds(timing.totalMs)],
    ]),
  );
}
