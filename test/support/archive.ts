/** Zip archives, as far as tests take TorchScript files apart and put them together again. */
import { crc32, inflateRawSync } from 'node:zlib';

export type Records = [name: string, contents: Buffer][];

export function unpacked(file: Buffer): Records {
  const end = file.lastIndexOf('PK\x05\x06');
  const records: Records = [];
  for (let at = file.readUInt32LE(end + 16), i = file.readUInt16LE(end + 10); i > 0; --i) {
    const [method, stored] = [file.readUInt16LE(at + 10), file.readUInt32LE(at + 20)];
    const [nameLength, extraLength] = [28, 30].map(field => file.readUInt16LE(at + field));
    const from = file.readUInt32LE(at + 42);
    const data = from + 30 + file.readUInt16LE(from + 26) + file.readUInt16LE(from + 28);
    const bytes = file.subarray(data, data + stored);
    records.push([file.toString('utf8', at + 46, at + 46 + nameLength), method === 8 ? inflateRawSync(bytes) : bytes]);
    at += 46 + nameLength + extraLength + file.readUInt16LE(at + 32);
  }
  return records;
}

/** Not compressed, with right checksums. */
export function packed(records: Records): Buffer {
  const [parts, directory]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const [name, contents] of records) {
    const common = Buffer.alloc(26);
    common.writeUInt32LE(crc32(contents), 10);
    common.writeUInt32LE(contents.length, 14);
    common.writeUInt32LE(contents.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    directory.push(Buffer.from('PK\x01\x02\0\0', 'latin1'), common, place, Buffer.from(name));
    const local = [Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), contents];
    parts.push(...local);
    at += local.reduce((sum, part) => sum + part.length, 0);
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(records.length, 8);
  end.writeUInt16LE(records.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, central, end]);
}
