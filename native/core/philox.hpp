// Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
// 1, 2, 3", SC'11: four random words from a 128-bit counter and a 64-bit key, with no state.
#pragma once

#include <cstdint>

#include "hd.hpp"

namespace fast_sde {

// Four 32-bit words. Word is uint32_t, or uint64_t with the upper half zero: in 64-bit lanes a CPU's vectors multiply
// without shuffling.
template <class Word>
struct Words {
  Word w0, w1, w2, w3;
};

template <class Word>
HD Words<Word> philox4x32(Words<Word> c, uint32_t key0, uint32_t key1) {
  UNROLL(10)  // vectorisers take loops over counters, not loops in loops
  for (int round = 0; round < 10; ++round) {
    uint64_t p0 = uint64_t{0xD2511F53} * c.w0;
    uint64_t p1 = uint64_t{0xCD9E8D57} * c.w2;
    c = {static_cast<Word>(p1 >> 32) ^ c.w1 ^ key0, static_cast<Word>(p1 & 0xffffffff),
         static_cast<Word>(p0 >> 32) ^ c.w3 ^ key1, static_cast<Word>(p0 & 0xffffffff)};
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  return c;
}

}  // namespace fast_sde
