/** An ONNX network, run by onnxruntime-node, an optional peer dependency: no PyTorch anywhere. */
import { availableParallelism } from 'node:os';
import { addon } from '../addon.js';
import { invalidOption, messageOf, SdeError, sdeError } from '../errors.js';
import type { NativeQuestion } from '../native.js';
import { readable } from '../options/checks.js';
import { MOST_THREADS } from '../options/limits.js';
import { checkedTable, number, type OptionTable } from '../options/option.js';
import type { Prediction, TimeInput } from '../words.js';
import { PREDICTS, SHA256, TIME_INPUT } from './conventions.js';
import type { ScoreFacts, ScoreKind } from './facts.js';
import { isZip, otherFile } from './file-kind.js';
import { heldOf, holdModel, type LoadedModel, loadedModel, usable } from './loaded.js';
import { absolutePath, type Format, readModelFile } from './model-file.js';
import { answersTo, conditionOf, type Request } from './network.js';
import { feedsOf, numbersOf, type Signature, signatureOf } from './onnx-signature.js';
import { OnnxThread } from './onnx-thread.js';
import type { Asked } from './prepared.js';
import { probe } from './probe.js';

export interface OnnxOptions {
  /** What the network's answer is; required, since the file does not say. score_sde VP models: 'noise', VE: 'score'. */
  predicts: Prediction;
  /** What the network takes for its time; required. score_sde VP models: 'label' (999·t), VE: 'sigma'. */
  timeInput: TimeInput;
  /** SHA-256 that the bytes to be loaded must have, 64 hexadecimal digits. Default: not checked. */
  sha256?: string;
  /** Threads of the runtime, 0 … 1024; 0 (default): one a core. All jobs on this score share them. */
  networkThreads?: number;
  /** The runtime's, by name or with their options, the first that fits first. Default ['cpu']. */
  executionProviders?: readonly (string | { readonly name: string })[];
  /** Names of the model's inputs in the order x, t, condition. Default: the order in which the model has them. */
  inputs?: readonly string[];
  /** Name of the output that is the answer. Default: the model's first. */
  output?: string;
}

export interface OnnxScore extends ScoreFacts, LoadedModel {
  readonly kind: 'onnx';
  /** Absolute. */
  readonly path: string;
  /** Of the file's bytes as they were loaded, 64 hexadecimal digits. */
  readonly sha256: string;
}

type CheckedOnnx = Omit<Required<OnnxOptions>, 'sha256' | 'inputs' | 'output'> &
  Pick<OnnxOptions, 'sha256' | 'inputs' | 'output'>;

export const ONNX_OPTIONS: OptionTable<OnnxOptions, CheckedOnnx> = {
  predicts: PREDICTS,
  timeInput: TIME_INPUT,
  sha256: SHA256,
  networkThreads: {
    ...number({
      default: 0,
      range: { min: 0, max: MOST_THREADS, integer: true },
      help: 'threads of the runtime',
      flag: { flags: '--network-threads <number>', takes: 'integer' },
    }),
    default: '0: one a core',
  },
  executionProviders: {
    check: checkedProviders,
    default: 'the CPU',
    help: 'of ONNX Runtime, the first that fits first',
    flag: { flags: '--execution-providers <names>', takes: 'names' },
  },
  inputs: {
    check: checkedInputs,
    default: "the model's order",
    help: 'an ONNX model: its inputs that take x, t and the condition',
    flag: { flags: '--model-inputs <names>', takes: 'names' },
  },
  output: {
    check(name, given) {
      if (given === undefined || (typeof given === 'string' && given !== '')) return given;
      throw invalidOption(name, given, 'the name of an output');
    },
    default: 'the first',
    help: 'an ONNX model: its output that is the answer',
    flag: { flags: '--model-output <name>', takes: 'text' },
  },
};

/** What a loaded model is held by. */
interface Session {
  thread: OnnxThread;
  signature: Signature;
}

export const onnxKind: ScoreKind<OnnxScore> = {
  kind: 'onnx',
  maker: 'await onnxScore()',
  check(score) {
    usable(score, 'onnxScore');
  },
  devices(option, given, wanted) {
    if (wanted === 'auto' || wanted[0] === 'cpu') return ['cpu'];
    throw invalidOption(option, given, "'auto' or 'cpu' beside an onnxScore", {
      hint: "The job runs on the CPU; where the network runs, executionProviders of onnxScore say: ['cuda', 'cpu'].",
    });
  },
  // One for every job: it holds the question that is open.
  native: () => addon().createCallback(),
  hold: holdModel,
  takesCondition: true,
  insteadOfNetworkThreads: 'Its threads are made when it is loaded: onnxScore(path, { networkThreads }).',
  prepare(score, handle, options) {
    const ask = (requests: readonly Request[]) => answersTo(onnxKind, score, { ...options, handle }, requests);
    return probe({ ...score, dtype: 'float32', layout: 'auto' }, score, { ask }, options);
  },
  answer: answerQuestion,
};

/**
 * Loads `forward(x, t)` from an ONNX file, given by its path or as a `file:` URL: x [rows, …shape], t [rows] or [rows, 1],
 * and where `condition` is used a third input [rows, …]. It needs the npm package onnxruntime-node beside fast-sde. The
 * network runs on a thread of its own, which all jobs on it share. Types float64 and int64 are converted; a time that is
 * int64 gets the nearest label.
 *
 * Rejects with ERR_SDE_INVALID_OPTION, ERR_SDE_UNKNOWN_OPTION, ERR_SDE_MODEL_NOT_FOUND, ERR_SDE_MODEL_HASH,
 * ERR_SDE_MODEL_INVALID, ERR_SDE_ONNX_UNAVAILABLE, ERR_SDE_OUT_OF_MEMORY, ERR_SDE_ADDON_MISSING.
 */
