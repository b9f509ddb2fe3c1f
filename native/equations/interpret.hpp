// Runs a program over a chunk of paths, or over one: the same bits either way, on every CPU variant and on the device.
//
// Everything here is inlined where it is called, and is long. A caller on the CPU gives it a function of its own,
// internal to a file of one instruction set.
#pragma once

#include "../core/functions.hpp"
#include "program.hpp"

namespace fast_sde {

// A row is one number a lane; row i of a block starts at i * stride. No block may overlap another.
template <class Real>
struct Inputs {
  const Real* x;       // [states][lanes]
  const Real* t;       // [lanes]
  const Real* params;  // [params][lanes]
};

// As `Lanes`: a chunk, in whole groups that loops take without a rest; rows start at multiples of 64 bytes.
struct Chunk {
  static constexpr int group = 16;
  int groups;
  HD constexpr int count() const { return groups * group; }
  HD constexpr int stride() const { return count(); }
};

// As `Lanes`: one path, its numbers one after the other.
struct OneLane {
  HD static constexpr int count() { return 1; }
  HD static constexpr int stride() { return 1; }
};

// As `Lanes`: one of many paths that lie side by side, a CUDA thread's. Blocks begin at its own number.
struct OneOfMany {
  int64_t many;
  HD static constexpr int count() { return 1; }
  HD int64_t stride() const { return many; }
};

// `f` of each lane. A row may take the place of an operand, lane by lane.
template <class Real, class Lanes, class F>
HD void each_lane(Lanes lanes, Real* out, F f) {
  const int count = lanes.count();
  LANES_ARE_INDEPENDENT
  for (int i = 0; i < count; ++i) out[i] = f(i);
}

// Where an instruction's rows and constants are found.
template <class Real, class Lanes>
struct Memory {
  const Real* base[section_count];
  Real* out;
  Real* scratch;
  const double* constants;
  Lanes lanes;

  HD const Real* row(Operand at) const { return base[at.section] + static_cast<int64_t>(at.index) * lanes.stride(); }
  HD Real* target(Operand at) const {
    Real* const block = at.section == static_cast<uint32_t>(Section::output) ? out : scratch;
    return block + static_cast<int64_t>(at.index) * lanes.stride();
  }
  HD Real constant(Operand at) const { return static_cast<Real>(constants[at.index]); }

  template <class F>
  HD void unary(const Instruction& at, F f) const {
    const Real* a = row(at.a);
    each_lane(lanes, target(at.dst), [=](int i) HD_LAMBDA { return f(a[i]); });
  }

  template <class F>
  HD void binary(const Instruction& at, F f) const {
    Real* const to = target(at.dst);
    if (at.form == Form::rows) {
      const Real *a = row(at.a), *b = row(at.b);
      each_lane(lanes, to, [=](int i) HD_LAMBDA { return f(a[i], b[i]); });
    } else if (at.form == Form::constant_b) {
      const Real* a = row(at.a);
      const Real b = constant(at.b);
      each_lane(lanes, to, [=](int i) HD_LAMBDA { return f(a[i], b); });
    } else {
      const Real a = constant(at.a);
      const Real* b = row(at.b);
      each_lane(lanes, to, [=](int i) HD_LAMBDA { return f(a, b[i]); });
    }
  }
};

#define UNARY(op, result)                                      \
  case Op::op:                                                 \
    memory.unary(at, [](Real a) HD_LAMBDA { return result; }); \
    break;
#define BINARY(op, result)                                              \
  case Op::op:                                                          \
    memory.binary(at, [](Real a, Real b) HD_LAMBDA { return result; }); \
    break;

template <class Real, class Lanes>
HD void run_instruction(const Instruction& at, const Memory<Real, Lanes>& memory) {
  namespace fn = functions;
  switch (at.op) {
    case Op::fill: {
      const Real a = memory.constant(at.a);
      each_lane(memory.lanes, memory.target(at.dst), [=](int) HD_LAMBDA { return a; });
      break;
    }
      UNARY(copy, a)
      UNARY(neg, -a)
      UNARY(abs, fn::magnitude(a))
      UNARY(sign, fn::sign(a))
      UNARY(sqrt, fn::sqrt_of(a))
      UNARY(exp, fn::exp(a))
      UNARY(log, fn::log(a))
      UNARY(expm1, fn::expm1(a))
      UNARY(log1p, fn::log1p(a))
      UNARY(sin, fn::sin(a))
      UNARY(cos, fn::cos(a))
      UNARY(tan, fn::tan(a))
      UNARY(asin, fn::asin(a))
      UNARY(acos, fn::acos(a))
      UNARY(atan, fn::atan(a))
      UNARY(sinh, fn::sinh(a))
      UNARY(cosh, fn::cosh(a))
      UNARY(tanh, fn::tanh(a))
      UNARY(erf, fn::erf(a))
      UNARY(cbrt, fn::cbrt(a))
      UNARY(floor, fn::floor_of(a))
      UNARY(ceil, -fn::floor_of(-a))
      UNARY(round, fn::round(a))
      BINARY(add, a + b)
      BINARY(sub, a - b)
      BINARY(mul, a * b)
      BINARY(div, a / b)
    case Op::pow:
      if (at.form == Form::constant_b) {  // the exponent is looked at once
        const Real* a = memory.row(at.a);
        const fn::Exponent<Real> b = fn::exponent(memory.constant(at.b));
        each_lane(memory.lanes, memory.target(at.dst), [=](int i) HD_LAMBDA { return fn::pow(a[i], b); });
      } else {
        memory.binary(at, [](Real a, Real b) HD_LAMBDA { return fn::pow(a, b); });
      }
      break;
      BINARY(min, fn::min(a, b))
      BINARY(max, fn::max(a, b))
      BINARY(atan2, fn::atan2(a, b))
      BINARY(less, a < b ? Real(1) : Real(0))
      BINARY(lessEqual, a <= b ? Real(1) : Real(0))
      BINARY(equal, a == b ? Real(1) : Real(0))
    case Op::select: {
      const Real *a = memory.row(at.a), *b = memory.row(at.b), *c = memory.row(at.c);
      each_lane(memory.lanes, memory.target(at.dst), [=](int i) HD_LAMBDA {
        const Real yes = b[i], no = c[i];
        return a[i] != 0 ? yes : no;
      });
      break;
    }
  }
}

#undef UNARY
#undef BINARY

// `out` [outputs][lanes], `scratch` [temporaries][lanes].
template <class Real, class Lanes>
HD void interpret(const ProgramView& program, const Inputs<Real>& in, Real* out, Real* scratch, Lanes lanes) {
  const Memory<Real, Lanes> memory{{in.x, in.t, in.params, out, scratch}, out, scratch, program.constants, lanes};
  for (int32_t i = 0; i < program.length; ++i) run_instruction(program.code[i], memory);
}

}  // namespace fast_sde
