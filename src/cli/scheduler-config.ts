/** A scheduler_config.json of diffusers as a table of noise levels, and what its network predicts. */
import type { Prediction } from '../index.js';
import { MOST_POSITIONS } from '../options/limits.js';

export interface Schedule {
  betas: number[];
  predicts: Prediction;
}

/** Diffusers' words; flow_prediction belongs to another kind of process. */
const PREDICTIONS = { epsilon: 'noise', sample: 'denoised', v_prediction: 'velocity' } as const;

/** Diffusers' own defaults. */
const DEFAULTS = {
  num_train_timesteps: 1000,
  beta_start: 1e-4,
  beta_end: 0.02,
  beta_schedule: 'linear',
  prediction_type: 'epsilon',
  rescale_betas_zero_snr: false,
  trained_betas: null,
};

/** No cosine schedule has a β above it. */
const MOST_BETA = 0.999;

/** Throws an Error that says what of the configuration cannot be taken. */
export function readSchedulerConfig(config: unknown): Schedule {
  const isObject = typeof config === 'object' && config !== null;
  if (!isObject || !('beta_schedule' in config || 'trained_betas' in config)) {
    throw new Error('holds no beta_schedule: expected the scheduler_config.json of a diffusion model of diffusers');
  }
  const given: Record<string, unknown> = { ...DEFAULTS, ...config };
  const betas = Array.isArray(given.trained_betas) ? given.trained_betas : betasOf(given);
  const predicts = PREDICTIONS[given.prediction_type as keyof typeof PREDICTIONS];
  if (predicts === undefined) throw unknown('prediction_type', given.prediction_type, Object.keys(PREDICTIONS));
  return { betas: given.rescale_betas_zero_snr === true ? rescaled(betas) : betas, predicts };
}

function betasOf(given: Record<string, unknown>): number[] {
  const count = given.num_train_timesteps;
  if (!Number.isInteger(count) || (count as number) < 2 || (count as number) > MOST_POSITIONS) {
    throw new Error(`num_train_timesteps is ${count}; expected 2 … ${MOST_POSITIONS}`);
  }
  const [start, end] = [number(given, 'beta_start'), number(given, 'beta_end')];
  const positions = Array.from({ length: count as number }, (_, n) => n / ((count as number) - 1));
  switch (given.beta_schedule) {
    case 'linear':
      return positions.map(share => start + (end - start) * share);
    case 'scaled_linear':
      return positions.map(share => (Math.sqrt(start) + (Math.sqrt(end) - Math.sqrt(start)) * share) ** 2);
    case 'squaredcos_cap_v2': {
      const level = (share: number) => Math.cos((((share + 0.008) / 1.008) * Math.PI) / 2) ** 2;
      const steps = count as number;
      return positions.map((_, n) => Math.min(1 - level((n + 1) / steps) / level(n / steps), MOST_BETA));
    }
    default:
      throw unknown('beta_schedule', given.beta_schedule, ['linear', 'scaled_linear', 'squaredcos_cap_v2']);
  }
}

/**
 * Lin et al. 2024, "Common diffusion noise schedules and sample steps are flawed", algorithm 1: √ᾱ falls to zero at the
 * end. Zero has no logarithm, and √ᾱ falls evenly there: half its last value but one stands for it.
 */
function rescaled(betas: readonly number[]): number[] {
  let product = 1;
  const roots = betas.map(beta => {
    product *= 1 - beta;
    return Math.sqrt(product);
  });
  const [first, last] = [roots[0], roots[roots.length - 1]];
  const alphas = roots.map(root => (((root - last) * first) / (first - last)) ** 2);
  alphas[alphas.length - 1] = alphas[alphas.length - 2] / 4;
  return alphas.map((alpha, n) => 1 - alpha / (alphas[n - 1] ?? 1));
}

function number(given: Record<string, unknown>, name: string): number {
  const value = given[name];
  if (typeof value === 'number' && value > 0 && value < 1) return value;
  throw new Error(`${name} is ${value}; expected a number between 0 and 1`);
}

function unknown(name: string, value: unknown, choices: readonly string[]): Error {
  return new Error(`${name} is ${JSON.stringify(value)}; expected ${choices.join(' or ')}`);
}
