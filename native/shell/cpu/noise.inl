// Loops over normal numbers, in tiles of 1024 elements. Internal to the file that includes it, like all of an
// instruction set's code: the linker must not take one set's function for another's.

#include <algorithm>

#include "../../core/normal.hpp"
#include "../../core/reduce.hpp"
#include "../../core/slot.hpp"

namespace fast_sde::cpu {
namespace {

constexpr int tile = reduce_lanes;

// AVX-512 multiplies 64-bit lanes in one instruction; elsewhere 32-bit lanes are faster. The bits are the same.
#ifdef __AVX512DQ__
using PhiloxWord = uint64_t;
#else
using PhiloxWord = uint32_t;
#endif

// Normals 4 quad … of a node, in whole groups of four; `out` has room for count rounded up to four.
inline void fill_normals(NoiseKey key, uint32_t node, uint32_t quad, float* out, int64_t count) {
  constexpr int lanes = 16;  // Philox calls side by side: a full AVX-512 register of counters
  int64_t quads = (count + 3) / 4, done = 0;
  for (; done + lanes <= quads; done += lanes) {
    for (int lane = 0; lane < lanes; ++lane) {
      uint32_t at = quad + static_cast<uint32_t>(done) + static_cast<uint32_t>(lane);
      normal4<PhiloxWord>(key, node, at, out + 4 * (done + lane));
    }
  }
  for (; done < quads; ++done) normal4(key, node, quad + static_cast<uint32_t>(done), out + 4 * done);
}

// A tile of the step's Brownian increment: the sum of coefficient * normal(node).
inline void fill_increment(NoiseKey key, const NoisePath& path, int64_t base, float* __restrict out, int size) {
  alignas(64) float unit[tile];
  if (path.step_count() == 0) std::fill_n(out, size, 0.0f);  // a step of no length
  for (uint32_t term = 0; term < path.step_count(); ++term) {
    const float coefficient = path.step()[term].coefficient;
    fill_normals(key, path.step()[term].node, static_cast<uint32_t>(base / 4), unit, size);
    if (term == 0) {
      for (int i = 0; i < size; ++i) out[i] = coefficient * unit[i];
    } else {
      for (int i = 0; i < size; ++i) out[i] = out[i] + coefficient * unit[i];
    }
  }
}

}  // namespace
}  // namespace fast_sde::cpu
