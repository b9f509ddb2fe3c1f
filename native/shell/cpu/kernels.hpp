// The CPU shell's kernels as tables of functions: one for each instruction set, and in it one for each sampler.
#pragma once

#include <cstdint>

#include "../../engine/record.hpp"
#include "../../equations/interpret.hpp"
#include "../../score/mixture.hpp"
#include "../../solver/facts.hpp"
#include "path_kernels.hpp"

namespace fast_sde::cpu {

// One slot's rows, each of problem.elements floats. The candidate of a stage takes the place of its answer.
struct SlotRows {
  float* x;  // the request's row where the state is the request
  float* request;
  float* answer;
  float* extra[max_extras];
  float* noise;  // the step's increment, kept where it is used again (reading is cheaper than computing); or null
};

// Of one sampler (solver_kernels.inl).
struct SolverKernels {
  SolverFacts facts;

  // Puts sample `position` of the job into a slot. `initial`: its own starting point, or null for the prior.
  void (*start)(Slot& slot, const SlotRows& rows, const Problem& problem, uint64_t position, uint64_t first,
                const float* initial);

  // One pass: takes the answer of the pending request and leaves the slot with its next one, or done. True where a step
  // was decided; `record` is then filled.
  bool (*advance)(Slot& slot, const SlotRows& rows, const Problem& problem, StepRecord& record);
};

// Runs a program over a chunk of paths, as equations/interpret.hpp has it: lanes in multiples of Chunk::group.
template <class Real>
using ProgramKernel = void (*)(const ProgramView& program, const Inputs<Real>& in, Real* out, Real* scratch, int lanes);

// Of one instruction set (kernels.inl).
struct Kernels {
  const char* name;
  const SolverKernels* const* solvers;  // by SolverKind
  const PathKernels* paths;

  // `count` standard normals of a node, elements 0 … count - 1.
  void (*normals)(uint64_t seed, uint64_t sample, uint32_t node, float* out, int64_t count);

  // The score of one row of `n` elements of a mixture at (alpha, sigma). `shares`: scratch, one number a component.
  void (*mixture)(const Mixture& mixture, int64_t n, double alpha, double sigma, const float* x, float* score,
                  double* shares);

  ProgramKernel<float> program32;
  ProgramKernel<double> program64;

  const SolverKernels& of(SolverKind kind) const { return *solvers[static_cast<size_t>(kind)]; }
};

}  // namespace fast_sde::cpu
