/** What a file is that was handed in for a network and is none, by its first bytes or by words in it. */
export interface OtherFile {
  /** 'a state_dict' */
  is: string;
  /** What to do. */
  cure: string;
}

/** Formats of networks that can be loaded. */
export type Wanted = 'torch' | 'onnx';

/** A kind of file; its cure may name the way to export a network. */
interface Kind {
  is: string;
  cure: string | ((exported: string) => string);
}

const EXPORT: Record<Wanted, string> = {
  torch: 'export it with torch.jit.trace(model.eval(), (x, t)).save(path) or torch.jit.script(model.eval()).save(path)',
  onnx: 'export it with torch.onnx.export(model.eval(), (x, t), path, dynamo=True, external_data=False, …)',
};
const FROM_WEIGHTS = (exported: string) => `Build the model in Python, load the weights into it, and ${exported}.`;
const FROM_MODEL = (exported: string) => `Where the model is in Python, ${exported}.`;
const FETCH = 'Fetch the file itself: its beginning is that of a page or of a note about it.';

/** By how a file begins. */
const BEGINNINGS: readonly (Kind & { fits: (head: Buffer, text: string) => boolean })[] = [
  {
    is: 'empty',
    cure: 'Fetch or export it again.',
    fits: head => head.length === 0,
  },
  {
    is: 'a pointer of Git LFS to a file that was not fetched',
    cure: 'Run `git lfs pull`.',
    fits: (_, text) => text.startsWith('version https://git-lfs.github.com/'),
  },
  {
    is: 'a web page',
    cure: FETCH,
    fits: (_, text) => /^\s*(<\?xml[^>]*>\s*)?<(!doctype|html|head)/i.test(text),
  },
  {
    is: 'a safetensors file: weights without a network',
    cure: FROM_WEIGHTS,
    fits: head =>
      head.length > 9 && head.readBigUInt64LE(0) < 2 ** 27 && /^\{\s*["}]/.test(head.toString('latin1', 8, 16)),
  },
  {
    is: 'a GGUF file: weights without a network',
    cure: FROM_WEIGHTS,
    fits: (_, text) => text.startsWith('GGUF'),
  },
  {
    is: 'an HDF5 file, as Keras writes them',
    cure: FROM_MODEL,
    fits: head => head.subarray(1, 4).toString('latin1') === 'HDF',
  },
  {
    is: 'a NumPy array',
    cure: FROM_WEIGHTS,
    fits: head => head.subarray(1, 6).toString('latin1') === 'NUMPY',
  },
  {
    is: 'an ONNX model',
    cure: 'Load it with onnxScore(path, options).',
    fits: head => isOnnx(head),
  },
  {
    is: 'a pickle, as torch.save wrote them before PyTorch 1.6',
    cure: FROM_WEIGHTS,
    fits: head => head[0] === 0x80 && head[1] >= 2 && head[1] <= 5,
  },
  {
    is: 'compressed',
    cure: 'Decompress it.',
    fits: head => ['1f8b', '28b5', 'fd37', '425a'].includes(head.toString('hex', 0, 2)),
  },
  {
    is: 'a tar archive',
    cure: 'Unpack it.',
    fits: head => head.toString('latin1', 257, 262) === 'ustar',
  },
  {
    is: 'text',
    cure: FETCH,
    fits: (_, text) => /^[\t\n\r -~]+$/.test(text.slice(0, 256)),
  },
];

/** By words in a zip archive: names of records, and what the pickle says that torch.save writes first. */
const ARCHIVES: readonly (Kind & { has: RegExp })[] = [
  {
    is: 'a package of AOTInductor (.pt2)',
    cure: FROM_MODEL,
    has: /aotinductor\//,
  },
  {
    is: 'a program of torch.export (.pt2)',
    cure: FROM_MODEL,
    has: /serialized_exported_program|archive_format|exported_program/,
  },
  {
    is: 'a checkpoint of PyTorch Lightning',
    cure: exported => `Load it in Python with load_from_checkpoint(), and ${exported}.`,
    has: /pytorch-lightning_version/,
  },
  {
    is: 'a pickled module, which only the Python code that it came from can load',
    cure: exported => `Load it there with torch.load(path, weights_only=False), and ${exported}.`,
    has: /_load_state_dict_pre_hooks|_non_persistent_buffers_set/,
  },
  {
    is: 'a training checkpoint: weights beside the state of an optimizer',
    cure: FROM_WEIGHTS,
    has: /param_groups/,
  },
  {
    is: 'a state_dict: weights without a network',
    cure: FROM_WEIGHTS,
    has: /_rebuild_(tensor|parameter)/,
  },
  {
    is: 'something that torch.save wrote',
    cure: FROM_WEIGHTS,
    has: /data\.pkl/,
  },
  {
    is: 'an archive of NumPy arrays',
    cure: FROM_WEIGHTS,
    has: /\.npyPK/,
  },
];

const TORCH_SCRIPT: Kind = { is: 'a TorchScript module', cure: 'Load it with torchScore(path, options).' };

/** Of a long archive as much of its beginning and of its end, where the names of its records are. */
const LOOKED_AT = 1 << 20;

const ZIP = Buffer.from('PK\x03\x04');

/** A zip archive, as TorchScript files are. */
export function isZip(head: Uint8Array): boolean {
  return ZIP.equals(head.subarray(0, ZIP.length));
}

/**
 * ModelProto: its first field is ir_version, a small number, and then the producer's name or the graph follow. Or a
 * FlatBuffer of ONNX Runtime (.ort).
 */
export function isOnnx(head: Uint8Array): boolean {
  const isProto = head[0] === 8 && head[1] < 32 && [0x12, 0x1a, 0x22, 0x2a, 0x32, 0x3a, 0x42].includes(head[2]);
  return isProto || Buffer.from(head.subarray(4, 8)).toString('latin1') === 'ORTM';
}

/**
 * Undefined where it may be what is wanted, or where nobody knows. `bytes`: of a file that may be of that format all, of
 * others the beginning.
 */
export function otherFile(bytes: ArrayBuffer, wanted: Wanted): OtherFile | undefined {
  const kind = otherKind(bytes, wanted);
  return kind && { is: kind.is, cure: typeof kind.cure === 'string' ? kind.cure : kind.cure(EXPORT[wanted]) };
}

function otherKind(bytes: ArrayBuffer, wanted: Wanted): Kind | undefined {
  // One view of all would have a length that Node 20 refuses from 4 GiB on.
  const looked = Math.min(bytes.byteLength, LOOKED_AT);
  const start = Buffer.from(bytes, 0, looked);
  const head = start.subarray(0, 4096);
  const text = head.toString('latin1');
  if (wanted === 'onnx' && isOnnx(head)) return undefined;
  if (!isZip(head)) return BEGINNINGS.find(({ fits }) => fits(head, text));
  const words = start.toString('latin1') + Buffer.from(bytes, bytes.byteLength - looked).toString('latin1');
  // What torch.jit.save writes beside the weights: constants and code.
  if (/\/constants\.pkl|\/code\//.test(words)) return wanted === 'torch' ? undefined : TORCH_SCRIPT;
  // An archive without its end is a damaged one.
  if (wanted === 'torch' && !words.includes('PK\x05\x06')) return undefined;
  return (
    ARCHIVES.find(({ has }) => has.test(words)) ?? { is: 'a zip archive without a module in it', cure: FROM_MODEL }
  );
}
