/** One job cut by sample index: a native job a device, run together and reported as one. */

import type {
  NativeFigures,
  NativeJobOptions,
  NativeProgress,
  NativeResult,
  NativeSample,
  NativeScore,
  NativeSteps,
} from '../native.js';
import { STATUSES } from '../words.js';
import { Job, type JobEnd, type JobHooks } from './job.js';

/** What `sample` and `stream` need of a job, however many native ones are behind it. */
export type AnyJob = Pick<Job, 'ended' | 'abort' | 'hold' | 'take' | 'steps' | 'changed'>;

/** Where a piece runs: the addon's number of the device, undefined on the CPU, and the score there, in its layout. */
export interface Place extends Pick<NativeJobOptions, 'layout'> {
  device: number | undefined;
  score: NativeScore;
}

/**
 * Contiguous pieces in index order, as even as can be, one a place; fewer where there are fewer samples than places.
 * `initial`, `condition`, `output` and `figures` are cut as views, so that all pieces write into the same arrays.
 */
export function cut(
  whole: Omit<NativeJobOptions, 'score' | 'device' | 'batch'>,
  places: readonly Place[],
): Omit<NativeJobOptions, 'batch'>[] {
  const pieces = Math.min(places.length, whole.count);
  return places.slice(0, pieces).map((place, i) => {
    const begin = Math.ceil((i * whole.count) / pieces);
    const end = Math.ceil(((i + 1) * whole.count) / pieces);
    const rows = <A extends Float32Array | Int32Array>(all: A | undefined) => {
      const width = (all?.length ?? 0) / whole.count;
      return all?.subarray(begin * width, end * width) as A | undefined;
    };
    const { initial, condition, output, figures } = whole;
    const arrays = {
      initial: rows(initial),
      condition: rows(condition),
      output: rows(output),
      figures: figures && cutFigures(figures, begin, end),
    };
    return { ...whole, ...place, ...arrays, firstIndex: whole.firstIndex + BigInt(begin), count: end - begin };
  });
}

function cutFigures({ evaluations, accepted, rejected, status }: NativeFigures, begin: number, end: number) {
  return {
    evaluations: evaluations.subarray(begin, end),
    accepted: accepted.subarray(begin, end),
    rejected: rejected.subarray(begin, end),
    status: status.subarray(begin, end),
  };
}

/** Throws what the addon refuses. */
export function startJob(pieces: readonly NativeJobOptions[], hooks: JobHooks): AnyJob {
  return pieces.length === 1 ? new Job(pieces[0], hooks) : new Shards(pieces, hooks);
}

/** Like a Job. The first piece that fails as a whole ends the others, and its failure is that of all. */
export class Shards implements AnyJob {
  readonly ended: Promise<JobEnd>;
  readonly #jobs: Job[] = [];
  /** Samples of each. */
  readonly #counts: number[];
  readonly #running = new Set<Job>();
  readonly #latest: NativeProgress[];
  #reporting = true;

  /** `pieces` in index order. Throws what the addon refuses. */
  constructor(pieces: readonly NativeJobOptions[], { onProgress, ...hooks }: JobHooks) {
    this.#counts = pieces.map(({ count }) => count);
    this.#latest = pieces.map(({ count }) => ({ finished: 0, count, fraction: 0, networkCalls: 0 }));
    const report = (piece: number) =>
      onProgress && ((progress: NativeProgress) => this.#report(piece, progress, onProgress));
    try {
      for (const [i, piece] of pieces.entries()) this.#jobs.push(new Job(piece, { ...hooks, onProgress: report(i) }));
    } catch (error) {
      this.abort();
      throw error;
    }
    for (const job of this.#jobs) this.#running.add(job);
    this.ended = this.#end();
  }

  abort(): void {
    for (const job of this.#jobs) job.abort();
  }

  hold(wanted: boolean): void {
    for (const job of this.#jobs) job.hold(wanted);
  }

  take(): NativeSample[] {
    return this.#jobs.flatMap(job => job.take());
  }

  steps(into: NativeSteps): number {
    let firstRow = 0;
    for (const [i, job] of this.#jobs.entries()) {
      const taken = job.steps(into, firstRow);
      if (taken > 0) return taken;
      firstRow += this.#counts[i];
    }
    return 0;
  }

  changed(): Promise<void> {
    if (this.#running.size === 0) return Promise.resolve();
    // Jobs that are over would answer at once, again and again.
    return Promise.race([...this.#running].map(job => job.changed()));
  }

  #report(piece: number, progress: NativeProgress, onProgress: (progress: NativeProgress) => unknown): unknown {
    this.#latest[piece] = progress;
    if (!this.#reporting) return undefined;
    try {
      return onProgress(mergedProgress(this.#latest));
    } catch (error) {
      // It is the failure of this piece; what the others report until they end is for nobody.
      this.#reporting = false;
      throw error;
    }
  }

  async #end(): Promise<JobEnd> {
    let failure: unknown;
    const ends = await Promise.all(
      this.#jobs.map(async job => {
        const end = await job.ended;
        this.#running.delete(job);
        failure ??= end.failure;
        if (end.failure !== undefined || end.aborted) this.abort();
        return end;
      }),
    );
    const result = mergedResult(ends.map(end => end.result));
    return { result, aborted: ends.some(end => end.aborted), failure };
  }
}

function mergedProgress(pieces: readonly NativeProgress[]): NativeProgress {
  const sum = (figure: (one: NativeProgress) => number) => pieces.reduce((total, one) => total + figure(one), 0);
  const count = sum(one => one.count);
  return {
    finished: sum(one => one.finished),
    count,
    fraction: sum(one => one.fraction * one.count) / count,
    networkCalls: sum(one => one.networkCalls),
  };
}

/** Of pieces in index order. They run at the same time: the slowest one's milliseconds are those of the whole. */
export function mergedResult(pieces: readonly NativeResult[]): NativeResult {
  const graphs = pieces.flatMap(({ graph }) => graph ?? []);
  const sum = (figure: (piece: NativeResult) => number) => pieces.reduce((total, piece) => total + figure(piece), 0);
  const firstFailure = pieces.find(piece => piece.firstFailure)?.firstFailure;
  return {
    ended: STATUSES.map((_, code) => sum(piece => piece.ended[code])),
    evaluations: sum(piece => piece.evaluations),
    accepted: sum(piece => piece.accepted),
    rejected: sum(piece => piece.rejected),
    mostEvaluations: Math.max(...pieces.map(piece => piece.mostEvaluations)),
    ...(firstFailure && { firstFailure }),
    network: { calls: sum(({ network }) => network.calls), rows: sum(({ network }) => network.rows) },
    timing: pieces.map(({ timing }) => timing).reduce((most, one) => (one.totalMs > most.totalMs ? one : most)),
    steps: sum(piece => piece.steps),
    ...(graphs.length > 0 && { graph: graphs.find(graph => !graph.captured) ?? graphs[0] }),
  };
}
