// Every solver, once: a shell makes its kernels from this list, and nothing else names a solver.
#pragma once

#include "adaptive.hpp"
#include "euler_maruyama.hpp"

namespace fast_sde {

// Calls visit(Solver{}) with the solver of that kind.
template <class Visitor>
HD auto with_solver(SolverKind kind, Visitor&& visit) {
  switch (kind) {
    case SolverKind::euler_maruyama:
      return visit(EulerMaruyama{});
    default:
      return visit(Adaptive{});
  }
}

}  // namespace fast_sde
