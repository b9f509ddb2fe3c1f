// The path engine of an instruction set as a table of functions.
#pragma once

#include <atomic>
#include <cstdint>

#include "../../paths/job.hpp"
#include "../../solver/paths/facts.hpp"

namespace fast_sde::cpu {

struct PathKernels {
  const paths::Facts* facts;  // by PathSolverKind

  // Solves paths begin … begin + count - 1 of the job into rows 0 … count - 1. Returns early where `stop` is set: what
  // is not finished keeps the status it had.
  void (*solve)(const paths::PathJob& job, uint64_t begin, int64_t count, const paths::PathRows& rows,
                const std::atomic<bool>& stop);

  // One step of one path in float64, with noise given: x [states] at t becomes next [states]; `error` [states] what the
  // step may be wrong by, where the solver says. params: those that differ by path.
  void (*step)(const paths::PathJob& job, double t, double h, const double* x, const double* params, const double* dW,
               const double* H, double* next, double* error);

  // Rows beside state and noise that a path of the job takes: a step's, and those of the job's other programs.
  int64_t (*scratch)(const paths::PathJob& job);
};

}  // namespace fast_sde::cpu
