// A pass over a slot on the device: the answers are read, elements updated, the norm formed, the step accepted or
// rejected, the next request made, and a slot whose sample is done takes the next one. The formulas are those of
// solver/.
//
// Rows of up to a chunk are a block's, rows of up to 8 chunks a cluster's (where the device has clusters): one kernel,
// which keeps the candidate in registers until the decision. Longer rows take two kernels, `propose` and `commit`, with
// the candidate in memory between them.
#pragma once

#include "../../solver/list.hpp"
#include "norm.cuh"
#include "quads.cuh"
#include "settle.cuh"

namespace fast_sde::cuda {

// Of a multiprocessor's registers a thread may then have 128, which is what it takes to hold four quads of a row.
constexpr int blocks_together = 2;

enum class Team { block, cluster, grid };  // who shares a row

struct PassMemory {
  FoldMemory fold;
  double error;
  uint32_t last;
};

struct Place {
  int64_t slot, chunk;
};

template <Team team>
__device__ inline Place place(const Resident& run) {
  const unsigned block = blockIdx.x, chunks = static_cast<unsigned>(run.chunks);
  if constexpr (team == Team::block) return {block, 0};
  return {block / chunks, block % chunks};
}

// Deals with what is rare: a shorter step after a rejection, a finished sample's way out, a new sample's rows.
template <class Solver, bool aligned>
__device__ inline void aftermath(const Resident& run, Place at) {
  const Verdict& verdict = run.verdict[at.slot];
  const SlotRows rows = rows_of(run, at.slot);
  const Slot& slot = run.slot[at.slot];
  const NoiseKey key = {run.problem.seed, slot.sample};
  const int64_t n = run.problem.elements;
  if (verdict.rejected != 0) {
    if constexpr (requires { Solver::reject_access; }) {
      const StepCoefficients c = verdict.shorter;
      for (int q = 0; q < quads_a_thread; ++q) {
        const Quad quad = quad_at<aligned>(at.chunk, q, n);
        if (quad.count == 0) break;
        Elements e[4];
        load<Solver::reject_access.reads, aligned>(e, rows, quad);
        if constexpr ((Solver::reject_access.reads & row_noise) != 0) quad_noise(e, key, slot.path.step, quad);
        for (int i = 0; i < 4; ++i) Solver::reject(c, e[i]);
        store<Solver::reject_access.writes, aligned>(e, rows, quad);
      }
    }
  }
  if (verdict.deliver >= 0) {
    float* out = run.ring + verdict.deliver * n;
    for (int q = 0; q < quads_a_thread; ++q) {
      const Quad quad = quad_at<aligned>(at.chunk, q, n);
      if (quad.count == 0) break;
      float x[4];
      read_quad<aligned>(rows.x, quad, x);
      write_quad<aligned>(out, quad, x);
    }
  }
  if (verdict.begin != 0) {
    const float scale = static_cast<float>(run.problem.prior_std);
    const float* initial = run.initial == nullptr ? nullptr : run.initial + static_cast<int64_t>(slot.position) * n;
    for (int q = 0; q < quads_a_thread; ++q) {
      const Quad quad = quad_at<aligned>(at.chunk, q, n);
      if (quad.count == 0) break;
      Elements e[4];
      if (initial != nullptr) {
        load_field<aligned>(e, &Elements::x, initial, quad);
      } else {
        float unit[4];
        normal4(key, 0, static_cast<uint32_t>(quad.first / 4), unit);  // node 0 is the prior
        for (int i = 0; i < 4; ++i) e[i].x = scale * unit[i];
      }
      store<row_x, aligned>(e, rows, quad);
      for (int i = 0; i < 4; ++i) Solver::start_element(e[i]);
      store<Solver::start_access.writes, aligned>(e, rows, quad);
    }
    if (at.chunk == 0 && run.conditions != nullptr) {
      const uint32_t* from = run.conditions + static_cast<int64_t>(slot.position) * run.condition_width;
      uint32_t* to = run.condition + at.slot * run.condition_width;
      for (int64_t k = threadIdx.x; k < run.condition_width; k += threads) to[k] = from[k];
    }
  }
}

// The chunk's share of the norm is in thread 0 of each block. Returns the norm to every thread of the row's blocks.
template <Team team>
__device__ inline double norm_of_row(const Resident& run, Place at, double share, PassMemory& memory) {
  const Norm norm = run.problem.tolerance.norm;
  if constexpr (team == Team::cluster) {
    double* partial = run.partial + at.slot * run.chunks;
    if (threadIdx.x == 0) partial[at.chunk] = share;
    cluster_barrier();
    double lane[4];
    chunk_lanes(norm, partial, run.chunks, lane);
    share = fold(norm, lane, memory.fold);
  }
  if (threadIdx.x == 0) memory.error = reduce_finish(norm, share, run.problem.elements);
  __syncthreads();
  return memory.error;
}

// True in the last block of the row to come here; what the others wrote before is then to be seen.
__device__ inline bool is_last_of_row(const Resident& run, Place at, double share, PassMemory& memory) {
  if (threadIdx.x == 0) {
    run.partial[at.slot * run.chunks + at.chunk] = share;
    __threadfence();
    memory.last = atomicAdd(run.chunks_done + at.slot, 1u) == static_cast<unsigned>(run.chunks) - 1 ? 1 : 0;
    if (memory.last != 0) run.chunks_done[at.slot] = 0;
    __threadfence();
  }
  __syncthreads();
  return memory.last != 0;
}

// What a stage is, by type: a solver's own stage, or the final denoising.
template <class Solver_, int stage_>
struct SolverStage {
  using Solver = Solver_;
  static constexpr Access access = Solver::element_access(stage_);
  static constexpr bool decides = Solver::decides(stage_);
  __device__ static float element(const StepCoefficients& c, Elements& e) {
    return Solver::template element<stage_>(c, e);
  }
};

template <class Solver_>
struct DenoiseStage {
  using Solver = Solver_;
  static constexpr Access access = Denoise::element_access;
  static constexpr bool decides = false;
  __device__ static float element(const StepCoefficients& c, Elements& e) { return Denoise::element(c, e); }
};

// The norm a stage ended with, and what its slot's one thread needs to know of the stage.
struct Outcome {
  double error;
  bool decides;
  bool here;  // this block is the one that settles the slot (where the blocks of a row are not in step)
};

// Reads the answers, updates the elements, forms the norm; where the row's blocks wait for each other, an accepted
// step's elements are kept at once.
template <class Stage, Team team, bool aligned>
__device__ inline Outcome advance(const Resident& run, Place at, PassMemory& memory) {
  using Solver = typename Stage::Solver;
  constexpr Rows writes = team == Team::grid ? Stage::access.writes : Stage::access.writes & ~row_candidate;
  const StepCoefficients c = run.pending[at.slot].coefficients;
  const SlotRows rows = rows_of(run, at.slot);
  const NoiseKey key = {run.problem.seed, run.slot[at.slot].sample};
  const Increment& step = run.slot[at.slot].path.step;
  const int64_t n = run.problem.elements;
  const Norm norm = run.problem.tolerance.norm;

  // All reads before the first write, or each group of four would wait for memory by itself.
  Elements e[quads_a_thread][4];
  UNROLL(4)
  for (int q = 0; q < quads_a_thread; ++q) {
    const Quad quad = quad_at<aligned>(at.chunk, q, n);
    if (quad.count != 0) load<Stage::access.reads, aligned>(e[q], rows, quad);
  }
  double lane[4] = {0, 0, 0, 0};
  UNROLL(4)
  for (int q = 0; q < quads_a_thread; ++q) {
    const Quad quad = quad_at<aligned>(at.chunk, q, n);
    if (quad.count == 0) continue;
    if constexpr ((Stage::access.reads & (row_noise | row_noise_again)) != 0) quad_noise(e[q], key, step, quad);
    UNROLL(4)
    for (int i = 0; i < 4; ++i) {
      const float term = Stage::element(c, e[q][i]);
      if (aligned || i < quad.count) lane[i] = reduce_term(norm, lane[i], term);
    }
    store<writes, aligned>(e[q], rows, quad);
  }
  const double share = fold(norm, lane, memory.fold);

  if constexpr (team == Team::grid) {
    if (!is_last_of_row(run, at, share, memory)) return {0, Stage::decides, false};
    chunk_lanes(norm, run.partial + at.slot * run.chunks, run.chunks, lane);
    return {reduce_finish(norm, fold(norm, lane, memory.fold), n), Stage::decides, true};
  } else {
    const double error = norm_of_row<team>(run, at, share, memory);
    if constexpr (Stage::decides) {
      // Everything an accepted step keeps is in registers already.
      static_assert((Solver::accept_access.reads & ~(Stage::access.reads | Stage::access.writes)) == 0);
      if (keeps<Solver>(error)) {
        UNROLL(4)
        for (int q = 0; q < quads_a_thread; ++q) {
          const Quad quad = quad_at<aligned>(at.chunk, q, n);
          if (quad.count == 0) continue;
          UNROLL(4)
          for (int i = 0; i < 4; ++i) Solver::accept(e[q][i]);
          store<Solver::accept_access.writes, aligned>(e[q], rows, quad);
        }
      }
    }
    return {error, Stage::decides, at.chunk == 0};
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
    if (threadIdx.x == 0 && outcome.here) settle<Solver>(run, at.slot, outcome.decides, outcome.error);
    if constexpr (team == Team::cluster) {
      cluster_barrier();
    } else {
      __syncthreads();
    }
    aftermath<Solver, aligned>(run, at);
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
    if (threadIdx.x == 0 && outcome.here) settle<Solver>(run, at.slot, outcome.decides, outcome.error);
  } else if (at.chunk == 0 && threadIdx.x == 0) {
    run.verdict[at.slot] = Verdict{};
    run.verdict[at.slot].deliver = -1;
  }
}

// The second half, and on its own (pass = false) what makes the rows of new samples. Grid: slots · chunks blocks.
template <class Solver, bool aligned>
__global__ void __launch_bounds__(threads) commit(const __grid_constant__ Resident run, bool pass) {
  const Place at = place<Team::grid>(run);
  if constexpr (requires { Solver::accept_access; }) {
    if (run.verdict[at.slot].accepted != 0) {
      const SlotRows rows = rows_of(run, at.slot);
      for (int q = 0; q < quads_a_thread; ++q) {
        const Quad quad = quad_at<aligned>(at.chunk, q, run.problem.elements);
        if (quad.count == 0) break;
        Elements e[4];
        load<Solver::accept_access.reads, aligned>(e, rows, quad);
        for (int i = 0; i < 4; ++i) Solver::accept(e[i]);
        store<Solver::accept_access.writes, aligned>(e, rows, quad);
      }
    }
  }
  aftermath<Solver, aligned>(run, at);
  if (pass && threadIdx.x == 0) end_block(run);
}

// The first samples, one thread a slot; then `commit` makes their rows.
template <class Solver>
__global__ void __launch_bounds__(threads) admit_first(const __grid_constant__ Resident run) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * threads + threadIdx.x;
  if (i >= run.slots) return;
  Verdict verdict{};
  verdict.deliver = -1;
  run.slot[i].stage = stage_done;
  admit<Solver>(run, i, static_cast<uint64_t>(i), verdict);
  run.verdict[i] = verdict;
  plan<Solver>(run, i, 0);
  if (i > 0) return;
  run.counters->next = static_cast<unsigned long long>(run.slots);
  run.counters->ended = device_clock();
}

}  // namespace fast_sde::cuda
