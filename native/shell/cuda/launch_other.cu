// The launches beside a pass: the exact score, compaction, plain normals.
#include "compact.cuh"
#include "kernels.hpp"
#include "memory.hpp"
#include "mixture.cuh"

namespace fast_sde::cuda {
namespace {

__global__ void __launch_bounds__(threads) normals(NoiseKey key, uint32_t node, float* out, int64_t count) {
  const int64_t first = 4 * (static_cast<int64_t>(blockIdx.x) * threads + threadIdx.x);
  if (first >= count) return;
  float unit[4];
  normal4(key, node, static_cast<uint32_t>(first / 4), unit);
  for (int i = 0; i < 4 && first + i < count; ++i) out[first + i] = unit[i];
}

}  // namespace

void launch_mixture(const Resident& run, const DeviceMixture& mixture, int64_t rows, cudaStream_t stream) {
  Launch how;
  how.stream = stream;
  how.blocks = rows;
  how.memory = sizeof(MixtureMemory);
  const bool aligned = run.problem.elements % 4 == 0;
  check(launch(how, aligned ? mixture_score<true> : mixture_score<false>, run, mixture), "launching the mixture");
}

void launch_compact(const Resident& run, const Moves& moves, int64_t before, int64_t rows, cudaStream_t stream) {
  Launch how;
  how.stream = stream;
  how.blocks = 1;
  how.memory = sizeof(CompactMemory);
  check(launch(how, plan_moves, run, moves, before, rows), "launching plan_moves");
  how.blocks = rows;
  check(launch(how, move_slots, run, moves), "launching move_slots");
}

void launch_normals(uint64_t seed, uint64_t sample, uint32_t node, float* out, int64_t count, cudaStream_t stream) {
  Launch how;
  how.stream = stream;
  how.blocks = (count + 4 * threads - 1) / (4 * threads);
  check(launch(how, normals, NoiseKey{seed, sample}, node, out, count), "launching normals");
}

}  // namespace fast_sde::cuda
