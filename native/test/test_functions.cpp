// The functions of equations against libm in long double: errors on random points, and every special value.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "../core/functions.hpp"

namespace fn = fast_sde::functions;

namespace {

struct Range {
  double least, most;
  bool by_magnitude = false;  // of powers of two, either sign
};

template <class Real>
class Points {
 public:
  Real in(const Range& range) {
    const double u = range.least + (range.most - range.least) * share();
    if (!range.by_magnitude) return static_cast<Real>(u);
    return static_cast<Real>(std::copysign(std::exp2(u), share() - 0.5));
  }

 private:
  double share() { return std::generate_canonical<double, 53>(random_); }
  std::mt19937_64 random_{7};
};

// Zeros, ends of the range and of its parts, and what lies beside them.
template <class Real>
std::vector<Real> special_values() {
  using Limits = std::numeric_limits<Real>;
  std::vector<Real> all = {Limits::quiet_NaN()};
  const Real ends[] = {0, Limits::denorm_min(), Limits::min(), Limits::max(), Limits::infinity(), Limits::epsilon()};
  for (Real end : ends) all.push_back(end);
  for (double x : {0.25,
                   0.3465735902799726,
                   0.5,
                   0.7071067811865476,
                   1.0,
                   1.5,
                   2.0,
                   2.5,
                   3.0,
                   4.0,
                   6.0,
                   10.0,
                   22.0,
                   1e15,
                   1e-15,
                   88.72283,
                   89.4,
                   103.97,
                   104.0,
                   709.782712893384,
                   710.4758600739439,
                   745.1332191019411,
                   746.0}) {
    for (Real neighbour : {Real(0), Limits::infinity()}) all.push_back(std::nextafter(static_cast<Real>(x), neighbour));
    all.push_back(static_cast<Real>(x));
  }
  for (size_t i = 0, count = all.size(); i < count; ++i) all.push_back(-all[i]);
  return all;
}

// Of the truth's magnitude; half a subnormal more where the result may be one.
template <class Real>
bool agrees(Real got, long double truth, double error, bool absolute) {
  const Real rounded = static_cast<Real>(truth);
  if (std::isnan(rounded)) return std::isnan(got);
  // Between the last number and infinity either may be right, by the error allowed.
  if (std::isinf(got) || std::isinf(rounded)) {
    const Real most = std::copysign(std::numeric_limits<Real>::max(), rounded);
    return got == rounded || (std::fabs(truth / most) < 1 + error && (got == most || rounded == most));
  }
  if (rounded == 0 && got == 0) return std::signbit(got) == std::signbit(rounded);
  const long double allowed = absolute ? error : error * std::fabs(truth);
  return std::fabs(got - truth) <= allowed + std::numeric_limits<Real>::denorm_min();
}

template <class Real, class Function, class Truth>
void compare(const char* name, Function function, Truth truth, double error, bool absolute,
             const std::vector<Range>& ranges, double special_below) {
  INFO(std::string(name), " ", sizeof(Real) * 8);
  Points<Real> points;
  for (const Range& range : ranges) {
    for (int i = 0; i < 20000; ++i) {
      const Real x = points.in(range);
      if (!agrees(function(x), truth(static_cast<long double>(x)), error, absolute)) {
        FAIL_CHECK("at ", static_cast<double>(x), ": ", static_cast<double>(function(x)), " in place of ",
                   static_cast<double>(truth(x)));
        return;
      }
    }
  }
  for (Real x : special_values<Real>()) {
    if (std::isfinite(x) && std::fabs(x) > special_below) continue;
    INFO("at ", static_cast<double>(x), ": ", static_cast<double>(function(x)));
    CHECK(agrees(function(x), truth(static_cast<long double>(x)), error, absolute));
  }
}

constexpr double everywhere = HUGE_VAL;

#define COMPARE(name, error32, error64, absolute, below, ...)                                                     \
  compare<float>(                                                                                                 \
      #name, [](float x) { return fn::name(x); }, [](long double x) { return std::name(x); }, error32, absolute,  \
      {__VA_ARGS__}, below);                                                                                      \
  compare<double>(                                                                                                \
      #name, [](double x) { return fn::name(x); }, [](long double x) { return std::name(x); }, error64, absolute, \
      {__VA_ARGS__}, below)

}  // namespace

