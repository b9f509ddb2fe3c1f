// An SDE dX = f dt + g dW as the programs that answer for it.
#pragma once

#include <cstdint>

#include "../equations/interpret.hpp"
#include "../equations/program.hpp"

namespace fast_sde::paths {

// The noise matrix by the entries that are not zero everywhere, sorted by row, then column.
struct Entry {
  int32_t row, column;  // state, noise
};

// L^first g_(row, second) = sum over l of g_(l, first) d g_(row, second) / d x_l, first <= second.
struct MilsteinEntry {
  int32_t row, first, second;
};

struct JacobianEntry {
  int32_t row, column;  // d f_row / d x_column
};

template <class E>
struct Entries {
  const E* data;
  int32_t count;
};

// Plain data, for host and device. What a solver does not need is empty.
struct Equations {
  int32_t states = 0, noises = 0, params = 0;
  ProgramView drift{};      // an output a state
  ProgramView diffusion{};  // an output an entry
  Entries<Entry> entries{};
  ProgramView milstein{};
  Entries<MilsteinEntry> milstein_entries{};
  ProgramView jacobian{};
  Entries<JacobianEntry> jacobian_entries{};
  ProgramView domain{};                  // an output a condition: not 0 where paths may be
  const ProgramView* columns = nullptr;  // of each noise: an output an entry of its column, in the order of their rows
  bool ito = true;                       // else the integral is Stratonovich's

  HD bool asks_outside() const { return drift.outside != nullptr || diffusion.outside != nullptr; }
};

}  // namespace fast_sde::paths
