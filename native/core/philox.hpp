// Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
// 1, 2, 3", SC'11: four random words from a 128-bit counter and a 64-bit key, with no state.
#pragma once

#include <cstdint>

#include "hd.hpp"

namespace fast_sde {

struct Words {
  uint32_t w0, w1, w2, w3;
};

constexpr int philox_rounds = 10;
constexpr uint32_t philox_factor0 = 0xD2511F53, philox_factor1 = 0xCD9E8D57;
constexpr uint32_t philox_weyl0 = 0x9E3779B9, philox_weyl1 = 0xBB67AE85;  // the keys' steps from round to round

HD Words philox4x32(Words c, uint32_t key0, uint32_t key1) {
  UNROLL(10)
  for (int round = 0; round < philox_rounds; ++round) {
    const uint64_t p0 = uint64_t{philox_factor0} * c.w0;
    const uint64_t p1 = uint64_t{philox_factor1} * c.w2;
    c = {static_cast<uint32_t>(p1 >> 32) ^ c.w1 ^ key0, static_cast<uint32_t>(p1),
         static_cast<uint32_t>(p0 >> 32) ^ c.w3 ^ key1, static_cast<uint32_t>(p0)};
    key0 += philox_weyl0;
    key1 += philox_weyl1;
  }
  return c;
}

}  // namespace fast_sde
