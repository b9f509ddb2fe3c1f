// A pass over a slot on the device: the answers are read, elements updated, the norm formed, the step accepted or
// rejected, the next request made, and a slot whose sample is done takes the next one. The formulas are those of
// solver/.
//
// Rows of up to a chunk are a block's, rows of up to 8 chunks a cluster's (where the device has clusters): one kernel,
// which keeps the candidate in registers until the decision. Longer rows take two kernels, `propose` and `commit`, with
// the candidate in memory between them.
#pragma once

#include <utility>

#include "aftermath.cuh"
#include "norm.cuh"
#include "settle.cuh"

namespace fast_sde::cuda {

// A thread may then have 128 of a multiprocessor's registers: four quads of a row need so many.
constexpr int blocks_together = 2;

enum class Team { block, cluster, grid };  // who shares a row

struct PassMemory {
  FoldMemory fold;
  Sums sums;
  uint32_t last;
};

template <Team team>
__device__ inline Place place(const Resident& run) {
  const unsigned block = blockIdx.x, chunks = static_cast<unsigned>(run.chunks);
  if constexpr (team == Team::block) return {block, 0};
  return {block / chunks, block % chunks};
}

// Where the chunks of a row leave their share of a sum: number 0 is the error, the others are the plain ones.
__device__ inline double* partial_of(const Resident& run, Place at, int number) {
  return run.partial + (number * run.slots + at.slot) * run.chunks;
}

// How sum `number` folds: plain ones are added up.
__device__ inline Norm fold_of(const Resident& run, int number) {
  return number == 0 ? run.problem.tolerance.norm : Norm::rms;
}

// In thread 0: a sum of the whole row, from what its chunks have left.
__device__ inline double sum_of_chunks(const Resident& run, Place at, int number, PassMemory& memory) {
  double lane[4];
  chunk_lanes(fold_of(run, number), partial_of(run, at, number), run.chunks, lane);
  return fold(fold_of(run, number), lane, memory.fold);
}

// In thread 0: the sum as samplers see it.
__device__ inline void keep_sum(const Resident& run, int number, double folded, PassMemory& memory) {
  if (number == 0) {
    memory.sums.error = reduce_finish(run.problem.tolerance.norm, folded, run.problem.elements);
  } else {
    memory.sums.plain[number - 1] = folded;
  }
}

// Where the row's blocks are in step: each block's shares, in its thread 0, become the row's sums, for every thread.
template <int numbers, Team team>
__device__ inline Sums sums_of_row(const Resident& run, Place at, double (&share)[numbers], PassMemory& memory) {
  if constexpr (team == Team::cluster) {
    if (threadIdx.x == 0) {
      for (int k = 0; k < numbers; ++k) partial_of(run, at, k)[at.chunk] = share[k];
    }
    cluster_barrier();
    for (int k = 0; k < numbers; ++k) share[k] = sum_of_chunks(run, at, k, memory);
  }
  if (threadIdx.x == 0) {
    for (int k = 0; k < numbers; ++k) keep_sum(run, k, share[k], memory);
  }
  __syncthreads();
  return memory.sums;
}

// Where they are not in step: true in the last block of the row that comes here, which sees what the others wrote.
template <int numbers>
__device__ inline bool is_last_of_row(const Resident& run, Place at, const double (&share)[numbers],
                                      PassMemory& memory) {
  if (threadIdx.x == 0) {
    for (int k = 0; k < numbers; ++k) partial_of(run, at, k)[at.chunk] = share[k];
    __threadfence();
    memory.last = atomicAdd(run.chunks_done + at.slot, 1u) == static_cast<unsigned>(run.chunks) - 1 ? 1 : 0;
    if (memory.last != 0) run.chunks_done[at.slot] = 0;
    __threadfence();
  }
  __syncthreads();
  return memory.last != 0;
}

// What a stage is, by type: a sampler's own stage, or the final denoising.
template <class Solver_, int number_>
struct SolverStage {
  using Solver = Solver_;
  using Step = typename Solver::Step;
  static constexpr int number = number_;
  static constexpr int plain_sums = Solver::sums;
  static constexpr Access access = Solver::measure_access(number);
  __device__ static Terms<plain_sums> measure(const Step& c, Elements& e) {
    return Solver::template measure<number>(c, e);
  }
};

template <class Solver_>
struct DenoiseStage {
  using Solver = Solver_;
  using Step = Denoise::Step;
  static constexpr int number = -1;
  static constexpr int plain_sums = 0;
  static constexpr Access access = Denoise::access;
  __device__ static Terms<0> measure(const Step& c, Elements& e) { return Denoise::measure(c, e); }
};

// The sums a stage ended with, and whether this block is the one that settles the slot.
struct Outcome {
  Sums sums;
  bool here;
};

// Reads the answers, updates the elements, forms the sums; where the row's blocks wait for each other, and coefficients
// are not needed for it, an accepted step's elements are kept at once, out of registers.
template <class Stage, Team team, bool aligned>
__device__ inline Outcome advance(const Resident& run, Place at, PassMemory& memory) {
  using Solver = typename Stage::Solver;
  constexpr bool early = team != Team::grid && Stage::number >= 0 && Solver::accepts_without_step;
  constexpr Rows writes = early ? Stage::access.writes & ~row_candidate : Stage::access.writes;
  constexpr int numbers = 1 + Stage::plain_sums;
  const auto step = run.pending[at.slot].step.template as<typename Stage::Step>();
  const SlotRows rows = rows_of(run, at.slot);
  const Slot& slot = run.slot[at.slot];
  const NoiseKey key = {run.problem.seed, slot.sample};
  const int64_t n = run.problem.elements;
  const Norm norm = run.problem.tolerance.norm;

  // All reads before the first write, or each group of four would wait for memory by itself.
  Elements e[quads_a_thread][4];
  UNROLL(4)
  for (int q = 0; q < quads_a_thread; ++q) {
    const Quad quad = quad_at<aligned>(at.chunk, q, n);
    if (quad.count != 0) load<Stage::access.reads, aligned>(e[q], rows, quad);
  }
  double lane[numbers][4] = {};
  UNROLL(4)
  for (int q = 0; q < quads_a_thread; ++q) {
    const Quad quad = quad_at<aligned>(at.chunk, q, n);
    if (quad.count == 0) continue;
    if constexpr ((Stage::access.reads & (row_noise | row_noise_again)) != 0) quad_noise(e[q], key, slot.path, quad);
    UNROLL(4)
    for (int i = 0; i < 4; ++i) {
      const Terms<Stage::plain_sums> terms = Stage::measure(step, e[q][i]);
      if (aligned || i < quad.count) {
        lane[0][i] = reduce_term(norm, lane[0][i], terms.error);
        if constexpr (Stage::plain_sums > 0) {
          for (int k = 1; k < numbers; ++k) lane[k][i] = lane[k][i] + static_cast<double>(terms.plain[k - 1]);
        }
      }
    }
    store<writes, aligned>(e[q], rows, quad);
  }
  double share[numbers];
  for (int k = 0; k < numbers; ++k) share[k] = fold(fold_of(run, k), lane[k], memory.fold);

  if constexpr (team == Team::grid) {
    if (!is_last_of_row(run, at, share, memory)) return {{}, false};
    for (int k = 0; k < numbers; ++k) {
      const double sum = sum_of_chunks(run, at, k, memory);
      if (threadIdx.x == 0) keep_sum(run, k, sum, memory);
    }
    __syncthreads();
    return {memory.sums, true};
  } else {
    const Sums sums = sums_of_row<numbers, team>(run, at, share, memory);
    if constexpr (early && Solver::accept_access.writes != 0) {
      // Everything an accepted step keeps is in registers already, where this stage is one that decides.
      constexpr Rows here = Stage::access.reads | Stage::access.writes;
      if constexpr ((Solver::accept_access.reads & ~here) == 0) {
        if (keeps<Solver>(Stage::number, sums)) {
          UNROLL(4)
          for (int q = 0; q < quads_a_thread; ++q) {
            const Quad quad = quad_at<aligned>(at.chunk, q, n);
            if (quad.count == 0) continue;
            UNROLL(4)
            for (int i = 0; i < 4; ++i) Solver::accept({}, e[q][i]);
            store<Solver::accept_access.writes, aligned>(e[q], rows, quad);
          }
        }
      }
    }
    return {sums, at.chunk == 0};
  }
}

template <class Solver, Team team, bool aligned, int... stages>
__device__ inline Outcome advance_any(const Resident& run, Place at, uint32_t stage, PassMemory& memory,
                                      std::integer_sequence<int, stages...>) {
  if (stage == stage_denoise) return advance<DenoiseStage<Solver>, team, aligned>(run, at, memory);
  Outcome outcome{};
  (void)((stage == stages &&
          ((outcome = advance<SolverStage<Solver, stages>, team, aligned>(run, at, memory)), true)) ||
         ...);
  return outcome;
}

// Grid: slots · chunks blocks, the blocks of a row in one cluster.
template <class Solver, Team team, bool aligned>
__global__ void __launch_bounds__(threads, blocks_together) fused_pass(const __grid_constant__ Resident run) {
  PassMemory& memory = block_memory<PassMemory>();
  const Place at = place<team>(run);
  if (blockIdx.x == 0 && threadIdx.x == 0) run.counters->started = device_clock();
  const uint32_t stage = run.pending[at.slot].stage;
  if (stage != stage_done) {
    const Outcome outcome =
        advance_any<Solver, team, aligned>(run, at, stage, memory, std::make_integer_sequence<int, Solver::stages>{});
    // The rows written are on their way while one thread decides.
    if (threadIdx.x == 0 && outcome.here) settle<Solver>(run, at.slot, outcome.sums);
    if constexpr (team == Team::cluster) {
      cluster_barrier();
    } else {
      __syncthreads();
    }
    aftermath<Solver, aligned>(run, at, !Solver::accepts_without_step);
  }
  if (threadIdx.x == 0) end_block(run);
}

// The first half of a pass over long rows. Grid: slots · chunks blocks.
template <class Solver, bool aligned>
__global__ void __launch_bounds__(threads, blocks_together) propose(const __grid_constant__ Resident run) {
  PassMemory& memory = block_memory<PassMemory>();
  const Place at = place<Team::grid>(run);
  if (blockIdx.x == 0 && threadIdx.x == 0) run.counters->started = device_clock();
  const uint32_t stage = run.pending[at.slot].stage;
  if (stage != stage_done) {
    const Outcome outcome = advance_any<Solver, Team::grid, aligned>(run, at, stage, memory,
                                                                     std::make_integer_sequence<int, Solver::stages>{});
    if (threadIdx.x == 0 && outcome.here) settle<Solver>(run, at.slot, outcome.sums);
  } else if (at.chunk == 0 && threadIdx.x == 0) {
    run.aftermath[at.slot] = Aftermath{};
    run.aftermath[at.slot].deliver = -1;
  }
}

// The second half, and on its own (pass = false) what makes the rows of new samples. Grid: slots · chunks blocks.
template <class Solver, bool aligned>
__global__ void __launch_bounds__(threads) commit(const __grid_constant__ Resident run, bool pass) {
  aftermath<Solver, aligned>(run, place<Team::grid>(run), true);
  if (pass && threadIdx.x == 0) end_block(run);
}

// The first samples, one thread a slot; then `commit` makes their rows.
template <class Solver>
__global__ void __launch_bounds__(threads) admit_first(const __grid_constant__ Resident run) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * threads + threadIdx.x;
  if (i >= run.slots) return;
  Aftermath then{};
  then.deliver = -1;
  run.slot[i].stage = stage_done;
  run.slot[i].path.set_room(run.room + i);
  then.begin = admit<Solver>(run.slot[i], static_cast<uint64_t>(i), run.first, run.count, run.problem);
  run.aftermath[i] = then;
  plan<Solver>(run, i, 0);
  if (i > 0) return;
  run.counters->next = static_cast<unsigned long long>(run.slots);
  run.counters->ended = device_clock();
}

}  // namespace fast_sde::cuda
