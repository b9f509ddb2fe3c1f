/** What samples cost: the other axis of every comparison. */
import { invalidOption } from '../../errors.js';
import type { SampleStats } from '../../result.js';
import { clustersOf, meanOf } from './clusters.js';
import { ofSamples, type Statistic } from './statistic.js';

export interface Cost {
  /** Score evaluations a sample, the final denoising included. p99: at most so many for 99 of 100 samples. */
  readonly evaluations: { readonly mean: number; readonly median: number; readonly p99: number; readonly max: number };
  /** Rejected steps over steps tried. */
  readonly rejectedShare: number;
  /** Useful rows over rows of the network's calls: 1 where no place in a batch was empty. */
  readonly utilisation: number;
  /** Wall clock of all jobs, one after the other. */
  readonly seconds: number;
  readonly secondsInScore: number;
  /** Mean evaluations for `interval` and `difference`, paired by sample as other metrics are. */
  readonly meanEvaluations: Statistic;
}

/** Of the jobs that drew the samples, one a seed, as many samples in each: `result.stats`. Throws ERR_SDE_INVALID_OPTION. */
export function cost(jobs: SampleStats | readonly SampleStats[]): Cost {
  const list = (Array.isArray(jobs) ? jobs : [jobs]) as SampleStats[];
  if (list.length === 0 || !list.every(job => job?.evaluations?.length > 0)) {
    throw invalidOption('jobs', jobs, 'stats of `sample`, or a list of them, one a seed');
  }
  const evaluations = new Float64Array(list.reduce((sum, job) => sum + job.evaluations.length, 0));
  let place = 0;
  for (const job of list) {
    evaluations.set(job.evaluations, place);
    place += job.evaluations.length;
  }
  const ascending = evaluations.toSorted();
  const n = ascending.length;
  const atMost = (share: number) => ascending[Math.ceil(share * n) - 1];
  const clusters = clustersOf(n, list.length);
  const total = (of: (job: SampleStats) => number) => list.reduce((sum, job) => sum + of(job), 0);
  const [accepted, rejected] = [total(job => job.totals.accepted), total(job => job.totals.rejected)];
  return {
    evaluations: {
      mean: total(job => job.totals.evaluations) / n,
      median: atMost(0.5),
      p99: atMost(0.99),
      max: ascending[n - 1],
    },
    rejectedShare: rejected === 0 ? 0 : rejected / (accepted + rejected),
    utilisation: total(job => job.utilisation * job.network.rows) / total(job => job.network.rows),
    seconds: total(job => job.timing.totalMs) / 1000,
    secondsInScore: total(job => job.timing.scoreMs) / 1000,
    meanEvaluations: ofSamples('meanEvaluations', clusters, meanOf(evaluations, clusters)),
  };
}
