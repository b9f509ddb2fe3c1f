// Every solver, once: a shell makes its kernels from this list, and nothing else names a solver.
#pragma once

#include "adaptive.hpp"
#include "euler_maruyama.hpp"

namespace fast_sde {

// Calls visit(Solver{}) with the solver of that kind. On the host: a device gets kernels made for one solver.
template <class Visitor>
inline __attribute__((always_inline)) auto with_solver(SolverKind kind, Visitor&& visit) {
  switch (kind) {
    case SolverKind::euler_maruyama:
      return visit(EulerMaruyama{});
    default:
      return visit(Adaptive{});
  }
}

// Whether any of a solver's stages uses the step's increment again.
template <class Solver>
constexpr bool uses_noise_again() {
  for (int stage = 0; stage < Solver::stages; ++stage) {
    if ((Solver::element_access(stage).reads & row_noise_again) != 0) return true;
  }
  return false;
}

}  // namespace fast_sde
