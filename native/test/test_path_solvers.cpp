// Every path solver: known steps to the last digits, bits, where it looks, and what only some of them do.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "path_promises.hpp"

namespace fast_sde::cpu {
extern const Kernels kernels_unoptimised;
}

namespace fast_sde::test {
namespace {

TEST_CASE("every path solver has its promises in this test") {
  std::array<int, std::size(words<Kind>)> seen{};
  for (const Promise& promise : promises) ++seen[static_cast<size_t>(promise.solver)];
  CHECK(std::all_of(seen.begin(), seen.end(), [](int count) { return count == 1; }));
}

TEST_CASE("a step of a path agrees with values known to 15 digits") {
  const Sde own({sin(5 * t) * y - x, x * cos(t) - y},
                {{0.4 * (1 + t) * sqrt(1 + x * x), 0}, {0, 0.4 * (cos(3 * t) * y + 0.5)}});
  const Sde own_stratonovich(own.f, own.g, false);
  const Expression swing = 1 + 0.8 * sin(4 * t);
  const Sde additive({2 * sin(y) - x + cos(4 * t), x - y * y * y},
                     {{0.5 * swing, 0.2 * swing, -0.3 * swing}, {0.1 * swing, 0.4 * swing, 0.3 * swing}});
  const Sde general = nonlinear(Noise::general, true), general_stratonovich = nonlinear(Noise::general, false);
  const Numbers one{1, 0.5}, other{0.7, -0.4};
  struct Known {
    Kind solver;
    const Sde& sde;
    const Numbers& x0;
    double x, y;
  };
  const Known known[] = {
      {Kind::euler_maruyama, own, one, 1.0917755576739, 0.446647583298296},
      {Kind::sriw1, own, one, 1.06284571577058, 0.46417108708856},
      {Kind::heun, own_stratonovich, one, 1.08999870369467, 0.464720431914545},
      {Kind::sra1, additive, one, 1.01306124035737, 0.465644226427895},
      {Kind::heun, additive, one, 1.01424106698674, 0.463931609642397},
      {Kind::euler_maruyama, general, other, 0.795193333333333, -0.651533333333333},
      {Kind::heun, general_stratonovich, other, 0.781160745549074, -0.669446868153056},
  };
  for (const Known& at : known) {
    CAPTURE(word_of(at.solver));
    const Step made = step(at.solver, at.sde, 0.3, 0.125, at.x0, {0.21, -0.34, 0.1}, {0.05, -0.02, 0.03});
    CHECK(std::abs(made.x[0] - at.x) < 1e-12);
    CHECK(std::abs(made.x[1] - at.y) < 1e-12);
  }
}

TEST_CASE("every path solver gives the same bits on every instruction set, with equal steps and steps of its own") {
  for (const Promise& promise : promises) {
    const Sde sde = nonlinear(promise.noise, promise.ito);
    for (bool wide : {true, false}) {
      for (uint64_t steps : {8, 0}) {
        if (steps == 0 && !facts_of(promise.solver).estimates_error) continue;
        paths::PathJob job = equal_steps(promise.solver, steps);
        job.float64 = wide;
        job.control = {.rtol = 1e-2,
                       .atol = 1e-2,
                       .h0 = 0.05,
                       .h_max = 1,
                       .safety = 0.9,
                       .factor_min = 0.2,
                       .factor_max = 5,
                       .p_now = 0.4,
                       .max_steps = 4000};
        const Numbers expected = run_paths(job, sde, start(sde), 21, cpu::kernels_unoptimised).x;
        for (const cpu::Kernels* variant : cpu::available()) {
          CAPTURE(word_of(promise.solver));
          CAPTURE(variant->name);
          CAPTURE(wide);
          CAPTURE(steps);
          CHECK(run_paths(job, sde, start(sde), 21, *variant).x == expected);
        }
      }
    }
  }
}

// A chunk of lanes and one path by itself do the same operations.
TEST_CASE("a path has the same bits by itself and in a chunk, by every path solver") {
  for (const Promise& promise : promises) {
    for (bool wide : {true, false}) {
      CAPTURE(word_of(promise.solver));
      CAPTURE(wide);
      const Sde sde = nonlinear(promise.noise, promise.ito);
      constexpr int steps = 6, count = 37;
      paths::PathJob job = equal_steps(promise.solver, steps);
      job.float64 = wide;
      const Ends ends = run_paths(job, sde, start(sde), count);
      const double h = 1.0 / steps;
      const int m = sde.noises();
      bool same = true;
      for (int path = 0; path < count; ++path) {
        Numbers at = start(sde);
        for (uint32_t k = 0; k < steps; ++k) {
          Numbers dW, H;
          for (int level = 0; level < 2 * m; ++level) {
            float four[4];
            paths::normals_of_block(job.seed, static_cast<uint64_t>(path), static_cast<uint32_t>(level), k / 4, four);
            const double variance = level < m ? h : h / 12;
            const double scale = wide ? std::sqrt(variance) : static_cast<float>(std::sqrt(variance));
            const double number = wide ? scale * four[k % 4] : static_cast<float>(scale) * four[k % 4];
            (level < m ? dW : H).push_back(number);
          }
          const double time = h * k;
          at = wide ? step<double>(promise.solver, sde, time, h, at, dW, H).x
                    : step<float>(promise.solver, sde, time, h, at, dW, H).x;
        }
        for (int i = 0; i < sde.states(); ++i) same = same && at[i] == ends.x[path * sde.states() + i];
      }
      CHECK(same);
    }
  }
}

TEST_CASE("path solvers ask for nothing outside a step, but for those that say so") {
  for (const Promise& promise : promises) {
    CAPTURE(word_of(promise.solver));
    // No number before t and after t + h, with room for rounding.
    const Expression inside = 0.01 * sqrt((t - (0.25 - 1e-12)) * (0.5 + 1e-12 - t));
    const Sde own({0 - x + inside}, {{0.1 + inside}}, promise.ito);
    const Sde langevin({y, 0 - x - 0.3 * y + inside}, {{0}, {0.5}}, promise.ito);
    const Sde& sde = promise.noise == Noise::langevin ? langevin : own;
    const Step made = step(promise.solver, sde, 0.25, 0.25, start(sde), {0.3}, {0.1});
    CHECK(std::isfinite(made.x[0]) == facts_of(promise.solver).abscissae_inside);
  }
}

TEST_CASE("Langevin solvers give each velocity its own friction and force") {
  const Sde one({y, -4 * x - 0.5 * y}, {{0}, {0.9}}), other({y, 0 - x - 3 * y}, {{0}, {0.3}});
  const Expression v = state(2), w = state(3);  // positions x and y, velocities v and w
  const Sde both({v, w, -4 * x - 0.5 * v, 0 - y - 3 * w}, {{0, 0}, {0, 0}, {0.9, 0}, {0, 0.3}});
  for (const Promise& promise : promises) {
    if (promise.noise != Noise::langevin) continue;
    CAPTURE(word_of(promise.solver));
    const Numbers first = step(promise.solver, one, 0, 0.2, {1, 0.4}, {0.3}, {0.1}).x;
    const Numbers second = step(promise.solver, other, 0, 0.2, {-0.5, 2}, {-0.6}, {0.05}).x;
    const Numbers all = step(promise.solver, both, 0, 0.2, {1, -0.5, 0.4, 2}, {0.3, -0.6}, {0.1, 0.05}).x;
    CHECK(all == Numbers{first[0], second[0], first[1], second[1]});
    // Without friction the velocity is not damped.
    const Sde free({y, 0}, {{0}, {0}});
    const Numbers moved = step(promise.solver, free, 0, 0.5, {1, 2}, {0}, {0}).x;
    CHECK(std::abs(moved[0] - 2) < 1e-15);
    CHECK(moved[1] == 2);
  }
}

TEST_CASE("the implicit drift takes stiff equations, nonlinear ones and systems that need a pivot") {
  const Sde stiff({-1000 * (x - cos(t))}, {{0.5}});
  const Ends ends = run_paths(equal_steps(Kind::drift_implicit, 64), stiff, {0}, 4096);
  double mean = 0;
  for (double at : ends.x) mean += at / 4096;
  CHECK(std::abs(mean - 0.5411432357097119) < 4.5 * 0.0112 / 64 + 3e-4);

  // y + h y^3 = x, and a matrix 1 - h J with zeros on its diagonal.
  const Step cubic = step(Kind::drift_implicit, Sde({0 - x * x * x}, {{0}}), 0, 2, {3}, {0}, {});
  CHECK(std::abs(cubic.x[0] + 2 * std::pow(cubic.x[0], 3) - 3) < 1e-13);
  const Step turned = step(Kind::drift_implicit, Sde({x + 3 * y, 2 * x + y}, {{0}, {0}}), 0, 1, {6, 4}, {0}, {});
  CHECK(std::abs(turned.x[0] + 2) < 1e-14);
  CHECK(std::abs(turned.x[1] + 2) < 1e-14);
}

TEST_CASE("adaptive path solvers for noise of each state's own keep the law of dX = X dW") {
  for (const Promise& promise : promises) {
    const paths::Facts& facts = facts_of(promise.solver);
    if (!facts.estimates_error || promise.noise < Noise::own) continue;
    CAPTURE(word_of(promise.solver));
    const Sde sde({promise.ito ? Expression(0) : -0.5 * x}, {{x}}, promise.ito);
    paths::PathJob job = equal_steps(promise.solver, 0);
    const double k = facts.error_order;
    job.control = {.rtol = 1e-3,
                   .atol = 1e-3,
                   .h0 = 0.05,
                   .h_max = 1,
                   .safety = 0.9,
                   .factor_min = 0.2,
                   .factor_max = 5,
                   .p_now = 0.7 / k,
                   .p_before = 0.4 / k,
                   .max_steps = 1 << 20};
    constexpr int count = 4096;
    const Ends ends = run_paths(job, sde, {1}, count);
    double mean = 0, logs = 0, missing = 0, W = 0;
    uint64_t rejected = 0, tried = 0;
    for (int path = 0; path < count; ++path) {
      mean += ends.x[path] / count;
      logs += std::log(std::abs(ends.x[path])) / count;
      missing += std::pow(ends.x[path] - std::exp(ends.W[path] - 0.5), 2) / count;
      W += ends.W[path] * ends.W[path] / count;
      rejected += ends.rejected[path], tried += ends.rejected[path] + ends.accepted[path];
    }
    CAPTURE(static_cast<double>(rejected) / static_cast<double>(tried));
    CHECK(std::all_of(ends.status.begin(), ends.status.end(), [](int status) { return status == 0; }));
    CHECK(std::abs(mean - 1) < 4.5 * 1.31 / std::sqrt(count) + 0.01);
    CHECK(std::abs(logs + 0.5) < 4.5 / std::sqrt(count) + 0.01);
    CHECK(std::abs(W - 1) < 4.5 * 1.414 / std::sqrt(count));
    CHECK(std::sqrt(missing) < 0.02);
    CAPTURE(std::sqrt(missing));
  }
}

}  // namespace
}  // namespace fast_sde::test
