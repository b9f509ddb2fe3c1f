#include "kernels.hpp"

#include "path_kernels.hpp"

namespace fast_sde::cuda {

#define SOLVER(Type, name, word) extern const SolverLaunches launches_##name;
#include "../../contract/solvers.def"
#undef SOLVER

const SolverLaunches& launches_of(SolverKind solver) {
  static const SolverLaunches* const all[] = {
#define SOLVER(Type, name, word) &launches_##name,
#include "../../contract/solvers.def"
#undef SOLVER
  };
  return *all[static_cast<size_t>(solver)];
}

#define PATH_SOLVER(Type, name, word) extern const PathLaunches path_launches_##name;
#include "../../contract/path_solvers.def"
#undef PATH_SOLVER

const PathLaunches& launches_of(PathSolverKind solver) {
  static const PathLaunches* const all[] = {
#define PATH_SOLVER(Type, name, word) &path_launches_##name,
#include "../../contract/path_solvers.def"
#undef PATH_SOLVER
  };
  return *all[static_cast<size_t>(solver)];
}

}  // namespace fast_sde::cuda
