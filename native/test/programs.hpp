// Programs by hand, and rows for them to run on.
#pragma once

#include <cstdint>
#include <vector>

#include "../equations/interpret.hpp"

namespace fast_sde::test {

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

}  // namespace fast_sde::test
