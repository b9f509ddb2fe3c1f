// Pieces of Brownian paths: joining and splitting keep the joint law of increments and space-time Levy areas.
#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

#include "../core/brownian.hpp"
#include "../paths/noise.hpp"

using namespace fast_sde;

TEST_CASE("a split agrees with Foster's formula") {
  const Split parts = split({0.7, -0.2}, 0.3, 0.7, 0.5, -1.1);
  CHECK(parts.first.W == doctest::Approx(0.09737359864766357).epsilon(1e-14));
  CHECK(parts.first.H == doctest::Approx(-0.20240999501609333).epsilon(1e-14));
  CHECK(parts.rest.W == doctest::Approx(0.6026264013523364).epsilon(1e-14));
  CHECK(parts.rest.H == doctest::Approx(-0.11851971545571974).epsilon(1e-14));
}

TEST_CASE("joining what was split gives the whole again") {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> length(0.01, 3);
  for (int i = 0; i < 2000; ++i) {
    const double a = length(random), b = length(random);
    const Increment whole{normal(random), normal(random)};
    const Split parts = split(whole, a, b, normal(random), normal(random));
    const Increment again = join(a, parts.first, b, parts.rest);
    CHECK(again.W == doctest::Approx(whole.W).epsilon(1e-12));
    CHECK(again.H == doctest::Approx(whole.H).epsilon(1e-10));
  }
}

// The parts are linear in the whole's unit normals and in those of the split: their covariance is a matrix product.
TEST_CASE("the parts of a split have variances h and h / 12, and are independent") {
  for (double share : {0.01, 0.3, 0.5, 0.9}) {
    const double h = 1.7, a = share * h, b = h - a;
    double covariance[4][4] = {};
    for (int k = 0; k < 4; ++k) {
      const double unit[4] = {k == 0 ? 1. : 0., k == 1 ? 1. : 0., k == 2 ? 1. : 0., k == 3 ? 1. : 0.};
      const Split parts = split({std::sqrt(h) * unit[0], std::sqrt(h / 12) * unit[1]}, a, b, unit[2], unit[3]);
      const double value[4] = {parts.first.W, parts.first.H, parts.rest.W, parts.rest.H};
      for (int i = 0; i < 4; ++i) {
        for (int j = 0; j < 4; ++j) covariance[i][j] += value[i] * value[j];
      }
    }
    const double variance[4] = {a, a / 12, b, b / 12};
    for (int i = 0; i < 4; ++i) {
      for (int j = 0; j < 4; ++j) CHECK(std::abs(covariance[i][j] - (i == j ? variance[i] : 0)) < 1e-14);
    }
  }
}

namespace {

// Steps that are tried, shortened and kept at random over [0, 1]: what all kept ones make together.
Increment wandering(std::mt19937_64& random, bool levy_area, int& refused) {
  std::vector<double> room((paths::Pieces::depth + 1) * 3);
  paths::Pieces pieces(room.data(), paths::Pieces::depth, 1, levy_area);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  Increment sum{0, 0};
  double t = 0;
  while (t < 1) {
    double h = std::min(1 - t, 0.4 * uniform(random));
    for (;;) {
      double W = 0, H = 0;
      const double fresh[] = {normal(random), normal(random)};
      const bool taken = pieces.take(
          h, &W, &H, [&](int j) { return fresh[j]; },
          [&](double* piece, double length) {
            piece[0] = length;
            piece[1] = std::sqrt(length) * fresh[0];
            if (levy_area) piece[2] = std::sqrt(length / 12) * fresh[1];
          });
      REQUIRE(taken);
      // A decision that looks at the increment, as an error estimate does.
      if (std::abs(W) > std::sqrt(h) && h > 0.01) {
        ++refused;
        h *= 0.3 + 0.5 * uniform(random);
        continue;
      }
      sum = t == 0 ? Increment{W, H} : join(t, sum, h, {W, H});
      pieces.accept();
      t = t + h > 1 - 1e-12 ? 1 : t + h;
      break;
    }
  }
  return sum;
}

}  // namespace

TEST_CASE("rejected steps keep the law of W and H, whatever the decisions looked at") {
  std::mt19937_64 random(7);
  constexpr int paths = 40000;
  for (bool levy_area : {false, true}) {
    double W = 0, WW = 0, HH = 0, WH = 0;
    int refused = 0;
    for (int i = 0; i < paths; ++i) {
      const Increment sum = wandering(random, levy_area, refused);
      W += sum.W;
      WW += sum.W * sum.W;
      HH += 12 * sum.H * sum.H;
      WH += std::sqrt(12.0) * sum.W * sum.H;
    }
    CHECK(refused > paths);
    const double standard_errors = 4.5 / std::sqrt(static_cast<double>(paths));  // 4.5 of them: once in 150,000
    CHECK(std::abs(W / paths) < standard_errors);
    CHECK(std::abs(WW / paths - 1) < std::sqrt(2.0) * standard_errors);
    if (!levy_area) continue;
    CHECK(std::abs(HH / paths - 1) < std::sqrt(2.0) * standard_errors);
    CHECK(std::abs(WH / paths) < standard_errors);
  }
}
