#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>

#include "../core/math.hpp"

using namespace fast_sde;

TEST_CASE("ln, exp and pow agree with libm to two units in the last place") {
  const double unit = 0x1p-52;
  for (int i = -6000; i <= 6000; ++i) {
    double x = std::exp2(i / 10.0) * (1 + 0.37 * std::sin(i));
    REQUIRE(std::fabs(natural_log(x) - std::log(x)) <= 2 * unit * std::fabs(std::log(x)));
    double y = i / 9.0;
    if (y > -700 && y < 700) {
      REQUIRE(std::fabs(exponential(y) / std::exp(y) - 1) < 2 * unit);
    }
  }
  CHECK(natural_log(1.0) == 0.0);
  CHECK(exponential(0.0) == 1.0);
  for (double x : {1e-300, 1e-9, 0.5, 1.0, 3.7, 1e6, 1e200}) {
    CHECK(std::fabs(power(x, -0.9) / std::pow(x, -0.9) - 1) < 1e-13);
  }
}

TEST_CASE("exp at its ends: zero below, infinity above, NaN stays NaN") {
  CHECK(exponential(-800.0) == 0.0);
  CHECK(std::isinf(exponential(800.0)));
  CHECK(std::isnan(exponential(std::nan(""))));
}

TEST_CASE("is_finite tells NaN and infinities from numbers") {
  CHECK(is_finite(1e308));
  CHECK_FALSE(is_finite(HUGE_VAL));
  CHECK_FALSE(is_finite(-HUGE_VAL));
  CHECK_FALSE(is_finite(std::nan("")));
}
