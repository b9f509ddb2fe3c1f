// Philox4x32-10 for several counters side by side, by the vectors' own 32 x 32 -> 64 bit multiplication, which
// compilers do not find: the bits of core/philox.hpp, faster. Internal to the file that includes it.

#include <cstdint>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include "../../core/philox.hpp"

namespace fast_sde::cpu {
namespace {

#if defined(__SSE2__)

// Vectors of 32-bit words. The instruction multiplies even words; odd ones are moved there and back.
#if defined(__AVX512F__)
typedef uint32_t WordVector __attribute__((vector_size(64)));
#elif defined(__AVX2__)
typedef uint32_t WordVector __attribute__((vector_size(32)));
#else
typedef uint32_t WordVector __attribute__((vector_size(16)));
#endif

struct WordProducts {
  WordVector high, low;
};

inline WordProducts multiply(WordVector a, WordVector factor) {
#if defined(__AVX512F__)
  // The masked forms, since the others leave warnings of values that are not initialised.
  const __m512i words = reinterpret_cast<__m512i>(a), by = reinterpret_cast<__m512i>(factor);
  const __m512i moved = _mm512_maskz_shuffle_epi32(0xffff, words, _MM_PERM_DDBB);
  const __m512i even = _mm512_maskz_mul_epu32(0xff, words, by), odd = _mm512_maskz_mul_epu32(0xff, moved, by);
  return {reinterpret_cast<WordVector>(_mm512_mask_shuffle_epi32(odd, 0x5555, even, _MM_PERM_DDBB)),
          reinterpret_cast<WordVector>(_mm512_mask_shuffle_epi32(even, 0xaaaa, odd, _MM_PERM_CCAA))};
#elif defined(__AVX2__)
  const __m256i words = reinterpret_cast<__m256i>(a), by = reinterpret_cast<__m256i>(factor);
  const __m256i even = _mm256_mul_epu32(words, by), odd = _mm256_mul_epu32(_mm256_srli_epi64(words, 32), by);
  return {reinterpret_cast<WordVector>(_mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xaa)),
          reinterpret_cast<WordVector>(_mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa))};
#else
  const __m128i words = reinterpret_cast<__m128i>(a), by = reinterpret_cast<__m128i>(factor);
  const __m128i even = _mm_mul_epu32(words, by), odd = _mm_mul_epu32(_mm_srli_epi64(words, 32), by);
  const __m128i evens = _mm_shuffle_epi32(even, 0xd8), odds = _mm_shuffle_epi32(odd, 0xd8);  // low, low, high, high
  return {reinterpret_cast<WordVector>(_mm_unpackhi_epi32(evens, odds)),
          reinterpret_cast<WordVector>(_mm_unpacklo_epi32(evens, odds))};
#endif
}

#else

// One word is a vector of one.
typedef uint32_t WordVector;
struct WordProducts {
  WordVector high, low;
};
inline WordProducts multiply(WordVector a, WordVector factor) {
  const uint64_t product = uint64_t{a} * factor;
  return {static_cast<uint32_t>(product >> 32), static_cast<uint32_t>(product)};
}

#endif

constexpr int philox_lanes = 16;  // a full AVX-512 register

// Word k of what Philox makes of each lane's counter.
struct alignas(64) WordRows {
  uint32_t word[4][philox_lanes];
};

// first, first + 1, … in a vector's words.
inline WordVector counted_from(uint32_t first) {
  alignas(64) static constexpr uint32_t counts[philox_lanes] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  WordVector vector;
  memcpy(&vector, counts, sizeof vector);
  return vector + first;
}

// `counter(lane, words)` sets the four words of the counters of `lane` and those that follow, a vector of them each.
template <class Counter>
inline void philox_rows(const Counter& counter, uint32_t key0, uint32_t key1, WordRows& rows) {
  constexpr int width = sizeof(WordVector) / sizeof(uint32_t);
  for (int lane = 0; lane < philox_lanes; lane += width) {
    WordVector w[4];
    counter(lane, w);
    const WordVector factor0 = WordVector{} + philox_factor0, factor1 = WordVector{} + philox_factor1;
    UNROLL(10)
    for (uint32_t round = 0; round < philox_rounds; ++round) {
      const WordProducts p0 = multiply(w[0], factor0), p1 = multiply(w[2], factor1);
      w[0] = p1.high ^ w[1] ^ (key0 + round * philox_weyl0);
      w[2] = p0.high ^ w[3] ^ (key1 + round * philox_weyl1);
      w[1] = p1.low;
      w[3] = p0.low;
    }
    for (int k = 0; k < 4; ++k) memcpy(rows.word[k] + lane, &w[k], sizeof w[k]);
  }
}

}  // namespace
}  // namespace fast_sde::cpu