TEST_CASE("exp, log and what is made of them are as near to libm's as they say") {
  COMPARE(exp, 1.5e-7, 4e-16, false, everywhere, {-1, 1}, {-104, 89}, {-746, 710}, {-60, 0, true});
  COMPARE(expm1, 1.5e-7, 4e-16, false, everywhere, {-1, 1}, {-60, 89}, {-746, 710}, {-1000, 0, true});
  COMPARE(log, 1.5e-7, 4e-16, false, everywhere, {0.5, 2}, {0.99, 1.01}, {-149, 127, true}, {-1074, 1023, true});
  COMPARE(log1p, 1.5e-7, 4e-16, false, everywhere, {-1, 2}, {-0.01, 0.01}, {-149, 127, true}, {-1074, 1023, true});
  COMPARE(sinh, 1.5e-7, 4e-16, false, everywhere, {-2, 2}, {-89.5, 89.5}, {-711, 711}, {-1000, 0, true});
  COMPARE(cosh, 1.5e-7, 4e-16, false, everywhere, {-2, 2}, {-89.5, 89.5}, {-711, 711});
  COMPARE(tanh, 1.5e-7, 4e-16, false, everywhere, {-2, 2}, {-30, 30}, {-1000, 0, true});
}

TEST_CASE("sin, cos, tan and their inverses are as near to libm's as they say") {
  COMPARE(sin, 1.5e-7, 4e-16, true, 0x1p26, {-3.2, 3.2}, {-1e4, 1e4}, {-1e8, 1e8});
  COMPARE(cos, 1.5e-7, 4e-16, true, 0x1p26, {-3.2, 3.2}, {-1e4, 1e4}, {-1e8, 1e8});
  COMPARE(sin, 1.5e-7, 4e-16, false, 0x1p26, {-0.9, 0.9}, {3.1, 3.2}, {-1000, 0, true});
  COMPARE(tan, 1.5e-7, 1e-15, false, 0x1p26, {-1.6, 1.6}, {-1e4, 1e4}, {-1000, 0, true});
  COMPARE(asin, 1.5e-7, 4e-16, false, everywhere, {-1, 1}, {0.99, 1}, {-1000, 0, true});
  COMPARE(acos, 1.5e-7, 4e-16, false, everywhere, {-1, 1}, {0.99, 1});
  COMPARE(atan, 1.5e-7, 4e-16, false, everywhere, {-3, 3}, {-1000, 1000, true});
}

TEST_CASE("sin, cos and tan: quarters of a turn, what is beyond 10^8, and where doubles know no angle") {
  CHECK(fn::cos(0.0) == 1);
  CHECK(fn::sin(1.5707963267948966) == 1);
  CHECK(fn::cos(3.141592653589793f) == -1);
  CHECK(fn::sin(3.141592653589793) == doctest::Approx(1.2246467991473532e-16).epsilon(1e-12));
  Points<double> points;
  for (int i = 0; i < 20000; ++i) {
    const double x = points.in({26, 49, true});
    const double place = std::nextafter(std::fabs(x), HUGE_VAL) - std::fabs(x);
    REQUIRE(std::fabs(fn::sin(x) - std::sin(static_cast<long double>(x))) < 4e-16 + place);
    REQUIRE(std::fabs(fn::cos(x) - std::cos(static_cast<long double>(x))) < 4e-16 + place);
  }
  for (double x : {0x1p50, -1e20, 1e300}) {
    CHECK(std::isnan(fn::sin(x)));
    CHECK(std::isnan(fn::cos(x)));
    CHECK(std::isnan(fn::tan(x)));
    CHECK(std::isnan(fn::sin(static_cast<float>(x))));
  }
}

