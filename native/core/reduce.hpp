// The norm of a row, in one fixed order on every machine. A row is cut into chunks of 4096 elements. In a chunk element
// i goes to lane i mod 1024, each lane takes its elements in ascending order in float64, and the lanes fold in halves,
// 512 onto 512, 256 onto 256, …, 1 onto 1. The chunks' results are put together in the same way, chunk c in lane c mod
// 1024. A device block takes a chunk, with four neighbouring lanes a thread; a CPU sweeps the lanes as vectors.
#pragma once

#include "tolerance.hpp"

namespace fast_sde {

constexpr int reduce_lanes = 1024;
constexpr int reduce_chunk = 4 * reduce_lanes;

HD int64_t reduce_chunks(int64_t n) { return (n + reduce_chunk - 1) / reduce_chunk; }

// How one element's error term enters its lane. A term that is not finite poisons the lane under either norm.
HD double reduce_term(Norm norm, double lane, float term) {
  double e = static_cast<double>(term);
  if (norm == Norm::rms) return lane + e * e;
  double magnitude = e < 0 ? -e : e;
  return magnitude <= lane ? lane : (magnitude - magnitude == 0 ? magnitude : bits_as<double>(0x7ff0000000000000ull));
}

// Lane with lane, and a chunk's result into its lane.
HD double reduce_fold(Norm norm, double a, double b) { return norm == Norm::rms ? a + b : (a < b ? b : a); }

// The norm of a row of n elements, from what its lanes, or its chunks, fold to.
HD double reduce_finish(Norm norm, double folded, int64_t n) {
  return norm == Norm::rms ? sqrt(folded / static_cast<double>(n)) : folded;
}

// Lanes that can be other than zero for n elements (or chunks), up to the next power of two: folding starts there,
// which leaves the bits as they are.
HD int reduce_width(int64_t n) {
  int width = 1;
  while (width < reduce_lanes && width < n) width *= 2;
  return width;
}

}  // namespace fast_sde
