/** Reads the .npy files that tests look into: version 1.0, float32, C order, by the format's own description. */
export function decodeNpy(bytes: Buffer): { shape: number[]; data: Float32Array; offset: number } {
  if (bytes.toString('latin1', 0, 8) !== '\x93NUMPY\x01\x00') throw new Error('no .npy file of version 1.0');
  const offset = 10 + bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, offset);
  const fields = /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(([\d, ]+)\), \} *\n$/.exec(header);
  if (fields === null) throw new Error(`unexpected header ${header}`);
  const shape = fields[1]
    .split(',')
    .filter(extent => extent.trim() !== '')
    .map(Number);
  return { shape, data: new Float32Array(Uint8Array.from(bytes.subarray(offset)).buffer), offset };
}

/** A .npy file of version 1.0 with this header, whatever it says. */
export function npyFile(descr: string, shape: readonly number[], data: NodeJS.TypedArray, order = 'False'): Buffer {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${tuple}), }`;
  const header = Buffer.from(`${text.padEnd(117)}\n`, 'latin1');
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]);
  return Buffer.concat([start, header, Buffer.from(data.buffer, data.byteOffset, data.byteLength)]);
}
