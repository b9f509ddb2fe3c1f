// Loops over normal numbers, in tiles of 1024 elements. Internal to the file that includes it, like all of an
// instruction set's code: the linker must not take one set's function for another's.

#include <algorithm>

#include "../../core/normal.hpp"
#include "../../core/reduce.hpp"
#include "../../core/slot.hpp"
#include "philox_lanes.inl"

namespace fast_sde::cpu {
namespace {

constexpr int tile = reduce_lanes;

// Normals 4 quad … of a node, in whole groups of four; `out` has room for count rounded up to four.
inline void fill_normals(NoiseKey key, uint32_t node, uint32_t quad, float* out, int64_t count) {
  int64_t quads = (count + 3) / 4, done = 0;
  for (; done + philox_lanes <= quads; done += philox_lanes) {
    WordRows rows;
    const uint32_t first = quad + static_cast<uint32_t>(done);
    auto counter = [&](int lane, WordVector* words) {
      words[0] = counted_from(first + static_cast<uint32_t>(lane));
      words[1] = WordVector{} + node;
      words[2] = WordVector{} + low_word(key.sample);
      words[3] = WordVector{} + high_word(key.sample);
    };
    philox_rows(counter, low_word(key.seed), high_word(key.seed), rows);
    float* to = out + 4 * done;
    for (int lane = 0; lane < philox_lanes; ++lane) {
      box_muller(rows.word[0][lane], rows.word[1][lane], to[4 * lane], to[4 * lane + 1]);
      box_muller(rows.word[2][lane], rows.word[3][lane], to[4 * lane + 2], to[4 * lane + 3]);
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
