/** The words of every choice, once. Types, checks, help texts and the addon's numbers come from these lists. */

/** How a score's answer is to be read: the score ∇ln p, the noise ε, the denoised data, or v = alpha·ε − sigma·x0. */
export const PREDICTIONS = ['score', 'noise', 'denoised', 'velocity'] as const;
export type Prediction = (typeof PREDICTIONS)[number];

/** What a score takes for its time: t, 'label' 999·t, 'sigma' sigma(t), or 'edm' ln(sigma(t))/4. */
export const TIME_INPUTS = ['t', 'label', 'sigma', 'edm'] as const;
export type TimeInput = (typeof TIME_INPUTS)[number];

/** What becomes of a rejected step's Brownian increment. */
export const NOISES = ['bridge', 'redraw', 'retain'] as const;
export type Noise = (typeof NOISES)[number];

/** What became of a sample; the addon reports positions in this list. */
export const STATUSES = ['success', 'nonFinite', 'stepUnderflow', 'maxEvaluations', 'unfinished'] as const;
export type SampleStatus = (typeof STATUSES)[number];

/** How the absolute and the relative tolerance combine. */
export const SCALES = ['max', 'sum'] as const;
export type Scale = (typeof SCALES)[number];

/** Over the elements of one sample. */
export const NORMS = ['rms', 'max'] as const;
export type Norm = (typeof NORMS)[number];

/** Precision inside a network. */
export const DTYPES = ['float32', 'bfloat16', 'float16', 'tf32'] as const;
export type Dtype = (typeof DTYPES)[number];

/** Memory layout inside a network. */
export const LAYOUTS = ['auto', 'contiguous', 'channels_last'] as const;
export type Layout = (typeof LAYOUTS)[number];
/** What a network is in, in the end. */
export type MemoryFormat = Exclude<Layout, 'auto'>;

export const ON_FAILURE = ['throw', 'keep'] as const;
export type OnFailure = (typeof ON_FAILURE)[number];

/** What became of a path; the addon reports positions in this list. */
export const PATH_STATUSES = [
  'success',
  'nonFinite',
  'stepUnderflow',
  'leftDomain',
  'maxSteps',
  'event',
  'unfinished',
] as const;
export type PathStatus = (typeof PATH_STATUSES)[number];
