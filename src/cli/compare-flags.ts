/** The flags of `fast-sde compare`, and what they mean to the API. */
import { basename, extname } from 'node:path';
import {
  type CompareOptions,
  type CompareTarget,
  type CompareTargetName,
  compareTargets,
  type MeasureName,
  mixtureTarget,
  modelTarget,
} from '../index.js';
import { SOLVERS } from '../solver/solver.js';
import { readFloats } from './arrays.js';
import type { Inputs } from './inputs.js';
import { type SampleFlags, scoreOf, sdeOf, withSchedule } from './sample-flags.js';
import { UsageError } from './usage-error.js';

export interface CompareFlags extends Pick<SampleFlags, 'model' | 'sde' | 'shape' | 'schedule'> {
  targets?: string;
  solvers?: string;
  seeds?: number;
  samples?: number;
  metrics?: string;
  margin?: number;
  reference?: string;
  images?: string;
  imagesStd: number;
  converged?: string;
  out: string;
  quick?: boolean;
  json?: boolean;
  quiet?: boolean;
  [option: string]: unknown;
}

/** With no word of the user on it: small ones that are soon done. */
const TARGETS: readonly CompareTargetName[] = ['gaussian', 'two-modes', 'ring'];

/** Some minutes on two cores: of mixtures, and of a network. */
const QUICK = {
  mixtures: { seeds: 3, samples: 300, resamples: 200 },
  network: { seeds: 2, samples: 64, resamples: 200 },
} as const;

type Settings = Omit<CompareOptions, 'onProgress' | 'signal'>;

/** Throws a UsageError, and what the targets' makers throw. */
export async function compareOptions(flags: CompareFlags, inputs: Inputs): Promise<Settings> {
  const own = [...(await imagesTarget(flags, inputs)), ...(await networkTarget(flags, inputs))];
  const named = flags.targets?.split(',') ?? (own.length > 0 ? [] : TARGETS);
  const quick = flags.quick ? QUICK[flags.model === undefined ? 'mixtures' : 'network'] : {};
  const { seeds, samples, margin, batch, device, networkThreads } = flags;
  const given = { seeds, samples, margin, batch, device, networkThreads };
  return {
    targets: [...named, ...own],
    // Each as it is where nothing is said of it.
    solvers: flags.solvers?.split(',') ?? SOLVERS.map(({ definition }) => definition.kind),
    folder: flags.out,
    ...quick,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ...(flags.metrics !== undefined && { metrics: flags.metrics.split(',') as MeasureName[] }),
    ...(flags.converged !== undefined && { converged: flags.converged }),
  };
}

async function networkTarget(flags: CompareFlags, inputs: Inputs): Promise<CompareTarget[]> {
  const { model, reference } = flags;
  if (model === undefined) {
    if (reference !== undefined) throw new UsageError('--reference belongs to --model');
    return [];
  }
  if (reference === undefined) {
    throw new UsageError('--model needs --reference: a .npy file of data, best such that it was not trained with');
  }
  const { data, shape } = await readFloats('--reference', reference, inputs);
  const given = await withSchedule(
    { ...(flags as unknown as SampleFlags), shape: flags.shape ?? shape.slice(1) },
    inputs,
  );
  const { score, shape: wanted } = await scoreOf(given, inputs);
  if (shape.slice(1).join() !== wanted.join()) {
    throw new UsageError(`--reference ${reference}: has shape [${shape}]; expected [rows, ${wanted.join(', ')}]`);
  }
  return [modelTarget({ name: nameOf(model), sde: sdeOf(given), score, shape: wanted, reference: data })];
}

async function imagesTarget(flags: CompareFlags, inputs: Inputs): Promise<CompareTarget[]> {
  const { images, imagesStd } = flags;
  if (images === undefined) return [];
  const { data, shape } = await readFloats('--images', images, inputs);
  const [count, ...one] = shape;
  if (one.length === 0) throw new UsageError(`--images ${images}: has shape [${shape}]; expected [count, …shape]`);
  const each = (value: number) => new Float64Array(count).fill(value);
  const mixture = { weights: each(1), means: data, variances: each(imagesStd ** 2) };
  return [mixtureTarget({ name: nameOf(images), sde: sdeOf(flags as unknown as SampleFlags), shape: one, ...mixture })];
}

function nameOf(file: string): string {
  return (
    basename(file, extname(file))
      .replaceAll(/[^\w.-]/g, '-')
      .slice(0, 60) || 'own'
  );
}

/** Names for the help page. */
export const TARGET_NAMES = Object.keys(compareTargets).join(', ');
