// When samples run out: the samples left move into the first slots, so that the network is called for fewer rows.
#pragma once

#include "platform.cuh"
#include "resident.hpp"

namespace fast_sde::cuda {

struct CompactMemory {
  int64_t offsets[threads + 1];
};

// The slots in [begin, end) that are empty, or that are not, in ascending order; returns how many.
__device__ inline int64_t list_slots(const Resident& run, int64_t begin, int64_t end, bool empty, int64_t* list,
                                     CompactMemory& memory) {
  const int64_t self = threadIdx.x, share = (end - begin + threads - 1) / threads;
  const int64_t first = begin + self * share, last = first + share < end ? first + share : end;
  int64_t mine = 0;
  for (int64_t i = first; i < last; ++i) mine += (run.pending[i].stage == stage_done) == empty ? 1 : 0;
  memory.offsets[self + 1] = mine;
  __syncthreads();
  if (self == 0) {
    memory.offsets[0] = 0;
    for (int k = 0; k < threads; ++k) memory.offsets[k + 1] += memory.offsets[k];
  }
  __syncthreads();
  int64_t at = memory.offsets[self];
  for (int64_t i = first; i < last; ++i) {
    if ((run.pending[i].stage == stage_done) == empty) list[at++] = i;
  }
  const int64_t count = memory.offsets[threads];
  __syncthreads();
  return count;
}

// One block. `rows` slots are to be left of `before`.
__global__ void __launch_bounds__(threads)
    plan_moves(const __grid_constant__ Resident run, const Moves moves, int64_t before, int64_t rows) {
  CompactMemory& memory = block_memory<CompactMemory>();
  const int64_t holes = list_slots(run, 0, rows, true, moves.to, memory);
  const int64_t movers = list_slots(run, rows, before, false, moves.from, memory);
  if (threadIdx.x != 0) return;
  moves.counts[0] = holes;
  moves.counts[1] = movers;
}

template <class T>
__device__ inline void copy_words(T* to, const T* from, int64_t count) {
  for (int64_t k = threadIdx.x; k < count; k += threads) to[k] = from[k];
}

// A block a slot of `rows`. There are at least as many holes as movers: the caller knows how many samples are left.
__global__ void __launch_bounds__(threads) move_slots(const __grid_constant__ Resident run, const Moves moves) {
  const int64_t k = blockIdx.x;
  if (k >= moves.counts[1] || k >= moves.counts[0]) return;
  const int64_t from = moves.from[k], to = moves.to[k], n = run.problem.elements;
  static_assert(sizeof(Slot) % sizeof(uint64_t) == 0 && alignof(Slot) == sizeof(uint64_t));
  NoiseRoom* const spare = run.slot[to].path.room();
  __syncthreads();
  copy_words(reinterpret_cast<uint64_t*>(run.slot + to), reinterpret_cast<const uint64_t*>(run.slot + from),
             static_cast<int64_t>(sizeof(Slot) / sizeof(uint64_t)));
  const SlotRows source = rows_of(run, from), target = rows_of(run, to);
  if (!run.state_is_request) copy_words(target.x, source.x, n);
  copy_words(target.request, source.request, n);
  for (int extra = 0; extra < run.extras; ++extra) copy_words(target.extra[extra], source.extra[extra], n);
  if (run.conditions != nullptr) {
    copy_words(run.condition + to * run.condition_width, run.condition + from * run.condition_width,
               run.condition_width);
  }
  __syncthreads();
  if (threadIdx.x != 0) return;
  run.slot[from].path.set_room(spare);  // its own went along
  run.time[to] = run.time[from];
  run.pending[to] = run.pending[from];
}

}  // namespace fast_sde::cuda
