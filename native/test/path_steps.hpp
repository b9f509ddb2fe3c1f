// Steps of path solvers by hand, of one path with given noise, and runs of the engine.
#pragma once

#include <atomic>
#include <cmath>
#include <string>
#include <vector>

#include "../paths/job.hpp"
#include "../paths/noise.hpp"
#include "../shell/cpu/dispatch.hpp"
#include "../solver/paths/list.hpp"
#include "expressions.hpp"

namespace fast_sde::test {

using Numbers = std::vector<double>;

template <class Real>
using OnePath = paths::Path<Real, OneLane>;

template <class Real>
inline constexpr void (*one_path_steps[])(OnePath<Real>&) = {
#define PATH_SOLVER(Type, name, word) [](OnePath<Real>& path) { paths::Type::step(path); },
#include "../contract/path_solvers.def"
#undef PATH_SOLVER
};

// What a solver is given beside the equations.
inline Numbers numbers_of(PathSolverKind solver) {
  Numbers numbers(paths::most_solver_numbers, 1.0);
  const paths::Facts& facts = cpu::kernels().paths->facts[static_cast<size_t>(solver)];
  for (int i = 0; i < facts.number_count; ++i) {
    if (std::string(facts.numbers[i]) == "stages") numbers[i] = 5;
  }
  return numbers;
}

struct Step {
  Numbers x, error;
};

// One step of one path. H may be empty.
template <class Real = double>
Step step(PathSolverKind solver, const Sde& sde, double t, double h, const Numbers& x, const Numbers& dW,
          const Numbers& H, Numbers numbers = {}) {
  if (numbers.empty()) numbers = numbers_of(solver);
  using Block = typename OnePath<Real>::Block;
  auto narrowed = [](const Numbers& from, size_t count) {
    std::vector<Real> to(from.begin(), from.end());
    to.resize(count);
    return to;
  };
  const auto d = static_cast<size_t>(sde.states()), m = static_cast<size_t>(sde.noises());
  std::vector<Real> x0 = narrowed(x, d), W = narrowed(dW, m + 1), area = narrowed(H, m + 1), next(d), error(d);
  static thread_local std::vector<Real> scratch(1 << 16);
  paths::Arena<Real> arena{scratch.data(), 0, 0};
  const Real time = static_cast<Real>(t), length = static_cast<Real>(h);
  OnePath<Real> path(sde.equations, {}, Block{x0.data()}, &time, &length, nullptr,
                     {Block{W.data()}, Block{area.data()}}, Block{next.data()}, Block{error.data()}, numbers.data(),
                     true, arena);
  one_path_steps<Real>[static_cast<size_t>(solver)](path);
  return {Numbers(next.begin(), next.end()), Numbers(error.begin(), error.end())};
}

struct Ends {
  Numbers x, W;  // [paths, states], [paths, noises]
  std::vector<uint8_t> status;
  std::vector<uint32_t> accepted, rejected;
};

// Runs `count` paths of a job from x0, in float or double as it says, and gives their ends.
inline Ends run_paths(paths::PathJob job, const Sde& sde, const Numbers& x0, int64_t count,
                      const cpu::Kernels& kernels = cpu::kernels()) {
  job.equations = sde.equations;
  job.x0 = x0.data();
  job.saves = &job.t1;
  job.count = static_cast<uint64_t>(count);
  const auto d = static_cast<size_t>(count * sde.states()), m = static_cast<size_t>(count * sde.noises());
  const auto n = static_cast<size_t>(count);
  Ends ends{Numbers(d), Numbers(m), std::vector<uint8_t>(n, 255), std::vector<uint32_t>(n), std::vector<uint32_t>(n)};
  std::vector<float> narrow_x(d), narrow_W(m);
  Numbers ended(n);
  const bool wide = job.float64;
  paths::PathRows rows{};
  rows.states = wide ? static_cast<void*>(ends.x.data()) : narrow_x.data();
  rows.W = wide ? static_cast<void*>(ends.W.data()) : narrow_W.data();
  rows.accepted = ends.accepted.data();
  rows.rejected = ends.rejected.data();
  rows.status = ends.status.data();
  rows.ended = ended.data();
  std::atomic<bool> stop{false};
  kernels.paths->solve(job, 0, count, rows, stop);
  if (!wide) ends.x.assign(narrow_x.begin(), narrow_x.end()), ends.W.assign(narrow_W.begin(), narrow_W.end());
  return ends;
}

// Equal steps of a span of 1 from time 0.
inline paths::PathJob equal_steps(PathSolverKind solver, uint64_t steps) {
  paths::PathJob job;
  job.solver = solver;
  job.steps = steps;
  job.t1 = 1;
  job.seed = 1;
  job.control.max_steps = UINT64_MAX;
  const Numbers numbers = numbers_of(solver);
  std::copy(numbers.begin(), numbers.end(), job.numbers);
  return job;
}

// The slope of log2(errors) over log2(steps), counted as an order: least squares.
inline double fitted_order(const Numbers& log2_steps, const Numbers& errors) {
  double sx = 0, sy = 0, sxx = 0, sxy = 0;
  const double n = static_cast<double>(errors.size());
  for (size_t i = 0; i < errors.size(); ++i) {
    const double x = log2_steps[i], y = std::log2(errors[i]);
    sx += x, sy += y, sxx += x * x, sxy += x * y;
  }
  return -(n * sxy - sx * sy) / (n * sxx - sx * sx);
}

}  // namespace fast_sde::test
