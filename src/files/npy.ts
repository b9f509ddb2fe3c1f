/**
 * NumPy's .npy format: written as float32 or float64 in C order, read as the numbers that arrays of conditions and of starting
 * points are made of. https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */

const MAGIC = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);

/** Bytes a write; the numbers themselves are never copied. */
const CHUNK = 1 << 26;

/** The file's bytes for `data` of the given shape, header first. */
export function* npyChunks(data: Float32Array | Float64Array, shape: readonly number[]): Generator<Buffer> {
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (count !== data.length) throw new RangeError(`shape ${shape.join('×')} does not hold ${data.length} numbers`);
  // A tuple of one needs its comma in Python: (3,).
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '<f${data.BYTES_PER_ELEMENT}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // Magic (8), header length (2), header and its newline end on a multiple of 64, so that the data can be mapped.
  const headerLength = Math.ceil((MAGIC.length + 2 + text.length + 1) / 64) * 64 - MAGIC.length - 2;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(headerLength);
  const header = Buffer.from(`${text.padEnd(headerLength - 1)}\n`, 'latin1');
  yield Buffer.concat([MAGIC, length, header]);
  for (let from = 0; from < data.byteLength; from += CHUNK) {
    yield Buffer.from(data.buffer, data.byteOffset + from, Math.min(CHUNK, data.byteLength - from));
  }
}

export interface NpyArray {
  data: Float32Array | Float64Array | Int32Array | BigInt64Array;
  shape: number[];
}

/** By what NumPy calls them in a file of a machine like ours: little-endian. */
const TYPES = { '<f4': Float32Array, '<f8': Float64Array, '<i4': Int32Array, '<i8': BigInt64Array } as const;

/** Throws an Error that says what is wrong, and where it can be mended in Python how. */
export function readNpy(file: Buffer): NpyArray {
  const major = file[6];
  if (file.length < 12 || !file.subarray(0, 6).equals(MAGIC.subarray(0, 6))) throw new Error('is no .npy file');
  if (major !== 1 && major !== 2 && major !== 3) throw new Error(`is of version ${major} of the .npy format`);
  const start = major === 1 ? 10 : 12;
  const end = start + (major === 1 ? file.readUInt16LE(8) : file.readUInt32LE(8));
  const header = file.toString('latin1', start, end);
  const type = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const sizes = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if (end > file.length || order === undefined || sizes === undefined) throw new Error('has a header that is damaged');
  const Numbers = TYPES[type as keyof typeof TYPES];
  if (Numbers === undefined) {
    throw new Error(`holds numbers of type ${type ?? 'unknown'}: use .astype with numpy.float32 or numpy.int32`);
  }
  if (order === 'True') throw new Error('is in Fortran order: use numpy.ascontiguousarray');
  const shape = (sizes.match(/\d+/g) ?? []).map(Number);
  const count = shape.reduce((product, size) => product * size, 1);
  const wanted = count * Numbers.BYTES_PER_ELEMENT;
  if (file.length - end !== wanted) {
    throw new Error(`has ${file.length - end} bytes of numbers, and its shape (${shape.join(', ')}) takes ${wanted}`);
  }
  // A copy, since the numbers need not lie where the type could be read in place.
  return { data: new Numbers(Uint8Array.from(file.subarray(end)).buffer), shape };
}
