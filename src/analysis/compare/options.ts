/** The options of `compare`, checked before the first evaluation. */
import { invalidOption } from '../../errors.js';
import { functionOption, numberOption, optionsObject, readable, seedOption } from '../../options/checks.js';
import { checkedOptions } from '../../options/job.js';
import type { SampleOptions } from '../../options/sample.js';
import { checkedSignal } from '../../options/sample-checks.js';
import type { Solver } from '../../solver/solver.js';
import { MEASURES, type MeasureName } from './measures.js';
import { compareTargets } from './named-targets.js';
import { solverOf, spellingOf } from './spelling.js';
import type { CompareTarget } from './target.js';

/** Options of `sample` that all cells share. */
const SHARED = ['batch', 'device', 'finalDenoise', 'maxEvaluations', 'networkThreads', 'noise', 'threads'] as const;

export interface CompareOptions extends Pick<SampleOptions, (typeof SHARED)[number]> {
  /** Names among `compareTargets`, or what mixtureTarget() and modelTarget() make. */
  targets: readonly (string | CompareTarget)[];
  /** Such as eulerMaruyama({ steps: 100 }) or 'eulerMaruyama:100'; an option by name: 'adaptive:0.05:norm=max'. */
  solvers: readonly (string | Solver)[];
  /**
   * Where finished cells are kept, in a folder `cells`: a second run takes from there what depends on the same settings,
   * versions and models.
   */
  folder: string;
  /** How many, from 1 on, or which. The same seed gives every solver the same starting points. Default 5. */
  seeds?: number | readonly (number | bigint)[];
  /** Of each seed, at least 20. Default 1000. */
  samples?: number;
  /** Default: those that suit the target. */
  metrics?: readonly MeasureName[];
  /** Draws of the bootstrap that gives intervals. Default 500. */
  resamples?: number;
  /**
   * What does not matter, in standard deviations of the data: samplers are equivalent where less than what shifts or widens
   * the data by so much lies between them. Default 0.05.
   */
  margin?: number;
  /** Draws a network's own law, which tells its error from the solver's. Default: the default solver with rtol 0.01. */
  converged?: string | Solver;
  onProgress?: (progress: CompareProgress) => void;
  /** Stops within one network call; rejects with ERR_SDE_ABORTED. What is finished stays in the folder. */
  signal?: AbortSignal;
}

export interface CompareProgress {
  /** Cells that are there, and all of them. */
  finished: number;
  count: number;
  /** What is being drawn. */
  cell?: { target: string; solver: string; seed: bigint };
  /** The target whose samples are measured, once all are drawn. */
  measuring?: string;
  /** Of drawing. Known once every solver has been seen on every target. */
  secondsLeft?: number;
}

export interface CheckedCompare {
  targets: CompareTarget[];
  solvers: Solver[];
  folder: string;
  seeds: bigint[];
  samples: number;
  metrics: readonly MeasureName[] | undefined;
  resamples: number;
  margin: number;
  converged: Solver | undefined;
  /** Those of SHARED that were given. */
  job: Partial<Pick<SampleOptions, (typeof SHARED)[number]>>;
  onProgress: ((progress: CompareProgress) => void) | undefined;
  signal: AbortSignal | undefined;
}

/** Fewer say nothing of the spread. */
const LEAST_SAMPLES = 20;

/** Throws ERR_SDE_UNKNOWN_OPTION, ERR_SDE_INVALID_OPTION, ERR_SDE_INVALID_SHAPE. */
export function checkedCompare(options: CompareOptions): CheckedCompare {
  return readable('compare', () => {
    const given = optionsObject<CompareOptions>('compare', options, [
      ...(['targets', 'solvers', 'folder', 'seeds', 'samples', 'metrics', 'resamples', 'margin', 'converged'] as const),
      ...(['onProgress', 'signal', ...SHARED] as const),
    ]);
    const targets = listOption('targets', given.targets, 'a target').map((one, i) =>
      targetOf(`compare.targets[${i}]`, one),
    );
    const solvers = listOption('solvers', given.solvers, 'a solver').map((one, i) =>
      typeof one === 'string' ? solverOf(`compare.solvers[${i}]`, one) : one,
    );
    if (typeof given.folder !== 'string' || given.folder === '') {
      throw invalidOption('compare.folder', given.folder, 'the path of a folder');
    }
    const shared = SHARED.flatMap(name => (given[name] === undefined ? [] : [[name, given[name]]]));
    const checked: CheckedCompare = {
      targets,
      solvers,
      folder: given.folder,
      seeds: seedsOf(given.seeds),
      samples: numberOption('compare.samples', given.samples, 1000, { min: LEAST_SAMPLES, integer: true }),
      metrics: given.metrics && listOption('metrics', given.metrics, 'a metric').map(checkedMeasure),
      resamples: numberOption('compare.resamples', given.resamples, 500, { min: 20, max: 2 ** 20, integer: true }),
      margin: numberOption('compare.margin', given.margin, 0.05, { above: 0 }),
      converged: typeof given.converged === 'string' ? solverOf('compare.converged', given.converged) : given.converged,
      job: Object.fromEntries(shared),
      onProgress: functionOption('compare.onProgress', given.onProgress),
      signal: checkedSignal('compare.signal', given.signal),
    };
    checkJobs(checked);
    refuseTwice(
      'targets',
      targets.map(({ name }) => name),
    );
    refuseTwice('solvers', solvers.map(spellingOf));
    return checked;
  });
}

function listOption<T>(name: string, given: readonly T[] | undefined, what: string): T[] {
  if (Array.isArray(given) && given.length > 0) return Array.from(given);
  throw invalidOption(`compare.${name}`, given, `a list with ${what} at least`);
}

function targetOf(option: string, given: string | CompareTarget): CompareTarget {
  const names = Object.keys(compareTargets);
  const isName = typeof given === 'string';
  if (isName && names.includes(given)) return compareTargets[given as keyof typeof compareTargets]();
  const isTarget = typeof given === 'object' && given !== null && typeof given.draw === 'function';
  if (isTarget) return given;
  throw invalidOption(option, given, `one of ${names.join(', ')}, or what mixtureTarget() or modelTarget() makes`);
}

function seedsOf(given: CompareOptions['seeds']): bigint[] {
  if (Array.isArray(given)) {
    const seeds = listOption('seeds', given, 'a seed').map((seed, i) => seedOption(`compare.seeds[${i}]`, seed));
    refuseTwice('seeds', seeds.map(String));
    return seeds;
  }
  const count = numberOption('compare.seeds', given as number | undefined, 5, { min: 1, max: 1000, integer: true });
  return Array.from({ length: count }, (_, i) => BigInt(i + 1));
}

function checkedMeasure(given: MeasureName, i: number): MeasureName {
  if (MEASURES.includes(given)) return given;
  throw invalidOption(`compare.metrics[${i}]`, given, `one of ${MEASURES.join(', ')}`);
}

/** Every option of every job, as `sample` will check them. */
function checkJobs({ targets, solvers, samples, converged, job }: CheckedCompare): void {
  for (const { sde, score, shape } of targets) {
    for (const solver of converged ? [...solvers, converged] : solvers) {
      checkedOptions('sample', { ...job, sde, score, shape, solver, count: samples });
    }
  }
}

function refuseTwice(option: string, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw invalidOption(`compare.${option}`, twice, 'each one once');
}
