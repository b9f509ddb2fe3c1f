#include "kernels.hpp"

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

}  // namespace fast_sde::cuda
