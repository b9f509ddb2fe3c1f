#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "../shell/cpu/dispatch.hpp"
#include "support.hpp"

using namespace fast_sde;

namespace {

std::vector<float> draw(uint64_t seed, uint64_t sample, uint32_t node, int64_t count) {
  std::vector<float> out(count);
  cpu::kernels().normals(seed, sample, node, out.data(), count);
  return out;
}

}  // namespace

// Bounds below are 4.5 standard errors or the like: a false alarm in about 1e-5.
TEST_CASE("normals have the moments of N(0, 1)") {
  const int64_t n = 1 << 22;
  std::vector<float> z = draw(1, 2, 3, n);
  double m1 = 0, m2 = 0, m3 = 0, m4 = 0;
  for (double v : z) {
    m1 += v;
    m2 += v * v;
    m3 += v * v * v;
    m4 += v * v * v * v;
  }
  const double root = std::sqrt(static_cast<double>(n));
  CHECK(std::fabs(m1 / n) < 4.5 / root);
  CHECK(std::fabs(m2 / n - 1) < 4.5 * std::sqrt(2.0) / root);
  CHECK(std::fabs(m3 / n) < 4.5 * std::sqrt(15.0) / root);
  CHECK(std::fabs(m4 / n - 3) < 4.5 * std::sqrt(96.0) / root);
}

TEST_CASE("normals pass Kolmogorov and Smirnov's test") {
  std::vector<float> z = draw(11, 5, 1, 1 << 20);
  std::sort(z.begin(), z.end());
  double distance = 0;
  for (size_t i = 0; i < z.size(); ++i) {
    double law = 0.5 * std::erfc(-z[i] / std::sqrt(2.0));
    distance = std::max({distance, std::fabs(law - static_cast<double>(i) / z.size()),
                         std::fabs(law - static_cast<double>(i + 1) / z.size())});
  }
  CHECK(distance * std::sqrt(static_cast<double>(z.size())) < 2.5);  // P < 2 exp(-2 * 2.5^2) = 7e-6
}

TEST_CASE("tails reach as far as they should") {
  std::vector<float> z = draw(3, 1, 4, 1 << 22);
  auto beyond = [&](double limit) {
    return static_cast<double>(std::count_if(z.begin(), z.end(), [&](float v) { return std::fabs(v) > limit; }));
  };
  for (double limit : {3.0, 4.0, 4.5}) {
    double expected = std::erfc(limit / std::sqrt(2.0)) * static_cast<double>(z.size());
    CHECK(std::fabs(beyond(limit) - expected) < 4.5 * std::sqrt(expected) + 1);
  }
}

TEST_CASE("elements, nodes, samples and seeds are uncorrelated with their neighbours") {
  const int64_t n = 1 << 20;
  std::vector<float> z = draw(1, 1, 1, n);
  auto correlation = [&](const std::vector<float>& other, int64_t lag) {
    double sum = 0;
    for (int64_t i = 0; i + lag < n; ++i) sum += static_cast<double>(z[i]) * other[i + lag];
    return std::fabs(sum / std::sqrt(static_cast<double>(n)));
  };
  for (int64_t lag : {1, 2, 3, 4, 64, 1024}) CHECK(correlation(z, lag) < 4.5);
  CHECK(correlation(draw(1, 1, 2, n), 0) < 4.5);
  CHECK(correlation(draw(1, 2, 1, n), 0) < 4.5);
  CHECK(correlation(draw(2, 1, 1, n), 0) < 4.5);
}

TEST_CASE("an element depends on its place alone, not on how many are drawn") {
  std::vector<float> long_row = draw(9, 8, 7, 5000);
  for (int64_t count : {1, 2, 3, 4, 5, 63, 64, 65, 1023, 1024, 1025}) {
    std::vector<float> row = draw(9, 8, 7, count);
    CHECK(std::equal(row.begin(), row.end(), long_row.begin()));
  }
}

TEST_CASE("seeds and samples of 64 bits count whole") {
  CHECK(draw(1, 1, 1, 4) != draw(1 + (uint64_t{1} << 40), 1, 1, 4));
  CHECK(draw(1, 1, 1, 4) != draw(1, 1 + (uint64_t{1} << 40), 1, 4));
}
