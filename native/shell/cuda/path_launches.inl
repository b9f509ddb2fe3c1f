// The kernels of some path solvers, a unit of them, on a device.
#include <type_traits>

#include "../../solver/paths/list.hpp"
#include "memory.hpp"
#include "path_kernels.hpp"
#include "path_thread.cuh"
#include "platform.cuh"

namespace fast_sde::cuda {
namespace {

// A thread a path: up to run.at_most steps of it by the unit's solver of that number. One kernel for all of them: what
// is around a step is far longer than a step, and is compiled anew for each kernel.
template <class Real, class... Solvers>
__global__ void __launch_bounds__(threads) step_paths(const __grid_constant__ ResidentPaths run, int solver) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * threads + threadIdx.x;
  if (i >= run.count) return;
  PathThread<Real> thread(run, i);
  if (thread.is_over()) return;
  for (uint64_t step = 0; step < run.at_most && thread.prepare(step); ++step) {
    paths::Arena<Real> arena;
    ThreadPath<Real> path = thread.path(arena);
    int number = 0;
    (void)((solver == number++ && (Solvers::step(path), true)) || ...);
    if (!thread.settle(step)) break;
  }
  thread.lay_down();
  if (!thread.is_over()) atomicAdd(run.under_way, 1u);
}

template <class... Solvers>
struct PathUnit {
  template <class Solver>
  static void launch_steps(const ResidentPaths& run, cudaStream_t stream) {
    int number = 0;
    (void)((std::is_same_v<Solver, Solvers> || (++number, false)) || ...);
    Launch how;
    how.stream = stream;
    how.blocks = (run.count + threads - 1) / threads;
    check(launch(how, run.job.float64 ? step_paths<double, Solvers...> : step_paths<float, Solvers...>, run, number),
          "launching steps of paths");
  }
};

}  // namespace
}  // namespace fast_sde::cuda

// FAST_SDE_PATH_LAUNCHES(heun, Heun) defines the table of that solver, one of the Unit.
#define FAST_SDE_PATH_LAUNCHES(name, Type)                                                                            \
  namespace fast_sde::cuda {                                                                                          \
  extern const PathLaunches path_launches_##name;                                                                     \
  const PathLaunches path_launches_##name = {paths::Type::facts.levy_area, Unit::template launch_steps<paths::Type>}; \
  }
