// Algorithm 1 as an independent float64 program with the engine's own noise: same decisions, same samples.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "../core/controller.hpp"
#include "../shell/cpu/dispatch.hpp"
#include "support.hpp"

using namespace fast_sde;
using namespace fast_sde::test;

namespace {

struct Reference {
  std::vector<double> x;
  uint32_t accepted = 0, rejected = 0, evaluations = 0;
};

// Gaussian data N(mean, variance) under VP, redrawn noise, rms norm, 'max' scale: the algorithm of the paper with
// nothing shared with the engine but the normals.
Reference algorithm1(const JobOptions& options, uint64_t sample, double mean, double variance) {
  const Problem& problem = options.problem;
  const int64_t n = problem.elements;
  auto normals = [&](uint32_t node) {
    std::vector<float> z(n);
    cpu::kernels().normals(problem.seed, sample, node, z.data(), n);
    return z;
  };
  auto log_alpha = [](double t) { return -0.25 * t * t * 19.9 - 0.05 * t; };
  auto beta = [](double t) { return 0.1 + 19.9 * t; };
  Reference r;
  auto score = [&](const std::vector<double>& x, double t) {
    ++r.evaluations;
    double alpha = std::exp(log_alpha(t));
    double total = alpha * alpha * variance + 1 - alpha * alpha;
    std::vector<double> s(n);
    for (int64_t i = 0; i < n; ++i) s[i] = (alpha * mean - x[i]) / total;
    return s;
  };
  std::vector<float> prior = normals(0);
  r.x.assign(prior.begin(), prior.end());
  std::vector<double> previous = r.x;
  double t = 1, h = 0.01, end = problem.t_end;
  uint32_t node = 1;
  while (t > end) {
    std::vector<double> s1 = score(r.x, t);
    for (;;) {
      std::vector<float> z = normals(node++);
      std::vector<double> low(n), high(n);
      for (int64_t i = 0; i < n; ++i) {
        double drift = -0.5 * beta(t) * r.x[i] - beta(t) * s1[i];
        low[i] = r.x[i] - h * drift + std::sqrt(beta(t) * h) * z[i];
      }
      double next = std::max(t - h, end);
      std::vector<double> s2 = score(low, next);
      double sum = 0;
      for (int64_t i = 0; i < n; ++i) {
        double drift = -0.5 * beta(next) * low[i] - beta(next) * s2[i];
        double other = r.x[i] - h * drift + std::sqrt(beta(next) * h) * z[i];
        high[i] = 0.5 * (low[i] + other);
        double scale = std::max<double>(problem.tolerance.atol,
                                        problem.tolerance.rtol * std::max(std::fabs(low[i]), std::fabs(previous[i])));
        sum += std::pow((low[i] - high[i]) / scale, 2);
      }
      double error = std::sqrt(sum / n);
      bool accept = error <= 1, last = h == t - end;
      if (accept) {
        ++r.accepted;
        r.x = high;
        previous = low;
        t = last ? end : t - h;
      } else {
        ++r.rejected;
      }
      h = std::min(t - end, 0.9 * h * std::pow(error, -0.9));
      if (accept) break;
    }
  }
  std::vector<double> s = score(r.x, end);
  double alpha = std::exp(log_alpha(end));
  for (int64_t i = 0; i < n; ++i) r.x[i] = (r.x[i] + (1 - alpha * alpha) * s[i]) / alpha;
  return r;
}

}  // namespace

TEST_CASE("the engine takes the steps of Algorithm 1 and arrives at its samples") {
  // Tolerances at which steps are rejected too, and rows of several shapes.
  struct Case {
    int64_t n;
    float rtol;
  };
  for (Case c : {Case{16, 0.5f}, Case{256, 0.5f}, Case{784, 0.2f}, Case{3072, 0.05f}}) {
    JobOptions options = vp_job(c.n, 6);
    options.problem.noise = Noise::redraw;
    options.problem.tolerance.rtol = c.rtol;
    MixtureScore score = gaussian(c.n, 0.3f, 0.25);
    Collector got = collect(options, score);
    uint32_t rejected = 0;
    for (uint64_t k = 0; k < options.count; ++k) {
      Reference expected = algorithm1(options, k, 0.3, 0.25);
      REQUIRE(got.stats[k].accepted == expected.accepted);
      REQUIRE(got.stats[k].rejected == expected.rejected);
      CHECK(got.stats[k].evaluations == expected.evaluations);
      rejected += expected.rejected;
      double worst = 0;
      for (int64_t i = 0; i < c.n; ++i) {
        worst = std::max(worst, std::fabs(got.samples[static_cast<int64_t>(k) * c.n + i] - expected.x[i]));
      }
      CHECK(worst < 2e-4);  // float32 states and coefficients over a few hundred updates
    }
    if (c.rtol >= 0.2f) CHECK(rejected > 0);
  }
}

TEST_CASE("with 'max' scale atol matters where |x| is small, with 'sum' everywhere") {
  Tolerance max{0.1f, 0.5f, Scale::max, Norm::rms}, sum{0.1f, 0.5f, Scale::sum, Norm::rms};
  CHECK(allowed_error(max, 1.0f) == 0.5f);
  CHECK(within(allowed_error(max, 10.0f), 1.0f, 1e-6));
  CHECK(within(allowed_error(sum, 10.0f), 1.5f, 1e-6));
}

TEST_CASE("the controller: zero error takes what remains, large error shrinks, limits hold") {
  for (double exponent : {1e-3, 0.9, 2.0}) CHECK(next_step(0.9, exponent, 0.01, 0, 0.7) == 0.7);
  CHECK(within(next_step(0.9, 0.9, 0.01, 1, 0.7), 0.009, 1e-6));
  CHECK(within(next_step(0.9, 0.9, 0.01, 32, 0.7), 0.009 * std::pow(32, -0.9), 1e-6));
  CHECK(next_step(0.9, 0.9, 0.01, 1e-8, 0.7) == 0.7);
  CHECK(too_short(1e-17, 0.5));
  CHECK_FALSE(too_short(1e-9, 0.5));
}
