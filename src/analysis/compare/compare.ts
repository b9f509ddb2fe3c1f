/** Solvers compared on the same targets from the same starting points: what they cost and how good their samples are. */
import { cost } from '../metrics/cost.js';
import type { Points } from '../metrics/points.js';
import { type Board, boardOf } from './board.js';
import { type Cell, CellFolder } from './cells.js';
import { type CellPlan, CONVERGED, drawCells, plansOf } from './draw.js';
import { type Versions, versionsOf } from './identity.js';
import { type CheckedCompare, type CompareOptions, checkedCompare } from './options.js';
import { spellingOf } from './spelling.js';
import type { CompareTarget } from './target.js';

export interface SolverCost {
  solver: string;
  /** Score evaluations a sample, the final denoising included. p99: at most so many for 99 of 100 samples. */
  evaluations: { mean: number; median: number; p99: number; max: number };
  /** Rejected steps over steps tried. */
  rejectedShare: number;
  /** Wall clock of all seeds' jobs, one after the other. */
  seconds: number;
  /** Samples that failed, of all seeds; they are left out of what is measured, of every solver. */
  failed: number;
}

/** The first samples of the first seed, for pictures. */
export interface Examples {
  samples: Float32Array;
  shape: number[];
  steps?: Cell['steps'];
}

export interface TargetComparison {
  target: string;
  /** Of one sample. */
  shape: number[];
  dataRange: readonly [number, number];
  /** Whether all error is the solver's. */
  exact: boolean;
  costs: SolverCost[];
  /** Against the data; of a network also against its own law, and there 'converged' beside the solvers has the model's error. */
  boards: Board[];
  /** By solver, and 'data'. Not enumerable: no numbers to be printed. */
  readonly examples: Record<string, Examples>;
}

export interface Comparison {
  versions: Versions;
  seeds: string[];
  /** Of each seed. */
  samples: number;
  targets: TargetComparison[];
}

/**
 * Draws and measures. Cells (a target by a solver from a seed) are kept in `folder` as each is finished, and none is drawn
 * twice; measuring is done anew.
 *
 * Rejects with ERR_SDE_UNKNOWN_OPTION, ERR_SDE_INVALID_OPTION or ERR_SDE_INVALID_SHAPE before any work starts; with
 * ERR_SDE_ABORTED and with what `sample` rejects with. Samples that fail are counted.
 */
export async function compare(options: CompareOptions): Promise<Comparison> {
  const checked = checkedCompare(options);
  const versions = versionsOf(checked.targets);
  const plans = plansOf(checked, versions);
  const folder = await CellFolder.in(checked.folder);
  await drawCells(plans, checked, folder);
  const targets: TargetComparison[] = [];
  for (const target of checked.targets) {
    checked.onProgress?.({ finished: plans.length, count: plans.length, measuring: target.name });
    const own = plans.filter(plan => plan.target === target);
    targets.push(await targetComparison(target, await cellsOf(own, folder), checked));
  }
  return { versions, seeds: checked.seeds.map(String), samples: checked.samples, targets };
}

/** By row, in the order of seeds. */
async function cellsOf(plans: readonly CellPlan[], folder: CellFolder): Promise<Map<string, Cell[]>> {
  const cells = new Map<string, Cell[]>();
  for (const { row, key } of plans) {
    const cell = await folder.read(key);
    if (!cell) throw new Error(`the cell ${key} has gone from the folder`);
    cells.set(row, [...(cells.get(row) ?? []), cell]);
  }
  return cells;
}

async function targetComparison(target: CompareTarget, cells: Map<string, Cell[]>, options: CheckedCompare) {
  const { name, shape, exact, sde } = target;
  const solvers = options.solvers.map(spellingOf);
  const shown = exact ? solvers : [...solvers, CONVERGED.same];
  const rows = pointsOf(cells, shape);
  const [count] = [...rows.values()][0]?.shape ?? [0];
  const data = (part: 0 | 1): Points => {
    const samples = target.draw(Math.max(count, 2), part);
    return { samples, shape: [samples.length / sizeOf(shape), ...shape] };
  };
  const pick = (names: readonly string[]) =>
    new Map(names.flatMap(one => (rows.has(one) ? [[one, rows.get(one)!]] : [])));
  const [reference, perfect] = [data(0), data(1)];
  const boards = [await boardOf({ against: 'data', target, reference, perfect, rows: pick(shown) }, options)];
  const [same, other] = [rows.get(CONVERGED.same), rows.get(CONVERGED.other)];
  if (same && other) {
    const own = { against: 'converged', target, reference: other, perfect: same, rows: pick(solvers) } as const;
    boards.push(await boardOf(own, options));
  }
  const comparison = {
    ...{ target: name, shape: [...shape], dataRange: sde.dataRange, exact },
    costs: shown.map(solver => costOf(solver, cells.get(solver)!)),
    boards,
  };
  const examples = Object.fromEntries([
    ['data', dataExamples(reference, options.samples)],
    ...shown.map(solver => [solver, examplesOf(cells.get(solver)![0], shape)]),
  ]);
  return Object.defineProperty(comparison, 'examples', { value: examples }) as TargetComparison;
}

function costOf(solver: string, cells: readonly Cell[]): SolverCost {
  const { evaluations, rejectedShare, seconds } = cost(cells.map(({ stats }) => stats));
  const failed = cells.reduce((sum, { stats }) => sum + stats.status.length - stats.ended.success, 0);
  return { solver, evaluations, rejectedShare, seconds, failed };
}

function dataExamples({ samples, shape: [n, ...shape] }: Points, most: number): Examples {
  const count = Math.min(n, most);
  return { samples: samples.subarray(0, count * sizeOf(shape)) as Float32Array, shape: [count, ...shape] };
}

function examplesOf({ samples, steps }: Cell, shape: readonly number[]): Examples {
  return { samples, shape: [samples.length / sizeOf(shape), ...shape], ...(steps && { steps }) };
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Solvers that lose more of their samples are not measured. */
const MOST_LOST = 0.1;

/**
 * All seeds' samples of each row. What one solver has lost is left out of the others too, so that sample k of one is sample k
 * of all, and each seed has as many.
 */
function pointsOf(cells: ReadonlyMap<string, readonly Cell[]>, shape: readonly number[]): Map<string, Points> {
  const lost = (one: readonly Cell[]) =>
    one.reduce((sum, { stats }) => sum + 1 - stats.ended.success / stats.status.length, 0);
  const rows = [...cells].filter(([, one]) => lost(one) / one.length <= MOST_LOST);
  if (rows.length === 0) return new Map();
  const seeds = rows[0][1].length;
  const size = sizeOf(shape);
  const kept = Array.from({ length: seeds }, (_, seed) => {
    const { status } = rows[0][1][seed].stats;
    return [...status.keys()].filter(k => rows.every(([, one]) => one[seed].stats.status[k] === 'success'));
  });
  const each = Math.min(...kept.map(list => list.length));
  return new Map(
    rows.map(([row, one]) => {
      const samples = new Float32Array(seeds * each * size);
      for (const [seed, list] of kept.entries()) {
        for (const [i, k] of list.slice(0, each).entries()) {
          samples.set(one[seed].samples.subarray(k * size, (k + 1) * size), (seed * each + i) * size);
        }
      }
      return [row, { samples, shape: [seeds * each, ...shape] }];
    }),
  );
}
