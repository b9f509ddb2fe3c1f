/** NumPy's .npy format, version 1.0, as far as samples need it: float32, C order. */

const MAGIC = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);

/** Bytes a write; the numbers themselves are never copied. */
const CHUNK = 1 << 26;

/** The file's bytes for `data` of the given shape, header first; `numpy.load` reads it as float32. */
export function* npyChunks(data: Float32Array, shape: readonly number[]): Generator<Buffer> {
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (count !== data.length) throw new RangeError(`shape ${shape.join('×')} does not hold ${data.length} numbers`);
  // A tuple of one needs its comma in Python: (3,).
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
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
