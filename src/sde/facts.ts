/** What every SDE of this package has: dx = f(t)·x dt + g(t) dW, so x(t) = alpha(t)·x(0) + sigma(t)·z with normal z. */
import type { NativeSchedule } from '../native.js';
import { rangeOption } from '../options/checks.js';
import { type AnyOptionTable, checkedTable, number, type Option, type OptionTable } from '../options/option.js';

/** The plain data of an SDE: it survives postMessage and structuredClone, unlike the functions beside it. */
export interface ProcessData {
  readonly kind: string;
  /** Data is at t = 0, the prior at t = T. */
  readonly T: number;
  /** Where sampling stops, above 0; the final denoising goes the rest of the way. */
  readonly tEnd: number;
  /** Sampling starts from N(0, priorStd²·I). */
  readonly priorStd: number;
  /** Lowest and highest value of the data: sets the default absolute tolerance, (high − low)/256. */
  readonly dataRange: readonly [number, number];
}

export interface ScheduleFunctions {
  /** Mean coefficient. */
  alpha(t: number): number;
  /** Standard deviation of the noise added so far. */
  sigma(t: number): number;
  /** Drift is f(t)·x. */
  f(t: number): number;
  /** Diffusion coefficient. */
  g(t: number): number;
}

/** Options every SDE takes. */
export interface ProcessOptions {
  /** Where sampling stops, 0 < tEnd < T. Defaults: vp and subVp 1e-3, ve 1e-5, affine 1e-3·T, discrete 1e-5·T. */
  tEnd?: number;
  /** Lowest and highest value of the data. Defaults: [-1, 1]; ve [0, 1]. */
  dataRange?: readonly [number, number];
}

/** The data alone of an SDE. */
export type DataOf<Sde> = Omit<Sde, keyof ScheduleFunctions>;

export interface SdeDefinition<Options extends object, Sde extends ProcessData> {
  readonly kind: Sde['kind'];
  /** Its name on the command line; none where its options are functions. */
  readonly command?: string;
  /** The SDE that the command line takes where none is named: true for one. */
  readonly isDefault?: boolean;
  readonly options: OptionTable<Options, Sde>;
  /** The SDE anew from its data, with every number checked again. */
  readonly again: (data: DataOf<Sde>) => Sde;
  readonly schedule: (sde: Sde) => NativeSchedule;
}

/** The function that makes an SDE from its options, with the definition beside it. */
export interface SdeMaker<Options extends object, Sde extends ProcessData> {
  (options?: Options): Sde;
  readonly definition: Omit<SdeDefinition<Options, Sde>, 'options'> & {
    readonly options: { readonly [Name in keyof Required<Options>]: Option };
  };
}

/** Any SDE's maker, for code that goes through all of them. */
export interface AnySdeMaker {
  (options?: object): ProcessData & ScheduleFunctions;
  readonly definition: {
    readonly kind: string;
    readonly command?: string;
    readonly isDefault?: boolean;
    readonly options: AnyOptionTable;
    again(data: object): ProcessData & ScheduleFunctions;
    schedule(sde: object): NativeSchedule;
  };
}

/** An SDE that is given by numbers: its options, checked, are its data, beside what `rest` adds. */
export function defineSde<Options extends object, Sde extends ProcessData & ScheduleFunctions>({
  rest,
  functions,
  ...definition
}: Omit<SdeDefinition<Options, Sde>, 'again'> & {
  readonly rest: (checked: Sde) => Pick<Sde, 'priorStd'>;
  readonly functions: (data: DataOf<Sde>) => ScheduleFunctions;
}): SdeMaker<Options, Sde> {
  const { kind, options: table } = definition;
  const make = (options?: Options): Sde => {
    const checked = checkedTable<Options, Sde>(kind, options, table);
    const data = Object.assign({ kind }, checked, rest(checked));
    return frozenProcess(data, functions(data)) as Sde;
  };
  const again = (data: object) => {
    const given = Object.keys(table).map(name => [name, (data as Record<string, unknown>)[name]]);
    return make(Object.fromEntries(given) as Options);
  };
  return Object.assign(make, { definition: { ...definition, again } });
}

/** The row of `T`; it stands before that of `tEnd`. */
export function startRow(): Option<number, unknown> {
  return number({
    default: 1,
    range: { above: 0 },
    help: 'T, where the prior is and integration starts',
    flag: { flags: '--t-start <number>', takes: 'number' },
  });
}

/** The row of `tEnd`: a number, or in words a share of T. */
export function endRow(fallback: number, words?: string): Option<number, { T: number }> {
  return number({
    default: words === undefined ? fallback : { words, of: ({ T }: { T: number }) => fallback * T },
    range: ({ T }: { T: number }) => ({ above: 0, below: T }),
    help: 'where integration stops',
    flag: { flags: '--t-end <number>', takes: 'number' },
  });
}

export function dataRangeRow(fallback: readonly [number, number]): Option<readonly [number, number], unknown> {
  return {
    check: (name, given) => Object.freeze(rangeOption(name, given, fallback)),
    default: `[${fallback.join(', ')}]`,
    value: fallback,
    help: 'where the data lies: black and white, and 256 atol',
    flag: { flags: '--data-range <low,high>', takes: 'range' },
  };
}

/** A frozen object whose data is enumerable (and so cloned to workers) and whose functions are not. */
export function frozenProcess<D extends ProcessData>(
  data: D,
  functions: ScheduleFunctions,
): Readonly<D & ScheduleFunctions> {
  const hidden = Object.entries(functions).map(([name, value]) => [name, { value }]);
  return Object.freeze(Object.defineProperties({ ...data }, Object.fromEntries(hidden))) as Readonly<
    D & ScheduleFunctions
  >;
}
