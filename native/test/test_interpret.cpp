// What an instruction means, and the same bits from every instruction set, in a chunk and alone.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "../shell/cpu/dispatch.hpp"
#include "programs.hpp"

namespace fast_sde::cpu {
extern const Kernels kernels_unoptimised;
}

using namespace fast_sde;
using namespace fast_sde::test;

namespace {

template <class Real>
cpu::ProgramKernel<Real> kernel_of(const cpu::Kernels& kernels) {
  if constexpr (sizeof(Real) == 4) {
    return kernels.program32;
  } else {
    return kernels.program64;
  }
}

// Equal bits, or NaN both: which NaN is not said.
template <class Real>
bool same(Real a, Real b) {
  return (std::isnan(a) && std::isnan(b)) || std::memcmp(&a, &b, sizeof a) == 0;
}

// Numbers of all sizes, and now and then what is special.
template <class Real>
Real some_number(std::mt19937_64& random) {
  using Limits = std::numeric_limits<Real>;
  constexpr Real special[] = {
      0, 1, 2, Limits::denorm_min(), Limits::min(), Limits::max(), Limits::infinity(), Limits::quiet_NaN(), Real(0.5)};
  const Real sign = random() % 2 == 0 ? Real(1) : Real(-1);
  if (random() % 8 == 0) return sign * special[random() % std::size(special)];
  const double exponent = static_cast<double>(random() % 1000) / 1000 * (random() % 4 == 0 ? 200 : 8) - 4;
  return sign * static_cast<Real>(std::exp2(exponent));
}

// A program of `length` instructions: all operations in all forms, temporaries that are written again.
Program some_program(std::mt19937_64& random, int length, int op_of_all = -1) {
  Wire wire;
  wire.temporaries = 5;
  wire.constants.clear();
  std::vector<int> known;
  for (int i = 0; i < Wire::inputs; ++i) known.push_back(i);
  auto row = [&] { return known[random() % known.size()]; };
  auto constant = [&] {
    wire.constants.push_back(some_number<double>(random));
    return static_cast<int>(wire.constants.size()) - 1;
  };
  auto append = [&](int op, int dst) {
    const int operands = op_operands[op];
    const auto form = static_cast<Op>(op) == Op::fill ? Form::constant_a
                      : operands == 2                 ? static_cast<Form>(random() % form_count)
                                                      : Form::rows;
    const int a = form == Form::constant_a ? constant() : row();
    const int b = operands < 2 ? 0 : form == Form::constant_b ? constant() : row();
    wire.add(static_cast<Op>(op), form, dst, a, b, operands < 3 ? 0 : row());
  };
  for (int i = 0; i < length; ++i) {
    const int dst = static_cast<int>(Wire::inputs + Wire::outputs + static_cast<int64_t>(random() % 5));
    append(op_of_all >= 0 ? op_of_all : static_cast<int>(random() % op_count), dst);
    known.push_back(dst);
  }
  for (int i = 0; i < Wire::outputs; ++i) {
    append(op_of_all >= 0 ? op_of_all : static_cast<int>(random() % op_count), static_cast<int>(Wire::inputs) + i);
  }
  return wire.read();
}

// Outputs of every variant against those of the one that is not optimised, each lane alone.
template <class Real>
void compare_variants(const Program& program, std::mt19937_64& random) {
  const int lanes = 3 * Chunk::group;
  auto fill = [&](GuardedRows<Real>& rows, std::mt19937_64 numbers) {
    for (int row = 0; row < rows.input_rows(); ++row) {
      for (int lane = 0; lane < lanes; ++lane) rows.input(row, lane) = some_number<Real>(numbers);
    }
  };
  GuardedRows<Real> expected(program, lanes);
  fill(expected, random);
  for (int lane = 0; lane < lanes; ++lane) {
    GuardedRows<Real> alone(program, 1);
    for (int row = 0; row < alone.input_rows(); ++row) alone.input(row, 0) = expected.input(row, lane);
    interpret(program.view(), alone.in, alone.out, alone.scratch, OneLane{});
    REQUIRE(alone.guards_are_untouched());
    for (int row = 0; row < program.outputs; ++row) expected.out[row * lanes + lane] = alone.result(row, 0);
  }
  GuardedRows<Real> beside(program, lanes);
  for (int lane = 0; lane < lanes; ++lane) {
    const Inputs<Real> in = {expected.in.x + lane, expected.in.t + lane, expected.in.params + lane};
    interpret(program.view(), in, beside.out + lane, beside.scratch + lane, OneOfMany{lanes});
  }
  REQUIRE(beside.guards_are_untouched());
  for (int i = 0; i < program.outputs * lanes; ++i) REQUIRE(same(beside.out[i], expected.out[i]));
  auto variants = cpu::available();
  variants.push_back(&cpu::kernels_unoptimised);
  for (const cpu::Kernels* variant : variants) {
    GuardedRows<Real> got(program, lanes);
    fill(got, random);
    kernel_of<Real> (*variant)(program.view(), got.in, got.out, got.scratch, lanes);
    INFO(std::string(variant->name), " ", std::string(op_words[static_cast<int>(program.code.back().op)]));
    REQUIRE(got.guards_are_untouched());
    for (int i = 0; i < program.outputs * lanes; ++i) REQUIRE(same(got.out[i], expected.out[i]));
  }
  random.discard(1);
}

}  // namespace

