#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "../core/reduce.hpp"

using namespace fast_sde;

namespace {

// The rule of core/reduce.hpp, as plainly as it can be said.
double norm_of(Norm norm, const std::vector<float>& terms, int width) {
  std::vector<double> lanes(width, 0.0);
  for (size_t i = 0; i < terms.size(); ++i) {
    double& lane = lanes[i % reduce_lanes];
    lane = reduce_term(norm, lane, terms[i]);
  }
  for (int half = width / 2; half >= 1; half /= 2) {
    for (int i = 0; i < half; ++i) lanes[i] = reduce_fold(norm, lanes[i], lanes[i + half]);
  }
  return reduce_finish(norm, lanes[0], static_cast<int64_t>(terms.size()));
}

}  // namespace

TEST_CASE("folding from the next power of two gives the bits of folding all lanes") {
  for (int n : {1, 2, 3, 5, 7, 100, 784, 1023, 1024, 1025, 3072}) {
    std::vector<float> terms(n);
    for (int i = 0; i < n; ++i) terms[i] = std::sin(static_cast<float>(i * i));
    for (Norm norm : {Norm::rms, Norm::max}) {
      CHECK(norm_of(norm, terms, reduce_width(n)) == norm_of(norm, terms, reduce_lanes));
    }
  }
}

TEST_CASE("norms are what they are called") {
  std::vector<float> terms = {3, -4, 0, 0};
  CHECK(norm_of(Norm::rms, terms, 4) == doctest::Approx(2.5));
  CHECK(norm_of(Norm::max, terms, 4) == 4);
}

TEST_CASE("one NaN or infinity anywhere makes the norm not finite") {
  for (Norm norm : {Norm::rms, Norm::max}) {
    for (float bad : {std::nanf(""), HUGE_VALF, -HUGE_VALF}) {
      for (int where : {0, 1, 1500, 1999}) {
        std::vector<float> terms(2000, 0.5f);
        terms[where] = bad;
        CHECK_FALSE(is_finite(norm_of(norm, terms, reduce_lanes)));
      }
    }
  }
}
