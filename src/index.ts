/** fast-sde: samples from score-based (diffusion) models, and paths of any SDE, by adaptive solvers. */

export type { Board, Interval, PairVerdict } from './analysis/compare/board.js';
export {
  type Comparison,
  compare,
  type Examples,
  type SolverCost,
  type TargetComparison,
} from './analysis/compare/compare.js';
export type { MeasureName } from './analysis/compare/measures.js';
export { type CompareTargetName, compareTargets } from './analysis/compare/named-targets.js';
export type { CompareOptions, CompareProgress } from './analysis/compare/options.js';
export {
  type CompareTarget,
  type MixtureTargetOptions,
  type ModelTargetOptions,
  mixtureTarget,
  modelTarget,
} from './analysis/compare/target.js';
export {
  type Convergence,
  type ConvergenceOptions,
  type ConvergenceSolver,
  convergence,
  type SolverConvergence,
} from './analysis/convergence.js';
export type { Fit } from './analysis/fit.js';
export * as metrics from './analysis/metrics/list.js';
export type { Checkpoint, EqualPieces } from './checkpoint.js';
export type { NoiseClass } from './equations/noise-class.js';
export type { CoefficientFunction, CoefficientInfo, OutsideCoefficient } from './equations/outside.js';
export {
  type Calculus,
  type EquationSde,
  type Equations,
  type FunctionSde,
  itoSde,
  type NoiseCommutation,
  stratonovichSde,
} from './equations/sde.js';
export type {
  CoefficientsSpec,
  EquationsSpec,
  ExpressionText,
  OutsideSpec,
  ParamValue,
  SdeSpec,
} from './equations/spec.js';
export {
  type TorchCoefficient,
  type TorchCoefficientOptions,
  torchCoefficient,
} from './equations/torch-coefficient.js';
export {
  ERRORS,
  SdeError,
  type SdeErrorCode,
  type SdeErrorDetails,
  type SdeErrorResult,
  type SolveErrorResult,
} from './errors.js';
export { type Inspection, type InspectOptions, inspect } from './inspect.js';
export type { CudaDevice, Device } from './options/device.js';
export type { GridName, GridOptions } from './options/grid.js';
export type { HistogramOption, Reductions } from './options/reductions.js';
export type { Condition, Guidance, Progress, SampleOptions } from './options/sample.js';
export type { EqualSteps, PathEvent, SaveAt, SolveOptions, SolveProgress } from './options/solve.js';
export type { Controller, StepOptions } from './options/steps.js';
export type { Tolerance, ToleranceOptions } from './options/tolerance.js';
export { type Expectation, type Problem, type ProblemName, problems } from './problems/problem.js';
export type {
  JobStats,
  PathStats,
  PathTotals,
  Reduced,
  SampleResult,
  SampleStats,
  SolvedSteps,
  SolveResult,
  Statistics,
  StreamedSample,
  Trajectory,
  UsedLayout,
} from './result.js';
export { type StatsSummary, summary } from './run/stats.js';
export { sample, stream } from './sample.js';
export {
  type CallbackInfo,
  type CallbackOptions,
  type CallbackScore,
  callbackScore,
  type ScoreFunction,
} from './score/callback.js';
export type { ScoreFacts } from './score/facts.js';
export { type MixtureOptions, type MixtureScore, mixtureScore } from './score/mixture.js';
export { type OnnxOptions, type OnnxScore, onnxScore } from './score/onnx.js';
export type { Reading } from './score/readings.js';
export type { Score } from './score/score.js';
export { type TorchOptions, type TorchScore, torchScore } from './score/torch.js';
export type { ProcessData, ProcessOptions, ScheduleFunctions } from './sde/facts.js';
export * from './sde/list.js';
export type { Sde, SdeData } from './sde/sde.js';
export { solve } from './solve.js';
export type { SolverFacts } from './solver/facts.js';
export * from './solver/list.js';
export type { PathOrders, PathSolver, PathSolverFacts } from './solver/paths/facts.js';
export * from './solver/paths/list.js';
export type { Solver } from './solver/solver.js';
export { type StepInput, step } from './step.js';
export { type StreamedPath, streamPaths } from './stream-paths.js';
export type { Dtype, Layout, Noise, OnFailure, PathStatus, Prediction, SampleStatus, TimeInput } from './words.js';
