/** Small ONNX models, written here byte by byte (protobuf), so that tests need no Python. Names are those of onnx.proto. */
import { writeFileSync } from 'node:fs';

const TYPES = { float32: 1, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11 } as const;
type Type = keyof typeof TYPES;

/** Sizes that may be any are names. */
type Shape = readonly (number | string)[];

export class Graph {
  readonly #opset: number;
  readonly #nodes: Buffer[] = [];
  readonly #initializers: Buffer[] = [];
  readonly #inputs: Buffer[] = [];
  readonly #outputs: Buffer[] = [];
  #names = 0;

  constructor(opset = 17) {
    this.#opset = opset;
  }

  input(name: string, shape: Shape, type: Type = 'float32'): string {
    this.#inputs.push(valueInfo(name, shape, type));
    return name;
  }

  /** A node with one output; its name. */
  op(type: string, inputs: readonly string[], attributes: Record<string, number> = {}): string {
    const output = `${type}-${++this.#names}`;
    this.#node(type, inputs, output, attributes);
    return output;
  }

  output(name: string, from: string, shape: Shape, type: Type = 'float32'): this {
    this.#node('Identity', [from], name, {});
    this.#outputs.push(valueInfo(name, shape, type));
    return this;
  }

  constant(
    values: readonly number[],
    type: 'float64' | 'float32' | 'int64' = 'float64',
    dims = [values.length],
  ): string {
    const name = `constant-${++this.#names}`;
    const arrays = {
      float64: () => Float64Array.from(values),
      float32: () => Float32Array.from(values),
      int64: () => BigInt64Array.from(values, BigInt),
    };
    const raw = Buffer.from(arrays[type]().buffer);
    const packed = dims.map(size => varintField(1, size));
    this.#initializers.push(
      Buffer.concat([...packed, varintField(2, TYPES[type]), textField(8, name), bytesField(9, raw)]),
    );
    return name;
  }

  /** Numbers that lie in another file. */
  elsewhere(file: string, dims: readonly number[]): string {
    const name = `constant-${++this.#names}`;
    const entry = bytesField(13, Buffer.concat([textField(1, 'location'), textField(2, file)]));
    const packed = dims.map(size => varintField(1, size));
    this.#initializers.push(
      Buffer.concat([...packed, varintField(2, TYPES.float32), textField(8, name), entry, varintField(14, 1)]),
    );
    return name;
  }

  cast(from: string, to: Type): string {
    return this.op('Cast', [from], { to: TYPES[to] });
  }

  write(path: string): string {
    writeFileSync(path, this.#model());
    return path;
  }

  #node(type: string, inputs: readonly string[], output: string, attributes: Record<string, number>): void {
    const named = Object.entries(attributes).map(([name, value]) =>
      bytesField(5, Buffer.concat([textField(1, name), varintField(3, value), varintField(20, 2)])),
    );
    this.#nodes.push(
      Buffer.concat([...inputs.map(name => textField(1, name)), textField(2, output), textField(4, type), ...named]),
    );
  }

  #model(): Buffer {
    const graph = Buffer.concat([
      ...this.#nodes.map(one => bytesField(1, one)),
      textField(2, 'graph'),
      ...this.#initializers.map(one => bytesField(5, one)),
      ...this.#inputs.map(one => bytesField(11, one)),
      ...this.#outputs.map(one => bytesField(12, one)),
    ]);
    const opset = Buffer.concat([textField(1, ''), varintField(2, this.#opset)]);
    return Buffer.concat([varintField(1, 8), bytesField(7, graph), bytesField(8, opset)]);
  }
}

function valueInfo(name: string, shape: Shape, type: Type): Buffer {
  const sizes = shape.map(size => bytesField(1, typeof size === 'number' ? varintField(1, size) : textField(2, size)));
  const tensor = Buffer.concat([varintField(1, TYPES[type]), bytesField(2, Buffer.concat(sizes))]);
  return Buffer.concat([textField(1, name), bytesField(2, bytesField(1, tensor))]);
}

function varintField(field: number, value: number): Buffer {
  return Buffer.concat([varint(8 * field), varint(value)]);
}

function bytesField(field: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([varint(8 * field + 2), varint(bytes.length), bytes]);
}

function textField(field: number, text: string): Buffer {
  return bytesField(field, Buffer.from(text));
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Buffer.from([...bytes, value]);
}