TEST_CASE_TEMPLATE("an instruction means what its name says, in every form", Real, float, double) {
  const double x[] = {0.7, -0.3, 0.25, 0};
  struct Meaning {
    Op op;
    double (*of)(double a, double b);
  };
  const Meaning meanings[] = {
      {Op::copy, [](double a, double) { return a; }},
      {Op::neg, [](double a, double) { return -a; }},
      {Op::abs, [](double a, double) { return std::fabs(a); }},
      {Op::sign, [](double a, double) { return a > 0   ? 1.0
                                               : a < 0 ? -1.0
                                                       : 0.0; }},
      {Op::sqrt, [](double a, double) { return std::sqrt(a); }},
      {Op::exp, [](double a, double) { return std::exp(a); }},
      {Op::log, [](double a, double) { return std::log(a); }},
      {Op::expm1, [](double a, double) { return std::expm1(a); }},
      {Op::log1p, [](double a, double) { return std::log1p(a); }},
      {Op::sin, [](double a, double) { return std::sin(a); }},
      {Op::cos, [](double a, double) { return std::cos(a); }},
      {Op::tan, [](double a, double) { return std::tan(a); }},
      {Op::asin, [](double a, double) { return std::asin(a); }},
      {Op::acos, [](double a, double) { return std::acos(a); }},
      {Op::atan, [](double a, double) { return std::atan(a); }},
      {Op::sinh, [](double a, double) { return std::sinh(a); }},
      {Op::cosh, [](double a, double) { return std::cosh(a); }},
      {Op::tanh, [](double a, double) { return std::tanh(a); }},
      {Op::erf, [](double a, double) { return std::erf(a); }},
      {Op::cbrt, [](double a, double) { return std::cbrt(a); }},
      {Op::floor, [](double a, double) { return std::floor(a); }},
      {Op::ceil, [](double a, double) { return std::ceil(a); }},
      {Op::round, [](double a, double) { return std::round(a); }},
      {Op::add, [](double a, double b) { return a + b; }},
      {Op::sub, [](double a, double b) { return a - b; }},
      {Op::mul, [](double a, double b) { return a * b; }},
      {Op::div, [](double a, double b) { return a / b; }},
      {Op::pow, [](double a, double b) { return std::pow(a, b); }},
      {Op::min, [](double a, double b) { return std::fmin(a, b); }},
      {Op::max, [](double a, double b) { return std::fmax(a, b); }},
      {Op::atan2, [](double a, double b) { return std::atan2(a, b); }},
      {Op::less, [](double a, double b) { return a < b ? 1.0 : 0.0; }},
      {Op::lessEqual, [](double a, double b) { return a <= b ? 1.0 : 0.0; }},
      {Op::equal, [](double a, double b) { return a == b ? 1.0 : 0.0; }},
  };
  CHECK(std::size(meanings) + 2 == op_count);  // and fill and select
  auto result = [&](Op op, Form form, int a, int b, const std::vector<double>& constants) {
    Wire wire;
    wire.temporaries = 0;
    wire.constants = constants;
    wire.add(op, form, 4, a, b);
    wire.add(Op::copy, Form::rows, 5, 4);
    const Program program = wire.read();
    GuardedRows<Real> rows(program, 1);
    for (int row = 0; row < 4; ++row) rows.input(row, 0) = static_cast<Real>(x[row]);
    interpret(program.view(), rows.in, rows.out, rows.scratch, OneLane{});
    CHECK(same(rows.result(0, 0), rows.result(1, 0)));
    return static_cast<double>(rows.result(0, 0));
  };
  auto agree = [](double got, double truth) {
    return std::isnan(truth) ? std::isnan(got) : got == truth || std::fabs(got - truth) <= 3e-7 * std::fabs(truth);
  };
  for (const auto& [op, of] : meanings) {
    for (int a = 0; a < 4; ++a) {
      const bool two = op_operands[static_cast<int>(op)] == 2;
      for (int b = 0; b < (two ? 4 : 1); ++b) {
        INFO(std::string(op_words[static_cast<int>(op)]), " of ", x[a], " and ", x[b]);
        const double truth = of(static_cast<Real>(x[a]), static_cast<Real>(x[b]));
        CHECK(agree(result(op, Form::rows, a, b, {}), truth));
        if (!two) continue;
        CHECK(agree(result(op, Form::constant_b, a, 0, {x[b]}), truth));
        CHECK(agree(result(op, Form::constant_a, 0, b, {x[a]}), truth));
      }
    }
  }
  CHECK(result(Op::fill, Form::constant_a, 1, 0, {9, 0.5}) == 0.5);
}

TEST_CASE("select takes the second operand where the first is not 0, the third elsewhere") {
  Wire wire;
  wire.add(Op::select, Form::rows, 4, 0, 1, 2);
  wire.add(Op::select, Form::rows, 5, 3, 1, 2);
  const Program program = wire.read();
  GuardedRows<double> rows(program, 1);
  for (int row = 0; row < 4; ++row) rows.input(row, 0) = std::vector<double>{0, 5, 7, -2}[row];
  interpret(program.view(), rows.in, rows.out, rows.scratch, OneLane{});
  CHECK(rows.result(0, 0) == 7);
  CHECK(rows.result(1, 0) == 5);
}

TEST_CASE_TEMPLATE("programs have the same bits in every variant, in a chunk and alone", Real, float, double) {
  std::mt19937_64 random(11);
  for (int op = 0; op < op_count; ++op) {
    for (int i = 0; i < 6; ++i) compare_variants<Real>(some_program(random, 0, op), random);
  }
  for (int i = 0; i < 60; ++i) compare_variants<Real>(some_program(random, 12), random);
}
