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

Moments run_low_dimension(int64_t n, Noise noise) {
  JobOptions options = vp_job(n, 20000);
  options.problem.noise = noise;
  options.batch = 512;
  MixtureScore score = gaussian(n, 0, 0.25);
  return moments(collect_all(options, score).samples);
}

}  // namespace

TEST_CASE("d = 1 and 2, rtol 0.05: bridged noise keeps the variance, the paper's redrawn noise does not") {
  CHECK(within(run_low_dimension(1, Noise::bridge).variance, 0.25, 0.05));
  CHECK(within(run_low_dimension(2, Noise::bridge).variance, 0.25, 0.05));
  CHECK(within(run_low_dimension(1, Noise::redraw).variance / 0.25, 2.34, 0.06));
  CHECK(within(run_low_dimension(2, Noise::redraw).variance / 0.25, 1.68, 0.06));
}

TEST_CASE("a mixture in one dimension keeps its mean and variance") {
  JobOptions options = vp_job(1, 20000);
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
  JobOptions options = vp_job(2, 20000);
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
      JobOptions options = vp_job(3072, 64);
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
