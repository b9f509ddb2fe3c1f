// Programs of equations: what is refused, what an instruction means, and the same bits from every instruction set, in a
// chunk and alone.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "../contract/error.hpp"
#include "../contract/limits.hpp"
#include "../equations/interpret.hpp"
#include "../shell/cpu/dispatch.hpp"

namespace fast_sde::cpu {
extern const Kernels kernels_unoptimised;
}

using namespace fast_sde;

namespace {

// As JavaScript sends it: 2 states (registers 0, 1), time (2), 1 parameter (3), 2 outputs (4, 5), temporaries from 6
// on.
struct Wire {
  static constexpr int64_t states = 2, params = 1, outputs = 2, inputs = states + 1 + params;
  int64_t temporaries = 2;
  std::vector<int32_t> code;
  std::vector<double> constants = {0.25, -3.5};

  int64_t registers() const { return inputs + outputs + temporaries; }
  Program read() const { return read_program({code, constants, outputs, registers()}, states, params); }
  void add(Op op, Form form, int dst, int a, int b = 0, int c = 0) {
    code.insert(code.end(), {static_cast<int32_t>(op), static_cast<int32_t>(form), dst, a, b, c});
  }
};

// Every kind of instruction.
Wire example() {
  Wire wire;
  wire.add(Op::fill, Form::constant_a, 6, 1);
  wire.add(Op::mul, Form::rows, 7, 0, 2);
  wire.add(Op::sin, Form::rows, 7, 7);
  wire.add(Op::sub, Form::constant_a, 4, 0, 7);
  wire.add(Op::pow, Form::constant_b, 7, 1, 1);
  wire.add(Op::select, Form::rows, 5, 3, 6, 7);
  return wire;
}

std::string refusal(const Wire& wire) {
  try {
    wire.read();
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

// Inputs, outputs and temporaries of all lanes, with a guard around what is written.
template <class Real>
class GuardedRows {
 public:
  GuardedRows(const Program& program, int lanes) : lanes_(lanes), outputs_(program.outputs) {
    const size_t inputs = program.states + 1 + program.params;
    input_.assign(inputs * lanes, Real(0));
    written_.assign(guard + (program.outputs + program.temporaries) * lanes + guard, untouched);
    in = {input_.data(), input_.data() + program.states * lanes, input_.data() + (program.states + 1) * lanes};
    out = written_.data() + guard;
    scratch = out + program.outputs * lanes;
  }
  Real& input(int row, int lane) { return input_[static_cast<size_t>(row) * lanes_ + lane]; }
  int input_rows() const { return static_cast<int>(input_.size()) / lanes_; }
  Real result(int row, int lane) const { return out[row * lanes_ + lane]; }
  bool guards_are_untouched() const {
    for (size_t i = 0; i < guard; ++i) {
      if (written_[i] != untouched || written_[written_.size() - 1 - i] != untouched) return false;
    }
    return true;
  }

  Inputs<Real> in{};
  Real *out, *scratch;

 private:
  static constexpr size_t guard = 512;
  static constexpr Real untouched = Real(12345);
  int lanes_, outputs_;
  std::vector<Real> input_, written_;
};

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

TEST_CASE("a program is read: sections and places of its registers, constants, whether it reads the time") {
  const Program program = example().read();
  CHECK(program.outputs == 2);
  CHECK(program.temporaries == 2);
  CHECK(program.uses_time);
  CHECK(program.code.size() == 6);
  const Instruction& pow = program.code[4];
  CHECK(pow.op == Op::pow);
  CHECK(pow.form == Form::constant_b);
  CHECK(pow.b.index == 1);
  const Instruction& select = program.code[5];
  CHECK(select.dst.section == static_cast<uint32_t>(Section::output));
  CHECK(select.dst.index == 1);
  CHECK(select.a.section == static_cast<uint32_t>(Section::params));
  CHECK(select.b.section == static_cast<uint32_t>(Section::temporary));
  CHECK(select.b.index == 0);
  Wire timeless = example();
  timeless.code[6 + 4] = 1;
  CHECK_FALSE(timeless.read().uses_time);
}

TEST_CASE("a program that would leave its rows, or read what nobody wrote, is refused with its instruction") {
  auto with = [](size_t instruction, size_t word, int32_t value) {
    Wire wire = example();
    wire.code[instruction * 6 + word] = value;
    return refusal(wire);
  };
  CHECK(with(0, 0, op_count) == "program: instruction 0 has no operation of number 36");
  CHECK(with(0, 0, -1) == "program: instruction 0 has no operation of number -1");
  CHECK(with(0, 1, 0) == "program: instruction 0 fill has no form 0");
  CHECK(with(2, 1, 1) == "program: instruction 2 sin has no form 1");
  CHECK(with(3, 1, 3) == "program: instruction 3 sub has no form 3");
  CHECK(with(5, 1, 2) == "program: instruction 5 select has no form 2");
  CHECK(with(0, 3, 2) == "program: instruction 0 reads constant 2 of 2");
  CHECK(with(4, 4, -1) == "program: instruction 4 reads constant -1 of 2");
  CHECK(with(1, 3, 8) == "program: instruction 1 names register 8 of 8");
  CHECK(with(1, 2, -1) == "program: instruction 1 names register -1 of 8");
  CHECK(with(1, 3, 7) == "program: instruction 1 reads register 7 before it is written");
  CHECK(with(1, 4, 4) == "program: instruction 1 reads register 4 before it is written");
  CHECK(with(1, 2, 3) == "program: instruction 1 writes register 3, an input");
  CHECK(with(5, 2, 4) == "program: instruction 5 writes output 0 again");
  CHECK(with(3, 2, 7) == "program: output 0 is never written");
  CHECK(with(2, 5, 1) == "program: instruction 2 has more operands than sin takes");

  Wire cut = example();
  cut.code.pop_back();
  CHECK(refusal(cut) == "program: the code ends within an instruction");
  Wire few = example();
  few.temporaries = -1;
  CHECK(refusal(few) == "program: fewer registers than inputs and outputs");
  Wire many = example();
  many.temporaries = limits::registers;
  CHECK(refusal(many) == "program: expected at most 1048576 registers, got 1048582");
  Wire endless = example();
  endless.constants.resize(limits::instructions + 1);
  CHECK(refusal(endless) == "program: expected at most 1048576 constants, got 1048577");
  endless = example();
  endless.code.resize(6 * (limits::instructions + 1));
  CHECK(refusal(endless) == "program: expected at most 1048576 instructions, got 1048577");
}

TEST_CASE("whatever a word of a program is changed to, it is refused or stays within its rows") {
  const Wire good = example();
  std::mt19937_64 random(3);
  constexpr int32_t values[] = {-1,           0,        1,       2,       3,         4,        5, 6, 7, 8, 9,
                                op_count - 1, op_count, 1 << 20, 1 << 29, INT32_MAX, INT32_MIN};
  int taken = 0;
  auto attempt = [&](const Wire& wire) {
    Program program;
    try {
      program = wire.read();
    } catch (const Error&) {
      return;
    }
    ++taken;
    GuardedRows<double> rows(program, Chunk::group);
    cpu::kernels().program64(program.view(), rows.in, rows.out, rows.scratch, Chunk::group);
    REQUIRE(rows.guards_are_untouched());
  };
  for (size_t i = 0; i < good.code.size(); ++i) {
    for (int32_t value : values) {
      Wire wire = good;
      wire.code[i] = value;
      attempt(wire);
    }
  }
  for (int i = 0; i < 20000; ++i) {
    Wire wire = good;
    for (uint64_t changes = 1 + random() % 4; changes > 0; --changes) {
      wire.code[random() % wire.code.size()] = values[random() % std::size(values)];
    }
    attempt(wire);
  }
  CHECK(taken > 100);
}

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
