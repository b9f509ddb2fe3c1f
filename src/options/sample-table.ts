/** A row for every option of `sample` and `stream`, in the order in which they are checked. */
import type { NativeSolver } from '../native.js';
import { checkedScore, kindOf, type Score } from '../score/score.js';
import { type CheckedSde, checkedSde } from '../sde/sde.js';
import { DEFAULT_SOLVER, nativeSolver } from '../solver/solver.js';
import { NOISES, type Noise, ON_FAILURE, type OnFailure } from '../words.js';
import { functionOption, seedOption } from './checks.js';
import { parsedDevice } from './device.js';
import { MOST_THREADS } from './limits.js';
import { boolean, choice, number, type OptionTable } from './option.js';
import type { Condition, Guidance, Progress, SampleOptions } from './sample.js';
import {
  checkedCondition,
  checkedCount,
  checkedFirstIndex,
  checkedGuidance,
  checkedInitial,
  checkedNetworkThreads,
  checkedShape,
  checkedSignal,
  checkedSlots,
  DEFAULT_SLOTS,
} from './sample-checks.js';

/** What the rows make of the options. */
export interface CheckedSample {
  sde: CheckedSde;
  score: Score;
  shape: number[];
  count: number;
  seed: bigint;
  firstIndex: number;
  solver: NativeSolver;
  noise: Noise;
  /** ['cpu'], or CUDA devices such as ['cuda:0', 'cuda:1']. */
  device: readonly string[];
  batch: number | 'auto';
  padBatch: boolean;
  threads: number;
  networkThreads: number;
  finalDenoise: boolean;
  maxEvaluations: number;
  trajectory: boolean;
  onFailure: OnFailure;
  initial: Float32Array | undefined;
  condition: Condition | undefined;
  guidance: Guidance | undefined;
  onProgress: ((progress: Progress) => void) | undefined;
  signal: AbortSignal | undefined;
}

export const SAMPLE_OPTIONS: OptionTable<SampleOptions, CheckedSample> = {
  sde: {
    check: (_name, given) => checkedSde(given),
    default: 'required',
    help: 'the process the network was trained for',
    flag: { flags: '--sde <name>', takes: 'text' },
  },
  score: {
    check: checkedScore,
    default: 'required',
    help: 'who answers for the score',
    flag: { none: 'stands in --model or --mixture' },
  },
  shape: {
    check: checkedShape,
    default: 'required',
    help: 'shape of one sample, such as 1,28,28 (a mixture knows its own)',
    flag: { flags: '--shape <n,…>', takes: 'shape' },
    native: 'shape',
  },
  count: {
    check: checkedCount,
    default: '1',
    value: 1,
    help: 'how many samples',
    flag: { flags: '--count <number>', takes: 'integer', value: 16 },
    native: 'count',
  },
  seed: {
    check: seedOption,
    default: '0',
    value: 0n,
    help: 'same seed, same samples (0 … 2^64 - 1)',
    flag: { flags: '--seed <number>', takes: 'seed' },
    native: 'seed',
  },
  firstIndex: {
    check: checkedFirstIndex,
    default: '0',
    value: 0,
    help: 'index of the first sample, to cut a large job into pieces',
    flag: { flags: '--first-index <number>', takes: 'integer' },
  },
  solver: {
    check: (_name, given, { sde }) => nativeSolver(given ?? DEFAULT_SOLVER(), sde),
    default: `${DEFAULT_SOLVER.definition.kind}()`,
    help: 'how the SDE is solved',
    flag: { flags: '--solver <name>', takes: 'text' },
    native: 'solver',
  },
  noise: choice({
    default: 'bridge',
    choices: NOISES,
    help: 'Brownian path after a rejected step',
    flag: { flags: '--noise <policy>', takes: 'text', choices: NOISES },
    native: 'noise',
  }),
  finalDenoise: boolean({
    default: true,
    help: 'one more evaluation at the end, which takes the last noise out',
    flag: { flags: '--no-final-denoise', takes: 'switch', help: 'leave out the denoising step at the end' },
    native: 'finalDenoise',
  }),
  maxEvaluations: {
    ...number({
      default: 0,
      range: { min: 0, integer: true },
      help: 'give a sample up after so many score evaluations',
      flag: { flags: '--max-evaluations <number>', takes: 'integer' },
      native: 'maxEvaluations',
    }),
    default: '0: no limit',
  },
  device: {
    check: (name, given, { score }) => kindOf(score).devices(name, given, parsedDevice(name, given), score),
    default: "'auto'",
    help: 'auto, cpu, cuda, cuda:1, or several: cuda:0,cuda:1',
    flag: { flags: '--device <name>', takes: 'device' },
  },
  trajectory: boolean({
    default: false,
    help: 'the result has every step that was tried',
    flag: { none: 'arrays, a number a step' },
    native: 'trajectory',
  }),
  batch: {
    check: checkedSlots,
    default: `${DEFAULT_SLOTS.cpu}, on a CUDA device ${DEFAULT_SLOTS.cuda}`,
    help: 'samples in flight: a number, or auto to measure',
    flag: { flags: '--batch <slots>', takes: 'slots' },
  },
  padBatch: boolean({
    default: false,
    help: 'every network call with all slots: the same bits in any company',
    flag: { flags: '--pad-batch', takes: 'switch' },
    native: 'padBatch',
  }),
  threads: {
    ...number({
      default: 0,
      range: { min: 0, max: MOST_THREADS, integer: true },
      help: 'solver threads',
      flag: { flags: '--threads <number>', takes: 'integer' },
      native: 'threads',
    }),
    default: '0: one a core',
  },
  networkThreads: {
    check: checkedNetworkThreads,
    value: 0,
    default: '0: one a core',
    help: 'threads of a network on a CPU',
    flag: { flags: '--network-threads <number>', takes: 'integer' },
    native: 'networkThreads',
  },
  onFailure: choice({
    default: 'throw',
    choices: ON_FAILURE,
    help: 'what becomes of a job some of whose samples fail',
    flag: { none: "the command line keeps what it has: 'keep'" },
  }),
  initial: {
    check: checkedInitial,
    default: 'the prior',
    help: 'own starting points',
    flag: { none: 'an array, in the file of --initial' },
    native: 'initial',
  },
  condition: {
    check: checkedCondition,
    default: 'none',
    help: 'a condition a sample, for the third input of a network',
    flag: { none: 'an array, in the file of --condition' },
    native: 'condition',
  },
  guidance: {
    check: checkedGuidance,
    default: 'none',
    help: 'classifier-free guidance',
    flag: { none: 'stands in --guidance and --unconditional' },
  },
  onProgress: {
    check: (name, given) => functionOption(name, given as CheckedSample['onProgress']),
    default: 'none',
    help: 'called with the progress',
    flag: { none: 'a function: the command line shows a bar' },
  },
  signal: {
    check: checkedSignal,
    default: 'none',
    help: 'stops the job',
    flag: { none: 'Ctrl-C' },
  },
};
