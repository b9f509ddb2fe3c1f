/** fast-sde: samples from score-based (diffusion) models by adaptive SDE solvers. */

export { ERRORS, SdeError, type SdeErrorCode, type SdeErrorDetails, type SdeErrorResult } from './errors.js';
export type { Noise, Prediction, SampleStatus, TimeInput } from './native.js';
export type { CudaDevice, Device } from './options/device.js';
export type { Condition, Guidance, Progress, SampleOptions } from './options/sample.js';
export type { Tolerance, ToleranceOptions } from './options/tolerance.js';
export { type SampleStats, type StatsSummary, summary } from './run/stats.js';
export { type SampleResult, type StreamedSample, sample, stream } from './sample.js';
export {
  type CallbackInfo,
  type CallbackOptions,
  type CallbackScore,
  callbackScore,
  type ScoreFunction,
} from './score/callback.js';
export { type MixtureOptions, type MixtureScore, mixtureScore } from './score/mixture.js';
export type { Score, ScoreFacts } from './score/score.js';
export { type TorchOptions, type TorchScore, torchScore } from './score/torch.js';
export { type AffineOptions, type AffineSde, affine } from './sde/affine.js';
export type { ProcessData, ProcessOptions, ScheduleFunctions } from './sde/process.js';
export type { Sde, SdeData } from './sde/sde.js';
export { type SubVpOptions, type SubVpSde, subVp } from './sde/sub-vp.js';
export { type VeOptions, type VeSde, ve } from './sde/ve.js';
export { type VpOptions, type VpSde, vp } from './sde/vp.js';
export { type AdaptiveOptions, type AdaptiveSolver, adaptive } from './solver/adaptive.js';
export { type EulerMaruyamaOptions, type EulerMaruyamaSolver, eulerMaruyama } from './solver/euler-maruyama.js';
export type { Solver, SolverFacts } from './solver/solver.js';
