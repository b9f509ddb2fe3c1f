// What the samples and the noise are distributed like, against known laws and the figures of the paper's own loop.
// Fixed seeds; bounds are wider than chance (false alarms below 1e-5) save where a comment says otherwise.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "../shell/cpu/dispatch.hpp"
#include "support.hpp"

using namespace fast_sde;
using namespace fast_sde::test;

namespace {

// Samples' moments; and, where `brownian` is given, element 0 of every sample's accepted increments, added up.
Moments run_low_dimension(int64_t n, Noise noise, uint64_t count = 20000, std::vector<double>* brownian = nullptr) {
  RunOptions options = vp_run(n, count);
  options.problem.noise = noise;
  options.batch = 512;
  MixtureScore score = gaussian(n, 0, 0.25);
  std::vector<uint32_t> accepted(count);
  std::vector<double> pending(count);  // the increment of the step being tried, read before it is decided
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
    brownian->assign(count, 0);
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
  CHECK(within(run_low_dimension(1, Noise::bridge).variance, 0.25, 0.05));
  CHECK(within(run_low_dimension(2, Noise::bridge).variance, 0.25, 0.05));
  CHECK(within(run_low_dimension(1, Noise::redraw).variance / 0.25, 2.34, 0.06));
  CHECK(within(run_low_dimension(2, Noise::redraw).variance / 0.25, 1.68, 0.06));
}

TEST_CASE("d = 1 and 2: the accepted increments add up to a Brownian path over the whole time") {
  const double length = 1 - 1e-3;
  const uint64_t count = 100000;  // 2 % are 4.5 standard errors of the variance
  for (int64_t n : {1, 2}) {
    std::vector<double> sums;
    run_low_dimension(n, Noise::bridge, count, &sums);
    Moments law = moments(sums);
    CHECK(std::fabs(law.mean) < 4.5 * std::sqrt(length / count));
    CHECK(within(law.variance / length, 1, 0.02));
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
  CHECK(within(law.mean, mean, 0.1));
  CHECK(within(law.variance, variance, 0.05));
}

TEST_CASE("a mixture in two dimensions keeps its means, variances and covariance") {
  RunOptions options = vp_run(2, 20000);
  options.batch = 512;
  MixtureScore score({0.5, 0.5}, {-0.5f, -0.3f, 0.5f, 0.3f}, {0.01, 0.04});
  Collector got = collect_all(options, score);
  std::vector<double> x, y, sum;
  for (size_t k = 0; k < got.samples.size(); k += 2) {
    x.push_back(got.samples[k]);
    y.push_back(got.samples[k + 1]);
    sum.push_back(x.back() + y.back());
  }
  // Each component has its own mean (a, b) and isotropic variance v: means 0, variances a^2 + v, covariance a b.
  const double v = 0.5 * (0.01 + 0.04), covariance = 0.15;
  CHECK(std::fabs(moments(x).mean) < 4.5 * std::sqrt((0.25 + v) / 20000));
  CHECK(std::fabs(moments(y).mean) < 4.5 * std::sqrt((0.09 + v) / 20000));
  CHECK(within(moments(x).variance, 0.25 + v, 0.05));
  CHECK(within(moments(y).variance, 0.09 + v, 0.05));
  CHECK(within((moments(sum).variance - moments(x).variance - moments(y).variance) / 2, covariance, 0.05));
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
      CHECK(within(mean_evaluations(got), c.evaluations, 0.05));
      CHECK(within(moments(got.samples).variance, 0.25, 0.01));
      CHECK(rejected_share(got) < 0.05);
    }
  }
}

TEST_CASE("Euler-Maruyama has the mean and variance of its own recursion, and weak order 1") {
  // dx = A x dt with additive noise: mean and variance of the scheme obey a scalar recursion, free of sampling noise.
  auto exact_moments = [](uint32_t steps, double mean, double variance) {
    Problem problem;
    double m = 0, v = 1;
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
    return Moments{keep * m + at.sigma * at.sigma * mean / total, keep * keep * v};
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
  CHECK(within(std::log2(coarse / fine), 1, 0.1));
}
