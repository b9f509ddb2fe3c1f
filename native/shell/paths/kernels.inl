// The path engine of an instruction set, and its table.

#include "../../solver/paths/list.hpp"
#include "free_steps.inl"
#include "kernels.hpp"
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
  if (Lockstep<Real>::serves(job)) {
    Lockstep<Real>(chunk).run(stop);
  } else {
    FreeSteps<Real>(chunk).run(stop);
  }
}

void solve_paths(const PathJob& job, uint64_t begin, int64_t count, const PathRows& rows,
                 const std::atomic<bool>& stop) {
  (job.float64 ? solve_in<double> : solve_in<float>)(job, begin, count, rows, stop);
}

}  // namespace

}  // namespace fast_sde::cpu

// `table`: its name, kernels_v3_paths for example.
#define FAST_SDE_PATH_KERNELS(table)                              \
  namespace fast_sde::cpu {                                       \
  extern const PathKernels table;                                 \
  const PathKernels table = {facts_of_path_solvers, solve_paths}; \
  }