TEST_CASE("erf and cbrt are as near to libm's as they say") {
  COMPARE(erf, 1.5e-7, 1e-15, false, everywhere, {-1.2, 1.2}, {-7, 7}, {-1000, 0, true});
  COMPARE(cbrt, 1.5e-7, 4e-16, false, everywhere, {-10, 10}, {-149, 127, true}, {-1074, 1023, true});
}

TEST_CASE_TEMPLATE("pow is as near to libm's as it says, for every base and exponent", Real, float, double) {
  const double error = sizeof(Real) == 4 ? 1.5e-7 : 1e-15;
  Points<Real> points;
  const Range bases_and_exponents[][2] = {{{0, 3}, {-4, 4}},
                                          {{0, 100}, {-60, 60}},
                                          {{0.9, 1.1}, {-7000, 7000}},
                                          {{0.9999, 1.0001}, {-7e6, 7e6}},
                                          {{-1074, 1023, true}, {-1, 1}}};
  for (const auto& [bases, exponents] : bases_and_exponents) {
    for (int i = 0; i < 20000; ++i) {
      const Real x = points.in(bases), y = points.in(exponents);
      INFO(static_cast<double>(x), " ^ ", static_cast<double>(y));
      REQUIRE(agrees(fn::pow(x, y), std::pow(static_cast<long double>(x), static_cast<long double>(y)), error, false));
    }
  }
  std::vector<Real> exponents = special_values<Real>();
  for (double y : {3.0, 5.0, 1e6, 1e6 + 1, 9007199254740993.0, 0.3, 1.0 / 3, 1e19, 1e30}) {
    exponents.push_back(static_cast<Real>(y));
    exponents.push_back(static_cast<Real>(-y));
  }
  for (Real x : special_values<Real>()) {
    for (Real y : exponents) {
      INFO(static_cast<double>(x), " ^ ", static_cast<double>(y), " = ", static_cast<double>(fn::pow(x, y)));
      CHECK(agrees(fn::pow(x, y), std::pow(static_cast<long double>(x), static_cast<long double>(y)), error, false));
    }
  }
}

TEST_CASE_TEMPLATE("atan2 is as near to libm's as it says, in every quadrant", Real, float, double) {
  const double error = sizeof(Real) == 4 ? 1.5e-7 : 4e-16;
  auto check = [&](Real y, Real x) {
    INFO("atan2(", static_cast<double>(y), ", ", static_cast<double>(x), ") = ", static_cast<double>(fn::atan2(y, x)));
    REQUIRE(
        agrees(fn::atan2(y, x), std::atan2(static_cast<long double>(y), static_cast<long double>(x)), error, false));
  };
  Points<Real> points;
  for (int i = 0; i < 20000; ++i) {
    check(points.in({-1, 1}), points.in({-1, 1}));
    check(points.in({-1000, 1000, true}), points.in({-1000, 1000, true}));
  }
  for (Real y : special_values<Real>()) {
    for (Real x : special_values<Real>()) check(y, x);
  }
}

TEST_CASE_TEMPLATE("round, floor, sign, min and max: exact, with NaN and signed zeros", Real, float, double) {
  auto same = [](Real a, Real b) {
    return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
  };
  std::vector<Real> values = special_values<Real>();
  for (double x :
       {0.49999997, 0.49999999999999994, 2.5, 3.5, 8388607.5, 8388609.0, 4503599627370495.5, 4503599627370497.0}) {
    values.push_back(static_cast<Real>(x));
    values.push_back(static_cast<Real>(-x));
  }
  for (Real x : values) {
    INFO(static_cast<double>(x));
    CHECK(same(fn::round(x), std::round(x)));
    CHECK(same(fn::floor_of(x), std::floor(x)));
    CHECK(same(fn::sign(x), std::isnan(x) || x == 0 ? x : std::copysign(Real(1), x)));
    for (Real y : values) {
      const bool any_nan = std::isnan(x) || std::isnan(y);
      const Real nan = std::numeric_limits<Real>::quiet_NaN();
      if (x != y) CHECK(same(fn::min(x, y), any_nan ? nan : std::fmin(x, y)));
      if (x != y) CHECK(same(fn::max(x, y), any_nan ? nan : std::fmax(x, y)));
    }
  }
}
