// The path engine of an instruction set, and its table.

#include "../../solver/paths/list.hpp"
#include "../cpu/path_kernels.hpp"
#include "free_steps.inl"
#include "lockstep.inl"

namespace fast_sde::cpu {
namespace {

template <class Real>
constexpr PathSolver<Real> path_solvers[] = {
#define PATH_SOLVER(Type, name, word) {paths::Type::facts, [](ChunkPath<Real>& path) { paths::Type::step(path); }},
#include "../../contract/path_solvers.def"
#undef PATH_SOLVER
};

constexpr paths::Facts facts_of_path_solvers[] = {
#define PATH_SOLVER(Type, name, word) paths::Type::facts,
#include "../../contract/path_solvers.def"
#undef PATH_SOLVER
};

template <class Real>
void solve_in(const PathJob& job, uint64_t begin, int64_t count, const PathRows& rows, const std::atomic<bool>& stop) {
  PathChunk<Real> chunk(job, path_solvers<Real>[static_cast<size_t>(job.solver)], begin, count, rows);
  if (paths::in_lockstep(job)) {
    Lockstep<Real>(chunk).run(stop);
  } else {
    FreeSteps<Real>(chunk).run(stop);
  }
}

void solve_paths(const PathJob& job, uint64_t begin, int64_t count, const PathRows& rows,
                 const std::atomic<bool>& stop) {
  (job.float64 ? solve_in<double> : solve_in<float>)(job, begin, count, rows, stop);
}

int64_t scratch_of_paths(const PathJob& job) {
  return scratch_of_programs(job, path_solvers<float>[static_cast<size_t>(job.solver)]) + outputs_of_programs(job);
}

void step_path(const PathJob& job, double t, double h, const double* x, const double* params, const double* dW,
               const double* H, double* next, double* error) {
  const PathRows nowhere{};
  PathChunk<double> chunk(job, path_solvers<double>[static_cast<size_t>(job.solver)], 0, 1, nowhere);
  const int lanes = chunk.lanes;
  auto fill = [&](double* rows, const double* values, int count) {
    for (int i = 0; i < count; ++i) std::fill_n(rows + int64_t{i} * lanes, lanes, values[i]);
  };
  chunk.seat(0, 0);
  fill(chunk.x, x, chunk.states);
  fill(chunk.params, params, job.equations.params);
  fill(chunk.noise, dW, chunk.noises);
  if (chunk.levels > chunk.noises) fill(chunk.noise + int64_t{chunk.noises} * lanes, H, chunk.noises);
  fill(chunk.t, &t, 1);
  fill(chunk.h, &h, 1);
  const double zero = 0;
  for (int i = 0; i < chunk.states; ++i) fill(chunk.error + int64_t{i} * lanes, &zero, 1);
  chunk.step();
  for (int i = 0; i < chunk.states; ++i) {
    next[i] = chunk.next_x[int64_t{i} * lanes];
    error[i] = chunk.error[int64_t{i} * lanes];
  }
}

}  // namespace

}  // namespace fast_sde::cpu

// `table`: its name, kernels_v3_paths for example.
#define FAST_SDE_PATH_KERNELS(table)                                                           \
  namespace fast_sde::cpu {                                                                    \
  extern const PathKernels table;                                                              \
  const PathKernels table = {facts_of_path_solvers, solve_paths, step_path, scratch_of_paths}; \
  }
