// The norm of a row in the order of core/reduce.hpp, by a block a chunk: thread t of 256 has lanes 4t … 4t + 3.
#pragma once

#include "../../core/reduce.hpp"
#include "platform.cuh"

namespace fast_sde::cuda {

struct FoldMemory {
  double lanes[threads / 2 + threads / 4 + threads / 8][4];  // a part a level, so that one barrier each is enough
};

// Folds the block's lanes; the result is thread 0's. Every thread of the block calls it.
__device__ inline double fold(Norm norm, double (&lane)[4], FoldMemory& memory) {
  const int self = static_cast<int>(threadIdx.x);
  int base = 0;
  for (int half = threads / 2; half >= warp; half /= 2) {
    if (self >= half && self < 2 * half) {
      for (int k = 0; k < 4; ++k) memory.lanes[base + self - half][k] = lane[k];
    }
    __syncthreads();
    if (self < half) {
      for (int k = 0; k < 4; ++k) lane[k] = reduce_fold(norm, lane[k], memory.lanes[base + self][k]);
    }
    base += half;
  }
  if (self < warp) {
    for (int half = warp / 2; half >= 1; half /= 2) {
      for (int k = 0; k < 4; ++k) {
        lane[k] = reduce_fold(norm, lane[k], __shfl_down_sync(0xffffffffu, lane[k], static_cast<unsigned>(half)));
      }
    }
  }
  lane[0] = reduce_fold(norm, lane[0], lane[2]);
  lane[1] = reduce_fold(norm, lane[1], lane[3]);
  return reduce_fold(norm, lane[0], lane[1]);
}

// Puts the chunks' results into the lanes they belong to. Reads around the first-level cache, which may hold what other
// blocks have overwritten.
__device__ inline void chunk_lanes(Norm norm, const double* partial, int64_t chunks, double (&lane)[4]) {
  for (int k = 0; k < 4; ++k) {
    lane[k] = 0;
    for (int64_t chunk = 4 * static_cast<int64_t>(threadIdx.x) + k; chunk < chunks; chunk += reduce_lanes) {
      lane[k] = reduce_fold(norm, lane[k], __ldcg(partial + chunk));
    }
  }
}

}  // namespace fast_sde::cuda
