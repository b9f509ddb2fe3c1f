// What is refused of the programs that JavaScript sends.
#include <doctest/doctest.h>

#include <iterator>
#include <random>
#include <string>

#include "../contract/error.hpp"
#include "../contract/limits.hpp"
#include "../shell/cpu/dispatch.hpp"
#include "programs.hpp"

using namespace fast_sde;
using namespace fast_sde::test;

namespace {

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
