/** Damaged model files: what disks, transfers and tools do to them, drawn at random. */
import { packed, type Records, unpacked } from './archive.js';
import type { random } from './random.js';

type Random = ReturnType<typeof random>;

export function flipped(file: Buffer, draw: Random): Buffer {
  const damaged = Buffer.from(file);
  damaged[draw.below(file.length)] ^= 1 << draw.below(8);
  return damaged;
}

/** One record of a tensor is shorter than its tensor, and its checksum is right. */
export function shortened(file: Buffer, draw: Random): Buffer {
  const records = unpacked(file);
  const record = draw.one(records.filter(([name]) => /\/(data|constants)\/\d+$/.test(name)));
  record[1] = record[1].subarray(0, draw.below(record[1].length));
  return packed(records);
}

const KINDS: ((file: Buffer, draw: Random) => Buffer)[] = [
  flipped,
  shortened,
  (file, draw) => file.subarray(0, draw.below(file.length)),
  (file, draw) => {
    const [from, length] = [draw.below(file.length), 1 << draw.below(12)];
    return Buffer.from(file).fill(0, from, Math.min(from + length, file.length));
  },
  (file, draw) => {
    const [from, length] = [draw.below(file.length), 1 << draw.below(12)];
    return Buffer.concat([file.subarray(0, from), file.subarray(from + length)]);
  },
  // With right checksums: a tool that rewrote a record, or a hand.
  (file, draw) => changed(file, draw, contents => contents.subarray(0, draw.below(contents.length + 1))),
  (file, draw) =>
    changed(file, draw, contents => {
      const bytes = Buffer.from(contents);
      for (let i = draw.below(4); i >= 0 && bytes.length > 0; --i) bytes[draw.below(bytes.length)] = draw.below(256);
      return bytes;
    }),
  (file, draw) => changed(file, draw, contents => Buffer.concat([contents, contents])),
  (file, draw) => {
    const records = unpacked(file);
    records.splice(draw.below(records.length), 1);
    return packed(records);
  },
];

function changed(file: Buffer, draw: Random, change: (contents: Buffer) => Buffer): Buffer {
  const records: Records = unpacked(file);
  const record = draw.one(records);
  record[1] = change(record[1]);
  return packed(records);
}

export function damaged(file: Buffer, draw: Random): Buffer {
  return draw.one(KINDS)(file, draw);
}
