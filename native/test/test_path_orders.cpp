// Every path solver: order without noise, strong order on shared paths, order of the error estimate.
#include <doctest/doctest.h>

#include "path_promises.hpp"

namespace fast_sde::test {
namespace {

TEST_CASE("every path solver has its order where there is no noise") {
  for (const Promise& promise : promises) {
    CAPTURE(word_of(promise.solver));
    const bool langevin = promise.noise == Noise::langevin;
    const Sde sde = langevin ? Sde({y, -sin(x) - 0.4 * y + cos(t)}, {{0}, {0}}) : nonlinear(Noise::none, promise.ito);
    auto end = [&](Kind solver, uint64_t steps) {
      return run_paths(equal_steps(solver, steps), sde, {0.7, -0.4}, 1).x;
    };
    const Numbers exact = end(Kind::dormand_prince, 1 << 11);
    Numbers levels, errors;
    const int finest = promise.without_noise > 4 ? 6 : 9;
    for (int level = finest - 2; level <= finest; ++level) {
      const Numbers at = end(promise.solver, 1u << level);
      levels.push_back(level);
      errors.push_back(std::hypot(at[0] - exact[0], at[1] - exact[1]));
    }
    CHECK(std::abs(fitted_order(levels, errors) - promise.without_noise) < 0.1);
  }
}

constexpr int shared_paths = 512;

// The rms over paths of what is missing to `exact`, at each of some numbers of steps of the same paths.
template <class Exact>
double strong_order(Kind solver, const Sde& sde, const Numbers& x0, int first, int last, uint64_t cells, Exact exact) {
  constexpr int count = shared_paths;
  Numbers levels, errors;
  for (int level = first; level <= last; ++level) {
    paths::PathJob job = equal_steps(solver, 1u << level);
    job.cells = cells;
    const Ends ends = run_paths(job, sde, x0, count);
    double sum = 0;
    for (int path = 0; path < count; ++path) {
      const Numbers right = exact(path, ends);
      for (int i = 0; i < sde.states(); ++i) sum += std::pow(ends.x[path * sde.states() + i] - right[i], 2);
    }
    levels.push_back(level);
    errors.push_back(std::sqrt(sum / count));
  }
  return fitted_order(levels, errors);
}

TEST_CASE("path solvers for noise of each state's own have their strong order against the closed form") {
  for (const Promise& promise : promises) {
    if (promise.noise < Noise::own || promise.strong == 0) continue;
    CAPTURE(word_of(promise.solver));
    const double a = 0.6, b = 0.7;
    const Sde sde({a * x}, {{b * x}}, promise.ito);
    const double drift = promise.ito ? a - b * b / 2 : a;
    const double order = strong_order(promise.solver, sde, {0.5}, 4, 9, 1 << 9, [&](int path, const Ends& ends) {
      return Numbers{0.5 * std::exp(drift + b * ends.W[path])};
    });
    // With one noise all others are commutative too; Heun's and the like have order 1 there.
    const bool euler = promise.solver == Kind::euler_maruyama || promise.solver == Kind::sk_rock ||
                       promise.solver == Kind::drift_implicit;
    const double expected = euler ? 0.5 : std::max(promise.strong, 1.0);
    CHECK(std::abs(order - expected) < 0.12);
  }
}

TEST_CASE("path solvers have their strong order on the widest noise they are for") {
  for (const Promise& promise : promises) {
    if (promise.strong == 0) continue;
    CAPTURE(word_of(promise.solver));
    const Sde sde = promise.noise == Noise::general ? areas(promise.ito) : nonlinear(promise.noise, promise.ito);
    // The finest steps stand for the truth.
    constexpr uint64_t cells = 1 << 11;
    paths::PathJob finest = equal_steps(promise.solver, cells);
    finest.cells = cells;
    const Ends truth = run_paths(finest, sde, start(sde), shared_paths);
    const int last = promise.strong < 1 ? 6 : 8;
    const double order = strong_order(promise.solver, sde, start(sde), 4, last, cells, [&](int path, const Ends&) {
      return Numbers(truth.x.begin() + path * sde.states(), truth.x.begin() + (path + 1) * sde.states());
    });
    CAPTURE(order);
    CHECK(std::abs(order - promise.strong) < 0.12);
  }
}

TEST_CASE("the error that a path solver estimates has the order it says, and is there without noise") {
  for (const Promise& promise : promises) {
    const paths::Facts& facts = facts_of(promise.solver);
    if (!facts.estimates_error) continue;
    CAPTURE(word_of(promise.solver));
    const Sde sde = nonlinear(promise.noise, promise.ito);
    const int coarsest = promise.noise == Noise::none ? 1 : 7;
    Numbers levels, errors;
    for (int level = coarsest; level < coarsest + 5; ++level) {
      const double h = std::ldexp(1.0, -level), unit = std::sqrt(h);
      double sum = 0;
      for (const auto& z :
           {Numbers{0.6, -1.1, 0.4, 0.9}, Numbers{-1.4, 0.3, 1.2, -0.5}, Numbers{0.2, 1.7, -0.8, 0.1}}) {
        const Numbers dW{unit * z[0], unit * z[1]}, H{0.3 * unit * z[2], 0.3 * unit * z[3]};
        for (double error : step(promise.solver, sde, 0.2, h, start(sde), dW, H).error) sum += error * error;
      }
      levels.push_back(level);
      errors.push_back(std::sqrt(sum));
    }
    const double order = fitted_order(levels, errors);
    CAPTURE(order);
    CHECK(std::abs(order - facts.error_order) < 0.2);
    const Sde still({y + sin(t), -x}, {{0, 0}, {0, 0}}, promise.ito);
    const Step alone = step(promise.solver, still, 0.2, 0.1, {0.7, -0.4}, {0, 0}, {0, 0});
    CHECK(std::hypot(alone.error[0], alone.error[1]) > 1e-10);
  }
}

}  // namespace
}  // namespace fast_sde::test
