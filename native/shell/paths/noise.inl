// Normals of many paths side by side: four nodes at a time. Internal to the file that includes it.

#include "../../paths/noise.hpp"
#include "../cpu/philox_lanes.inl"

namespace fast_sde::cpu {
namespace {

// The words of Philox's counters that differ by lane: the path's index, and the block of four nodes it is at.
struct NoiseWords {
  uint32_t *low, *high, *block;  // [lanes]; high with paths::path_bit
};

// out[4][stride]: normals of an element at the four nodes of each lane's block, times `scale`. `lanes`: a multiple of
// philox_lanes.
template <class Real>
void fill_path_normals(uint64_t seed, const NoiseWords& of, uint32_t element, Real scale, Real* __restrict out,
                       int64_t stride, int lanes) {
  for (int base = 0; base < lanes; base += philox_lanes) {
    WordRows rows;
    auto counter = [&](int lane, WordVector* words) {
      words[0] = WordVector{} + element;
      memcpy(&words[1], of.block + base + lane, sizeof(WordVector));
      memcpy(&words[2], of.low + base + lane, sizeof(WordVector));
      memcpy(&words[3], of.high + base + lane, sizeof(WordVector));
    };
    philox_rows(counter, low_word(seed), high_word(seed), rows);
    for (int half = 0; half < 2; ++half) {
      const uint32_t *radius = rows.word[2 * half], *angle = rows.word[2 * half + 1];
      Real *first = out + 2 * half * stride + base, *second = first + stride;
      LANES_ARE_INDEPENDENT
      for (int lane = 0; lane < philox_lanes; ++lane) {
        float a, b;
        box_muller(radius[lane], angle[lane], a, b);
        first[lane] = scale * static_cast<Real>(a);
        second[lane] = scale * static_cast<Real>(b);
      }
    }
  }
}

}  // namespace
}  // namespace fast_sde::cpu
