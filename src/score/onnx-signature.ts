/** What an ONNX model declares of its inputs, checked at load, and a call's numbers in the form that they want. */
import { types } from 'node:util';
import { type SdeError, sdeError } from '../errors.js';
import type { TimeInput } from '../words.js';

/** An input or output as the runtime describes it; sizes that may be any are names. */
export interface Declared {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
}

/** Numbers of one input; the thread makes them the type that is declared. */
export interface Feed {
  name: string;
  type: string;
  dims: number[];
  values: Float32Array | Float64Array | Int32Array;
  /** For the second half of the rows under classifier-free guidance, where it is not the same again. */
  unguided?: Float32Array | Int32Array;
}

export interface Tensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: ArrayLike<unknown> & ArrayBufferView;
}

export interface Signature {
  readonly path: string;
  readonly x: Input;
  readonly time: Input;
  readonly condition?: Input;
  readonly output: string;
}

interface Input {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

const FLOATS = ['float32', 'float64'];
const INTEGERS = ['int64', 'int32'];
/** What each of the inputs, in this order, may be. */
const PLACES = [
  { what: 'x', may: FLOATS },
  { what: 't', may: [...FLOATS, ...INTEGERS] },
  { what: 'condition', may: [...FLOATS, ...INTEGERS, 'bool'] },
] as const;

export interface Wanted {
  path: string;
  inputs: readonly string[] | undefined;
  output: string | undefined;
  timeInput: TimeInput;
}

/** Throws ERR_SDE_MODEL_INVALID where the model is no forward(x, t) or forward(x, t, condition). */
export function signatureOf(
  { path, inputs, output, timeInput }: Wanted,
  model: { readonly inputs: readonly Declared[]; readonly outputs: readonly Declared[] },
): Signature {
  const fault = (what: string, hint: string) =>
    sdeError('ERR_SDE_MODEL_INVALID', `onnxScore: ${path} ${what}.`, { option: 'onnxScore.path', value: path, hint });
  const has = `It has the inputs ${list(model.inputs)} and the outputs ${list(model.outputs)}.`;
  if (inputs === undefined && (model.inputs.length < 2 || model.inputs.length > PLACES.length)) {
    const cure =
      model.inputs.length < 2
        ? 'Export forward(x, t) with both: a network that does not use its t may lose it in the export.'
        : 'Export forward(x, t) or forward(x, t, condition).';
    throw fault(`has ${model.inputs.length} inputs in place of two or three`, `${has} ${cure}`);
  }
  const names = inputs ?? model.inputs.map(({ name }) => name);
  const idle = model.inputs.filter(({ name }) => !names.includes(name));
  if (idle.length > 0) throw fault(`has inputs that nothing is given to: ${list(idle)}`, `${has} Export it without.`);

  const [x, time, condition] = names.map((name, place): Input => {
    const { what, may } = PLACES[place];
    const found = model.inputs.find(one => one.name === name);
    if (found === undefined) throw fault(`has no input '${name}' to take ${what}`, has);
    const { type = 'no tensor', shape = [] } = found;
    if (!(may as readonly string[]).includes(type)) throw fault(...wrongType(what, name, type, may));
    return { name, type, shape };
  });
  if (INTEGERS.includes(time.type) && timeInput !== 'label') {
    const hint = "Steps are timeInput 'label'; for others export it with a floating-point t.";
    throw fault(
      `takes integers for its time (${time.name}: ${time.type}), which timeInput '${timeInput}' has not`,
      hint,
    );
  }
  if (time.shape.length > 2 || (typeof time.shape[1] === 'number' && time.shape[1] !== 1)) {
    throw fault(`takes its time as [${time.shape}]`, 'Its second input has to be [rows] or [rows, 1].');
  }
  const answer = output ?? model.outputs[0].name;
  if (!model.outputs.some(({ name }) => name === answer)) throw fault(`has no output '${answer}'`, has);
  return { path, x, time, condition, output: answer };
}

function wrongType(what: string, name: string, type: string, may: readonly string[]): [string, string] {
  const half = "Export it in float32, or convert it with float16's keep_io_types=True.";
  const cure = type === 'float16' ? half : `Export it with ${may.slice(0, -1).join(', ')} or ${may.at(-1)} there.`;
  return [`takes ${type} for ${what} (its input '${name}')`, cure];
}

function list(declared: readonly Declared[]): string {
  return declared
    .map(({ name, type = 'no tensor', shape = [] }) => `'${name}' ${type} [${shape.join(', ')}]`)
    .join(', ');
}

/** What a network is asked in one call. */
interface Question {
  /** Of one sample. */
  shape: readonly number[];
  /** [rows, …shape] */
  x: Float32Array;
  /** [rows] */
  time: Float64Array;
  /** [rows, width] */
  condition?: Float32Array | Int32Array;
  /** [width] */
  unconditional?: Float32Array | Int32Array;
}

/** Throws ERR_SDE_MODEL_FAILED where the model cannot be asked this. */
export function feedsOf(signature: Signature, { shape, x, time, condition, unconditional }: Question): Feed[] {
  const rows = time.length;
  const feeds: Feed[] = [
    { ...place(signature.x), dims: [rows, ...shape], values: x },
    { ...place(signature.time), dims: timeDims(signature, rows), values: time },
  ];
  const taken = signature.condition;
  if (taken === undefined && condition === undefined) return feeds;
  if (taken === undefined) throw failed(signature, 'the network takes no condition: it has two inputs');
  if (condition === undefined) throw failed(signature, `the network takes a condition, its input '${taken.name}'`);
  const float = types.isFloat32Array(condition);
  if (float !== FLOATS.includes(taken.type)) {
    const given = float ? 'a Float32Array' : 'an Int32Array';
    throw failed(signature, `the network takes ${taken.type} for its condition '${taken.name}', and got ${given}`);
  }
  const dims = conditionDims(signature, taken, rows, condition.length / rows);
  return [...feeds, { ...place(taken), dims, values: condition, unguided: unconditional }];
}

function place({ name, type }: Input): Pick<Feed, 'name' | 'type'> {
  return { name, type };
}

function timeDims(signature: Signature, rows: number): number[] {
  const { name, shape } = signature.time;
  const one = shape.length === 0 || (shape[0] === 1 && signature.x.shape[0] !== 1);
  if (one && rows > 1) throw failed(signature, `the network takes one time for all rows, in its input '${name}'`);
  return [rows, 1].slice(0, shape.length);
}

/** [rows, …] as declared, where at most one of the sizes may be any; [rows] or [rows, width] where nothing is. */
function conditionDims(signature: Signature, { name, shape }: Input, rows: number, width: number): number[] {
  if (shape.length === 0) return width === 1 ? [rows] : [rows, width];
  const sizes = shape.slice(1);
  const known = sizes.reduce<number>((product, size) => (typeof size === 'number' ? product * size : product), 1);
  const open = sizes.filter(size => typeof size === 'string');
  const rest = width / known;
  const fits = open.length === 0 ? rest === 1 : open.length === 1 && Number.isInteger(rest);
  if (!fits) {
    throw failed(
      signature,
      `the condition has ${width} numbers a sample, and its input '${name}' takes [${shape.join(', ')}]`,
    );
  }
  return [rows, ...sizes.map(size => (typeof size === 'number' ? size : rest))];
}

/**
 * The numbers of an answer, which has the shape of x; of one with twice the channels (a learned variance behind the rest)
 * the first half. Throws ERR_SDE_MODEL_OUTPUT.
 */
export function numbersOf(
  { path, output }: Signature,
  { data, dims, type }: Tensor,
  rows: number,
  shape: readonly number[],
) {
  const wanted = [rows, ...shape];
  const isFloat32 = types.isFloat32Array(data);
  const [, channels, ...rest] = dims;
  const doubled = String([rows, channels / 2, ...rest]) === String(wanted);
  if ((!isFloat32 && !types.isFloat64Array(data)) || (String(dims) !== String(wanted) && !doubled)) {
    const message = `${path}: the output '${output}' is ${type} [${dims.join(', ')}], not floating-point [${wanted.join(', ')}].`;
    throw sdeError('ERR_SDE_MODEL_OUTPUT', message, { option: 'score' });
  }
  const numbers = isFloat32 ? data : Float32Array.from(data);
  if (!doubled) return numbers;
  const elements = numbers.length / rows;
  const half = new Float32Array(numbers.length / 2);
  for (let row = 0; row < rows; row++) {
    half.set(numbers.subarray(row * elements, (row + 0.5) * elements), (row * elements) / 2);
  }
  return half;
}

function failed({ path }: Signature, what: string): SdeError {
  return sdeError('ERR_SDE_MODEL_FAILED', `${path}: ${what}.`, { option: 'score' });
}
