/** What a job over paths is given: numbers of its own, and its options in the addon's form. */
import { probeModule } from '../equations/probe-module.js';
import { lower, lowerEvent, outsideOf, paramsByPath, probeAt } from '../equations/sde.js';
import { cudaNumber } from '../options/device.js';
import type { CheckedSolve } from '../options/solve.js';
import type { ChosenSolver } from '../solver/paths/solver.js';
import { PATH_STATUSES } from '../words.js';
import { modulesOf, nativeOutside } from './coefficients.js';
import { privateNumbers } from './private-copy.js';
import { aborted } from './signal.js';
import { earlierRun, type StepsPlan } from './steps-plan.js';

/** Numbers of the caller's that the job reads while the caller goes on. */
export interface OwnNumbers {
  /** [states] or [paths, states] */
  x0: Float64Array;
  /** [paths] each */
  params: Float64Array[];
}

/** Looks at the numbers, and at the equations and modules where the first path starts. */
export async function ownNumbers(where: string, checked: CheckedSolve): Promise<OwnNumbers> {
  const { sde, t0, t1, x0: start, resume } = checked;
  const x0 = await privateNumbers(`${where}.x0`, start);
  const params: Float64Array[] = [];
  for (const { name, values } of paramsByPath(sde)) params.push(await privateNumbers(`params.${name}`, values));
  const width = sde.states.length;
  const path = resume ? resume.status.indexOf(PATH_STATUSES.indexOf('success')) : 0;
  if (path < 0) return { x0, params };
  const x = x0.subarray(path * width, (path + 1) * width);
  probeAt(sde, { t: t0, x, path });
  const columns = { drift: 0, diffusion: outsideOf(sde)?.columns ?? 0 };
  for (const { name, module, option } of modulesOf(sde)) {
    await probeModule(module, { option, x, t0, t1, columns: columns[name] });
  }
  return { x0, params };
}

/** Throws ERR_SDE_ABORTED where the signal has said so. */
export function nativeOptions(
  checked: CheckedSolve,
  chosen: ChosenSolver,
  { steps, cells, control }: StepsPlan,
  { x0, params }: OwnNumbers,
) {
  if (checked.signal?.aborted) throw aborted(checked.signal);
  const { t0, t1, times, paths, seed, firstIndex, float64, threads, networkThreads, events, resume } = checked;
  const { facts, solver, sde } = chosen;
  const backwardsFrom = t1 > t0 ? undefined : (resume?.t0 ?? t0);
  const nativeTime = (time: number) => (backwardsFrom === undefined ? time : backwardsFrom - time);
  const outside = nativeOutside(sde, { backwardsFrom, networkThreads });
  return {
    equations: { ...lower(sde, { needs: facts.needs, backwardsFrom }), ...(outside && { outside }) },
    solver: facts.kind,
    numbers: solver.numbers,
    float64,
    t0: nativeTime(t0),
    t1: nativeTime(t1),
    steps,
    cells,
    ...(control && { control }),
    earlier: earlierRun(checked),
    maxSteps: solver.maxSteps,
    seed,
    firstIndex: BigInt(firstIndex),
    count: paths,
    threads,
    device: cudaNumber(checked.device),
    saves: backwardsFrom === undefined ? times : timesBack(times, backwardsFrom),
    x0,
    params,
    events: events.map(({ when, direction, terminal }, i) => ({
      program: lowerEvent(sde, `solve.events[${i}].when`, when, backwardsFrom),
      direction: { up: 1, down: -1, both: 0 }[direction],
      terminal,
    })),
  };
}

function timesBack(times: Float64Array, t0: number): Float64Array {
  const back = new Float64Array(times.length);
  for (let i = 0; i < times.length; i++) back[i] = t0 - times[i];
  return back;
}