export async function onnxScore(path: string | URL, options: OnnxOptions): Promise<OnnxScore> {
  const file = readable('onnxScore.path', () => absolutePath('onnxScore.path', path));
  const checked = checkedTable('onnxScore', options, ONNX_OPTIONS);
  const { predicts, timeInput, networkThreads, executionProviders, inputs, output } = checked;
  addon(); // a bundle has neither the addon nor the thread's file
  const { bytes, hash } = await readModelFile(file, checked.sha256, FILE);
  refuseOther(file, bytes);
  const sha256 = await hash();
  const thread = await opened(file, bytes, {
    intraOpNumThreads: networkThreads || availableParallelism(),
    executionProviders,
  });
  try {
    const signature = signatureOf({ path: file, inputs, output, timeInput }, thread);
    const session: Session = { thread, signature };
    return loadedModel({ kind: 'onnx', predicts, timeInput, path: file, sha256 } as const, session, () =>
      thread.close(),
    );
  } catch (error) {
    thread.close();
    throw error;
  }
}

const FILE: Format = {
  maker: 'onnxScore',
  is: 'an ONNX file',
  begins: head => isZip(head) || otherFile(new Uint8Array(head).buffer, 'onnx') === undefined,
};

function refuseOther(path: string, bytes: ArrayBuffer): void {
  const other = otherFile(bytes, 'onnx');
  if (other === undefined) return;
  throw invalidModel(path, `is ${other.is}, and no ONNX model`, other.cure);
}

async function opened(path: string, bytes: ArrayBuffer, options: Parameters<typeof OnnxThread.open>[1]) {
  try {
    return await OnnxThread.open(bytes, options);
  } catch (cause) {
    if (cause instanceof SdeError) throw cause;
    const why = messageOf(cause);
    if (OUT_OF_MEMORY.test(why)) throw outOfMemory(path, cause);
    throw invalidModel(path, `cannot be loaded: ${why}`, cureOf(why), cause);
  }
}

function cureOf(why: string): string {
  if (/external/i.test(why)) {
    return 'Its weights lie in another file. Export it with external_data=False, or join them: onnx.save(onnx.load(path), path).';
  }
  if (/opset|ir.?version|not a registered function/i.test(why)) {
    return 'Install a newer onnxruntime-node, or export it for an older opset (opset_version).';
  }
  return 'Export it again, and check it with onnx.checker.check_model(path).';
}

function invalidModel(path: string, what: string, hint: string, cause?: unknown): SdeError {
  return sdeError('ERR_SDE_MODEL_INVALID', `onnxScore: ${path} ${what}.`, {
    option: 'onnxScore.path',
    value: path,
    expected: FILE.is,
    hint,
    cause,
  });
}

const OUT_OF_MEMORY = /bad_alloc|allocate memory|out of memory|bad allocation/i;

function outOfMemory(path: string, cause: unknown): SdeError {
  return sdeError('ERR_SDE_OUT_OF_MEMORY', `${path}: ${messageOf(cause)}`, { option: 'score', cause });
}

/** `x` is the thread's from then on, and the answer comes in an array of its own: nothing large is copied here. */
async function answerQuestion(
  score: OnnxScore,
  question: NativeQuestion,
  { shape, condition, count, unconditional, guidanceScale, firstIndex }: Asked & { firstIndex: bigint },
): Promise<void> {
  const { thread, signature } = heldOf(score) as Session;
  const { x, time, samples } = question;
  const rows = time.length;
  const positions = () => Array.from(samples, sample => Number(sample - firstIndex));
  const feeds = feedsOf(signature, {
    shape,
    x,
    time: time.slice(),
    condition: condition && conditionOf(condition, count, positions()),
    unconditional,
  });
  const guidance = unconditional && (guidanceScale ?? 1);
  const call = { feeds, output: signature.output, guidance };
  const answer = await thread.ask(call, [x.buffer as ArrayBuffer]).catch(cause => {
    const why = messageOf(cause);
    if (OUT_OF_MEMORY.test(why)) throw outOfMemory(signature.path, cause);
    throw sdeError('ERR_SDE_MODEL_FAILED', `${signature.path}: ${why}`, { option: 'score', cause });
  });
  question.out = numbersOf(signature, answer, rows, shape);
}

function checkedProviders(name: string, given: unknown): readonly (string | { readonly name: string })[] {
  if (given === undefined) return ['cpu'];
  const nameOf = (one: unknown) => (typeof one === 'string' ? one : (one as { name?: unknown } | null)?.name);
  const named = Array.isArray(given) && given.length > 0 && given.every(one => typeof nameOf(one) === 'string');
  if (named) return [...given];
  throw invalidOption(name, given, "a list of execution providers, such as ['cuda', 'cpu']");
}

function checkedInputs(name: string, given: unknown): readonly string[] | undefined {
  if (given === undefined) return undefined;
  const names: unknown[] = Array.isArray(given) ? given : [];
  const fits = (names.length === 2 || names.length === 3) && new Set(names).size === names.length;
  if (fits && names.every(one => typeof one === 'string')) return [...(names as string[])];
  throw invalidOption(name, given, "two or three different names, such as ['sample', 'timestep']");
}
