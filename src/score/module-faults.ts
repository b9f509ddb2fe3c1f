/** What can be wrong with a network's export, in words: what it is, how it shows, and what to do. */
import { SdeError, sdeError } from '../errors.js';
import type { NativeModelFacts } from '../native.js';
import type { Dtype, Layout, TimeInput } from '../words.js';

/** What is to be known of a network to look at it. */
export interface Module {
  readonly kind: 'torch' | 'onnx';
  readonly path: string;
  readonly dtype: Dtype;
  readonly layout: Layout;
  /** Of a score alone: a drift or a diffusion takes t. */
  readonly timeInput?: TimeInput;
  /** As errors call it; absent: 'score'. */
  readonly option?: string;
}

/** What can be done with the module as it is, where it is a score: paths are never alone. */
const asItIs = (module: Module, how: string) => (module.timeInput === undefined ? '' : ` As it is, ${how}`);
const ALONE = 'batch: 1 draws from it rightly.';

function fault({ path, option = 'score' }: Module, what: string, hint: string, cause?: unknown): SdeError {
  const details = { option, value: path, hint };
  return sdeError(
    'ERR_SDE_MODEL_INVALID',
    `${path}: the network ${what}.`,
    cause === undefined ? details : { ...details, cause },
  );
}

export function answersByChance(module: Module, { random }: NativeModelFacts): SdeError {
  const unseen =
    module.kind === 'onnx' ? 'it keeps a state, or draws random numbers' : 'it keeps a state between calls';
  const how = random === '' ? unseen : `its forward() calls ${random}`;
  return fault(
    module,
    `answers the same x and t differently from call to call: ${how}`,
    'Its answer has to be a function of x and t. Take chance and state out of forward() and export it again.',
  );
}

export function takesOneTime(module: Module): SdeError {
  return fault(
    module,
    'takes one time for all rows of a call: the answer to a row changes with the times of the others',
    `Samples are at times of their own. Use the whole t, [rows], as in t[:, None], in place of t[0], t.mean() or float(t), and export it again.${asItIs(module, ALONE)}`,
  );
}

export function mixesRows(module: Module, { normsByBatch }: NativeModelFacts): SdeError {
  const how = normsByBatch ? ': a batch norm has no running statistics and takes those of the batch' : '';
  const cure = normsByBatch
    ? 'Use GroupNorm, or BatchNorm with track_running_stats, and export it again.'
    : 'Look for a mean, a softmax or a reshape over the first dimension, and export it again.';
  return fault(
    module,
    `mixes the rows of a call${how}`,
    `Each row is a sample of its own. ${cure}${asItIs(module, ALONE)}`,
  );
}

/** `fits`: numbers of rows that it answers. */
export function isForOneBatch(module: Module, fits: readonly number[], cause: unknown): SdeError {
  const why = String((cause as Error).message).split('\n', 1)[0];
  const one = fits.length === 1 && fits[0] === 1;
  // What float(t) and t.item() say of more than one row, and what is said of an ONNX model with one time.
  if (one && /converted to Scalar|only one element|more than one value is ambiguous|one time for all rows/.test(why))
    return takesOneTime(module);
  const rows = fits.join(' or ');
  const alone = `Where t meets x, it needs x's dimensions, as in t[:, None, None, None].${asItIs(module, ALONE)}`;
  const padded = fits.length === 1 ? asItIs(module, `batch: ${rows} with padBatch: true may do.`).trimStart() : '';
  const kept = { torch: 'a trace', onnx: 'an export' }[module.kind];
  const again = {
    torch: 'and trace it again, or use torch.jit.script.',
    onnx: "and export it again with dynamic_shapes=({0: 'rows'}, {0: 'rows'}).",
  }[module.kind];
  return fault(
    module,
    `is made for a batch of ${rows} and fails for others (${why}): ${kept} keeps the number of rows of its example`,
    `Write x.shape[0], -1 or torch.zeros_like for it in forward(), without int(), ${again} ${one ? alone : padded}`.trimEnd(),
    cause,
  );
}

/** Its own error, with what to try. */
export function answersNothing({ dtype, layout, option = 'score' }: Module, error: unknown): unknown {
  if (!(error instanceof SdeError) || error.code !== 'ERR_SDE_MODEL_FAILED') return error;
  const short = dtype === 'bfloat16' || dtype === 'float16';
  const tries = [
    ...(layout === 'channels_last' ? ["Load it with layout: 'contiguous' or 'auto': what it does may need that."] : []),
    ...(short ? [`Load it with dtype: 'float32': perhaps a part of it cannot compute in ${dtype}.`] : []),
  ];
  return sdeError(error.code, error.message, { option, hint: [...tries, error.hint].join(' ') });
}

/** Warns: train mode has been left for it. */
export function leftTrainMode({ path }: Pick<Module, 'path'>, { trainMode }: NativeModelFacts): void {
  warn(
    'FAST_SDE_MODEL_TRAIN_MODE',
    `${path} was exported in train mode (${trainMode}). It runs as after eval(): nothing is dropped out, and batch norms ` +
      'use their running statistics. Call model.eval() before the export.',
  );
}

/** Warns: the weights have been made float32. */
export function weightsConverted({ path }: Module, { foreignWeights }: NativeModelFacts): void {
  warn(
    'FAST_SDE_MODEL_WEIGHTS',
    `${path} has weights of ${foreignWeights} and takes no float32 input. It runs with its weights in float32. ` +
      'Call model.float() before the export.',
  );
}

/** Warns: it may well be right, for a network that sees the noise by itself. */
export function ignoresTime({ path }: Module): void {
  warn(
    'FAST_SDE_MODEL_IGNORES_TIME',
    `${path}: the answer of the network does not depend on its time. An export keeps float(t), t.item() and what Python ` +
      'computes from them as the numbers of its example: use t as a tensor, and export it again. Or timeInput is not what ' +
      'it was trained with: inspect() tells.',
  );
}

const warned = new Set<string>();

/** Once of a file. */
function warn(code: string, message: string): void {
  if (warned.has(message)) return;
  warned.add(message);
  process.emitWarning(message, { code });
}
