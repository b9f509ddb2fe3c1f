// What one job may ask for. src/options/limits.ts has the same numbers, and a test compares them.
#pragma once

#include <cstdint>

namespace fast_sde::limits {

inline constexpr int64_t threads = 1024;               // of the solver, and of LibTorch
inline constexpr int64_t batch = 65536;                // slots
inline constexpr int64_t count = int64_t{1} << 26;     // samples, where figures of each are kept
inline constexpr int64_t steps = INT32_MAX;            // of a solver with fixed steps
inline constexpr int64_t elements = int64_t{1} << 40;  // of one sample
inline constexpr int64_t instructions = 1 << 20;       // of one program, and its constants
inline constexpr int64_t path_states = 4096;           // and noises, and parameters that differ by path
inline constexpr int64_t registers = 1 << 20;          // of one program: inputs, outputs and temporaries

}  // namespace fast_sde::limits
