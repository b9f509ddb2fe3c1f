// What the samples and the noise are distributed like, against known laws and the issue's own figures of the paper's
// loop. Fixed seeds; bounds as stated are far wider than chance (false alarms below 1e-5).
#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <vector>

#include "../cpu/dispatch.hpp"
#include "support.hpp"

using namespace fast_sde;
using namespace fast_sde::test;

namespace {

Moments run_low_dimension(int64_t n, Noise noise, std::map<uint64_t, double>* brownian = nullptr) {
  RunOptions options = vp_run(n, 20000);
  options.problem.noise = noise;
  options.batch = 512;
  MixtureScore score = gaussian(n, 0, 0.25);
  // Adds up element 0 of every accepted step's increment: the slot's own step is read before it is decided.
  std::map<uint64_t, uint32_t> accepted;
  std::map<uint64_t, double> pending;
  auto increment = [&](const Slot& slot) {
    double sum = 0;
    for (uint32_t i = 0; i < slot.path.step.count; ++i) {
      float z[1];
      cpu::kernels().normals(options.problem.seed, slot.sample, slot.path.step.terms[i].node, z, 1);
      sum += slot.path.step.terms[i].coefficient * static_cast<double>(z[0]);
    }
    return sum;
  };
  Observer observer = nullptr;
  if (brownian != nullptr) {
    observer = [&](const Slot& slot) {
      uint32_t& before = accepted[slot.position];
      if (slot.accepted > before) {
        (*brownian)[slot.position] += pending[slot.position];
        before = slot.accepted;
      }
      if (slot.stage == 1) pending[slot.position] = increment(slot);
    };
  }
  Collector got = collect_all(options, score, observer);
  return moments(got.samples);
}

}  // namespace

TEST_CASE("d = 1 and 2, rtol 0.05: bridged noise keeps the variance, the paper's redrawn noise does not") {
  CHECK(run_low_dimension(1, Noise::bridge).variance == doctest::Approx(0.25).epsilon(0.05));
  CHECK(run_low_dimension(2, Noise::bridge).variance == doctest::Approx(0.25).epsilon(0.05));
  CHECK(run_low_dimension(1, Noise::redraw).variance / 0.25 == doctest::Approx(2.34).epsilon(0.06));
  CHECK(run_low_dimension(2, Noise::redraw).variance / 0.25 == doctest::Approx(1.68).epsilon(0.06));
}

TEST_CASE("d = 1 and 2: the accepted increments add up to a Brownian path over the whole time") {
  const double length = 1 - 1e-3;
  for (int64_t n : {1, 2}) {
    std::map<uint64_t, double> sums;
    run_low_dimension(n, Noise::bridge, &sums);
    REQUIRE(sums.size() == 20000);
    std::vector<double> values;
    for (auto [position, sum] : sums) values.push_back(sum);
    Moments law = moments(values);
    CHECK(std::fabs(law.mean) < 4.5 * std::sqrt(length / 20000));
    CHECK(law.variance / length == doctest::Approx(1).epsilon(0.045));
  }
}

TEST_CASE("a mixture in one dimension keeps its mean and variance") {
  RunOptions options = vp_run(1, 20000);
  options.batch = 512;
  MixtureScore score({0.25, 0.75}, {-0.6f, 0.4f}, {0.01, 0.0225});
  Collector got = collect_all(options, score);
  double mean = 0.25 * -0.6 + 0.75 * 0.4;
  double variance = 0.25 * (0.36 + 0.01) + 0.75 * (0.16 + 0.0225) - mean * mean;
  Moments law = moments(got.samples);
  CHECK(law.mean == doctest::Approx(mean).epsilon(0.1));
  CHECK(law.variance == doctest::Approx(variance).epsilon(0.05));
}

TEST_CASE("d = 3072: evaluations are those of the paper's loop, the variance is the truth's") {
  struct Case {
    float rtol;
    double evaluations;
  };
  for (Case c : {Case{0.01f, 270}, Case{0.02f, 216}, Case{0.05f, 127}, Case{0.10f, 75}}) {
    for (Noise noise : {Noise::redraw, Noise::bridge}) {
      RunOptions options = vp_run(3072, 64);
      options.problem.noise = noise;
      options.problem.tolerance.rtol = c.rtol;
      options.batch = 64;
      MixtureScore score = gaussian(3072, 0, 0.25);
      Collector got = collect_all(options, score);
      INFO("rtol ", c.rtol, noise == Noise::bridge ? " bridge" : " redraw", ": ", mean_evaluations(got),
           " evaluations, ", rejected_share(got), " rejected, variance ", moments(got.samples).variance);
      CHECK(mean_evaluations(got) == doctest::Approx(c.evaluations).epsilon(0.05));
      CHECK(moments(got.samples).variance == doctest::Approx(0.25).epsilon(0.01));
      CHECK(rejected_share(got) < 0.05);
    }
  }
}

TEST_CASE("Euler-Maruyama has the mean and variance of its own recursion, and weak order 1") {
  // dx = A x dt with additive noise: mean and variance of the scheme obey a scalar recursion, free of sampling noise.
  auto exact_moments = [](uint32_t steps, double mean, double variance) {
    Problem problem;
    double m = 0, v = 1, alpha_end = 0;
    for (uint32_t k = 0; k < steps; ++k) {
      auto time = [&](uint32_t i) { return i == steps ? 1e-3 : 1 - 0.999 * i / steps; };
      double t = time(k), h = t - time(k + 1);
      ScheduleAt at = schedule_at(problem.schedule, t);
      double total = at.alpha * at.alpha * variance + at.sigma * at.sigma;
      double growth = 1 - h * (at.f + at.g * at.g / total);
      m = growth * m + h * at.g * at.g * at.alpha * mean / total;
      v = growth * growth * v + h * at.g * at.g;
    }
    ScheduleAt at = schedule_at(problem.schedule, 1e-3);
    double total = at.alpha * at.alpha * variance + at.sigma * at.sigma;
    double keep = (1 - at.sigma * at.sigma / total) / at.alpha;
    alpha_end = keep * m + at.sigma * at.sigma * mean / total;
    return Moments{alpha_end, keep * keep * v};
  };
  for (uint32_t steps : {30u, 100u}) {
    RunOptions options = vp_run(1024, 256);
    options.problem.solver = SolverKind::euler_maruyama;
    options.problem.options.steps = steps;
    MixtureScore score = gaussian(1024, 0.5f, 0.25);
    Moments expected = exact_moments(steps, 0.5, 0.25), got = moments(collect_all(options, score).samples);
    const double n = 1024.0 * 256;
    CHECK(std::fabs(got.mean - expected.mean) < 4.5 * std::sqrt(expected.variance / n));
    CHECK(std::fabs(got.variance / expected.variance - 1) < 4.5 * std::sqrt(2 / n));
  }
  double coarse = std::fabs(exact_moments(400, 0.5, 0.25).variance - exact_moments(100000, 0.5, 0.25).variance);
  double fine = std::fabs(exact_moments(800, 0.5, 0.25).variance - exact_moments(100000, 0.5, 0.25).variance);
  CHECK(std::log2(coarse / fine) == doctest::Approx(1).epsilon(0.1));
}
