// Standard normal numbers as a function of (seed, sample, node, element): nothing is stored, any stage can compute
// them again, and no batch, slot, thread or device enters.
//
// A node is one independent field of normals of a sample: node 0 is its prior, later ones are the pieces its Brownian
// path is made of. One Philox call gives the four elements 4q … 4q+3 of a node, by Box and Muller (1958).
#pragma once

#include <cmath>

#include "math.hpp"
#include "philox.hpp"

namespace fast_sde {

struct NoiseKey {
  uint64_t seed;
  uint64_t sample;
};

HD uint32_t low_word(uint64_t number) { return static_cast<uint32_t>(number); }
HD uint32_t high_word(uint64_t number) { return static_cast<uint32_t>(number >> 32); }

// sqrt(-2 ln u) for the u in (0, 1] that the word stands for (31 of its bits: at most 6.66).
HD float box_muller_radius(uint32_t word) {
  float u = static_cast<float>(static_cast<int32_t>(word >> 1)) * 0x1p-31f + 0x1p-32f;
  uint32_t bits = bits_as<uint32_t>(u);
  int32_t exponent = static_cast<int32_t>(bits - 0x3f3504f3u) >> 23;  // so that m is in [sqrt(1/2), sqrt 2)
  float m = bits_as<float>(bits - (static_cast<uint32_t>(exponent) << 23));
  float s = (m - 1.0f) / (m + 1.0f);
  float z = s * s;
  float series = z * (1.0f / 3 + z * (1.0f / 5 + z * (1.0f / 7 + z * (1.0f / 9))));
  float log_u = static_cast<float>(exponent) * 0.693147181f + (2 * s + 2 * s * series);
  float square = -2.0f * log_u;
  return sqrtf(square > 0.0f ? square : 0.0f);
}

// Two normals from two words: a radius, and an angle of angle_word / 2^32 turns.
HD void box_muller(uint32_t radius_word, uint32_t angle_word, float& first, float& second) {
  float radius = box_muller_radius(radius_word);
  // The angle is a quadrant and a remainder r in [-pi/4, pi/4), where Taylor's series to r^9 and r^8 suffice.
  uint32_t quadrant = (angle_word + 0x20000000u) >> 30;
  float r = static_cast<float>(static_cast<int32_t>(angle_word - (quadrant << 30))) * 1.46291807927e-9f;
  float z = r * r;
  float sine = r - r * (z * (1.0f / 6 - z * (1.0f / 120 - z * (1.0f / 5040 - z * (1.0f / 362880)))));
  float cosine = 1 - z * (0.5f - z * (1.0f / 24 - z * (1.0f / 720 - z * (1.0f / 40320))));
  uint32_t swap = 0u - (quadrant & 1);
  uint32_t sine_bits = bits_as<uint32_t>(sine), cosine_bits = bits_as<uint32_t>(cosine);
  uint32_t x = (cosine_bits & ~swap) | (sine_bits & swap), y = (sine_bits & ~swap) | (cosine_bits & swap);
  first = radius * bits_as<float>(x ^ (((quadrant + 1) & 2) << 30));
  second = radius * bits_as<float>(y ^ ((quadrant & 2) << 30));
}

// Four normals of a node: elements 4 quad … 4 quad + 3.
HD void normal4(NoiseKey key, uint32_t node, uint32_t quad, float* out) {
  const Words words =
      philox4x32({quad, node, low_word(key.sample), high_word(key.sample)}, low_word(key.seed), high_word(key.seed));
  box_muller(words.w0, words.w1, out[0], out[1]);
  box_muller(words.w2, words.w3, out[2], out[3]);
}

}  // namespace fast_sde
