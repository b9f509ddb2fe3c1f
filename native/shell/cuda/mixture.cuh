// The exact score of a Gaussian mixture for every slot's request, a block a row; formulas in score/mixture.hpp,
// order of the sums as on the CPU (shell/cpu/kernels.inl).
#pragma once

#include "../../score/mixture.hpp"
#include "norm.cuh"
#include "quads.cuh"

namespace fast_sde::cuda {

struct MixtureMemory {
  FoldMemory fold;
  double folded, alpha, sigma;
};

// |x - alpha m|^2 in thread 0. A row's chunks are folded one after the other.
template <bool aligned>
__device__ inline double squared_distance(const float* x, const float* mean, float alpha, int64_t n,
                                          MixtureMemory& memory) {
  double chunk_lane[4] = {0, 0, 0, 0};
  for (int64_t chunk = 0; chunk < reduce_chunks(n); ++chunk) {
    double lane[4] = {0, 0, 0, 0};
    for (int q = 0; q < quads_a_thread; ++q) {
      const Quad at = quad_at<aligned>(chunk, q, n);
      if (at.count == 0) break;
      float here[4], there[4];
      read_quad<aligned>(x, at, here);
      read_quad<aligned>(mean, at, there);
      UNROLL(4)
      for (int i = 0; i < 4; ++i)
        if (i < at.count) lane[i] = reduce_term(Norm::rms, lane[i], mixture_offset(alpha, there[i], here[i]));
    }
    const double folded = fold(Norm::rms, lane, memory.fold);
    if (threadIdx.x == 0) memory.folded = folded;
    __syncthreads();
    for (int k = 0; k < 4; ++k) {
      if (chunk % reduce_lanes == 4 * static_cast<int64_t>(threadIdx.x) + k) {
        chunk_lane[k] = reduce_fold(Norm::rms, chunk_lane[k], memory.folded);
      }
    }
    __syncthreads();
  }
  return fold(Norm::rms, chunk_lane, memory.fold);
}

// Grid: a block a slot.
template <bool aligned>
__global__ void __launch_bounds__(threads)
    mixture_score(const __grid_constant__ Resident run, const DeviceMixture mixture) {
  MixtureMemory& memory = block_memory<MixtureMemory>();
  const int64_t i = blockIdx.x, n = run.problem.elements, components = mixture.components;
  if (run.pending[i].stage == stage_done) return;
  const SlotRows rows = rows_of(run, i);
  double* shares = mixture.shares + i * components;
  if (threadIdx.x == 0) {
    const ScheduleAt at = schedule_at(run.problem.schedule, run.slot[i].request_t);
    memory.alpha = at.alpha;
    memory.sigma = at.sigma;
  }
  __syncthreads();
  const double alpha = memory.alpha, sigma = memory.sigma;
  const float alpha32 = static_cast<float>(alpha);

  if (components > 1) {
    for (int64_t k = 0; k < components; ++k) {
      const double distance = squared_distance<aligned>(rows.request, mixture.means + k * n, alpha32, n, memory);
      if (threadIdx.x == 0) {
        const double variance = mixture_variance(alpha, sigma, mixture.variances[k]);
        shares[k] = mixture_logit(mixture.log_weights[k], variance, distance, n);
      }
    }
  }
  if (threadIdx.x == 0) {
    if (components == 1) shares[0] = 1;  // whatever the distance
    double total = 1;
    if (components > 1) {
      double largest = shares[0];
      for (int64_t k = 1; k < components; ++k) largest = shares[k] > largest ? shares[k] : largest;
      total = 0;
      for (int64_t k = 0; k < components; ++k) {
        shares[k] = exponential(shares[k] - largest);
        total += shares[k];
      }
    }
    for (int64_t k = 0; k < components; ++k) {
      shares[k] = shares[k] / total / mixture_variance(alpha, sigma, mixture.variances[k]);
    }
  }
  __syncthreads();

  for (int64_t chunk = 0; chunk < reduce_chunks(n); ++chunk) {
    for (int q = 0; q < quads_a_thread; ++q) {
      const Quad at = quad_at<aligned>(chunk, q, n);
      if (at.count == 0) break;
      float x[4], score[4] = {0, 0, 0, 0};
      read_quad<aligned>(rows.request, at, x);
      for (int64_t k = 0; k < components; ++k) {
        const float factor = static_cast<float>(shares[k]);
        float mean[4];
        read_quad<aligned>(mixture.means + k * n, at, mean);
        for (int j = 0; j < 4; ++j) score[j] = score[j] + factor * mixture_offset(alpha32, mean[j], x[j]);
      }
      write_quad<aligned>(rows.answer, at, score);
    }
  }
}

}  // namespace fast_sde::cuda
