// What an operation costs, in CPU nanoseconds a lane, and the drifts of three systems in nanoseconds a path: every
// instruction set of this machine, float32 and float64, a chunk in L1. Prints JSON.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "../equations/program.hpp"
#include "../shell/cpu/dispatch.hpp"
#include "cpu_time.hpp"

using namespace fast_sde;

namespace {

// CPU time a call: the best of several tries of some ms each.
template <class Call>
double best_seconds(Call call) {
  double best = 1e9;
  for (int attempt = 0; attempt < 7; ++attempt) {
    const double start = cpu_seconds();
    int calls = 0;
    double seconds = 0;
    do {
      for (int i = 0; i < 256; ++i) call();
      calls += 256;
      seconds = cpu_seconds() - start;
    } while (seconds < 2e-3);
    best = std::min(best, seconds / calls);
  }
  return best;
}

// Code by registers; constants by value.
struct Assembler {
  int states, outputs, registers;
  std::vector<int32_t> code;
  std::vector<double> constants;

  Assembler(int states_, int outputs_) : states(states_), outputs(outputs_), registers(states_ + 1 + outputs_) {}
  int output(int i) const { return states + 1 + i; }
  int temporary() { return registers++; }
  int constant(double value) {
    constants.push_back(value);
    return static_cast<int>(constants.size()) - 1;
  }
  void rows(Op op, int dst, int a, int b = 0, int c = 0) { append(op, Form::rows, dst, a, b, c); }
  void with_constant(Op op, int dst, int a, double b) { append(op, Form::constant_b, dst, a, constant(b), 0); }
  void from_constant(Op op, int dst, double a, int b) { append(op, Form::constant_a, dst, constant(a), b, 0); }
  Program program() const { return read_program({code, constants, outputs, registers}, states, 0); }

 private:
  void append(Op op, Form form, int dst, int a, int b, int c) {
    code.insert(code.end(), {static_cast<int32_t>(op), static_cast<int32_t>(form), dst, a, b, c});
  }
};

// dS_i = mu_i S_i.
Program gbm3() {
  Assembler a(3, 3);
  for (int i = 0; i < 3; ++i) a.with_constant(Op::mul, a.output(i), i, 0.05 + 0.01 * i);
  return a.program();
}

// dS = r S, dv = kappa (theta - v).
Program heston() {
  Assembler a(2, 2);
  a.with_constant(Op::mul, a.output(0), 0, 0.03);
  const int gap = a.temporary();
  a.from_constant(Op::sub, gap, 0.04, 1);
  a.with_constant(Op::mul, a.output(1), gap, 1.5);
  return a.program();
}

// dx_i = (x_{i+1} - x_{i-2}) x_{i-1} - x_i + F.
Program lorenz96(int n) {
  Assembler a(n, n);
  const int one = a.temporary(), two = a.temporary();
  for (int i = 0; i < n; ++i) {
    a.rows(Op::sub, one, (i + 1) % n, (i + n - 2) % n);
    a.rows(Op::mul, two, one, (i + n - 1) % n);
    a.rows(Op::sub, one, two, i);
    a.with_constant(Op::add, a.output(i), one, 8);
  }
  return a.program();
}

struct Named {
  std::string name;
  Program program;
};

// One instruction in each form that it has.
std::vector<Named> operations() {
  std::vector<Named> all;
  for (int i = 0; i < op_count; ++i) {
    const auto op = static_cast<Op>(i);
    const std::string name = op_words[i];
    auto add = [&](const std::string& suffix, auto write) {
      Assembler a(3, 1);
      write(a);
      all.push_back({name + suffix, a.program()});
    };
    if (op == Op::fill) {
      add("", [&](Assembler& a) { a.from_constant(op, a.output(0), 2, 0); });
      continue;
    }
    add("", [&](Assembler& a) { a.rows(op, a.output(0), 0, op_operands[i] > 1 ? 1 : 0, op_operands[i] > 2 ? 2 : 0); });
    if (op_operands[i] != 2) continue;
    add(" (row, constant)", [&](Assembler& a) { a.with_constant(op, a.output(0), 0, 0.7); });
    add(" (constant, row)", [&](Assembler& a) { a.from_constant(op, a.output(0), 0.7, 1); });
  }
  return all;
}

// Numbers in (0, 1): every operation is at work on them.
template <class Real>
struct AlignedRows {
  static constexpr int lanes = 1024 / sizeof(Real);
  std::vector<Real> memory;
  Real *x, *out, *scratch;
  explicit AlignedRows(const Program& program)
      : memory((program.states + 1 + program.outputs + program.temporaries) * lanes + 64 / sizeof(Real)) {
    void* start = memory.data();
    size_t space = memory.size() * sizeof(Real);
    x = static_cast<Real*>(std::align(64, 1, start, space));
    out = x + (program.states + 1) * lanes;
    scratch = out + program.outputs * lanes;
    for (int i = 0; i < (program.states + 1) * lanes; ++i) x[i] = Real(0.02) + Real(0.9) * Real(i % 97) / 97;
  }
};

template <class Real>
double ns_a_lane(const cpu::ProgramKernel<Real>& run, const Program& program) {
  AlignedRows<Real> rows(program);
  const Inputs<Real> in{rows.x, rows.x + program.states * AlignedRows<Real>::lanes, nullptr};
  return best_seconds([&] { run(program.view(), in, rows.out, rows.scratch, AlignedRows<Real>::lanes); }) /
         AlignedRows<Real>::lanes * 1e9;
}

}  // namespace

int main() {
  std::vector<Named> programs = operations();
  programs.push_back({"drift of GBM3", gbm3()});
  programs.push_back({"drift of Heston", heston()});
  programs.push_back({"drift of Lorenz-96, 10 states", lorenz96(10)});
  const auto variants = cpu::available();
  std::printf("{\n");
  for (const cpu::Kernels* kernels : variants) {
    std::printf("  \"%s\": {\n", kernels->name);
    for (const Named& each : programs) {
      std::printf("    \"%s\": {\"float32\": %.3f, \"float64\": %.3f}%s\n", each.name.c_str(),
                  ns_a_lane<float>(kernels->program32, each.program),
                  ns_a_lane<double>(kernels->program64, each.program), &each == &programs.back() ? "" : ",");
    }
    std::printf("  }%s\n", kernels == variants.back() ? "" : ",");
  }
  std::printf("}\n");
}
