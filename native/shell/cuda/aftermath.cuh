// What is rare, for all threads of a row once its slot is settled: a step accepted with coefficients or tried again
// shorter, a finished sample's way out, a new sample's rows.
#pragma once

#include "quads.cuh"

namespace fast_sde::cuda {

// Which part of a row a block works at.
struct Place {
  int64_t slot, chunk;
};

// body(quad) for each quad of this thread in the chunk.
template <bool aligned, class Body>
__device__ inline void for_each_quad(const Resident& run, Place at, Body body) {
  for (int q = 0; q < quads_a_thread; ++q) {
    const Quad quad = quad_at<aligned>(at.chunk, q, run.problem.elements);
    if (quad.count == 0) break;
    body(quad);
  }
}

template <class Solver, bool aligned>
__device__ inline void accept_elements(const Resident& run, Place at) {
  if constexpr (Solver::accept_access.writes != 0) {
    const SlotRows rows = rows_of(run, at.slot);
    const Slot& slot = run.slot[at.slot];
    const auto step = run.aftermath[at.slot].step.template as<typename Solver::Step>();
    for_each_quad<aligned>(run, at, [&](Quad quad) {
      Elements e[4];
      load<Solver::accept_access.reads, aligned>(e, rows, quad);
      if constexpr ((Solver::accept_access.reads & row_noise) != 0) {
        quad_noise(e, {run.problem.seed, slot.sample}, slot.path, quad);
      }
      for (int i = 0; i < 4; ++i) Solver::accept(step, e[i]);
      store<Solver::accept_access.writes, aligned>(e, rows, quad);
    });
  }
}

template <class Solver, bool aligned>
__device__ inline void reject_elements(const Resident& run, Place at) {
  if constexpr (Solver::reject_access.writes != 0) {
    const SlotRows rows = rows_of(run, at.slot);
    const Slot& slot = run.slot[at.slot];
    const auto step = run.aftermath[at.slot].step.template as<typename Solver::Step>();
    for_each_quad<aligned>(run, at, [&](Quad quad) {
      Elements e[4];
      load<Solver::reject_access.reads, aligned>(e, rows, quad);
      if constexpr ((Solver::reject_access.reads & row_noise) != 0) {
        quad_noise(e, {run.problem.seed, slot.sample}, slot.path, quad);
      }
      for (int i = 0; i < 4; ++i) Solver::reject(step, e[i]);
      store<Solver::reject_access.writes, aligned>(e, rows, quad);
    });
  }
}

template <bool aligned>
__device__ inline void deliver(const Resident& run, Place at, int64_t entry) {
  const SlotRows rows = rows_of(run, at.slot);
  float* out = run.ring + entry * run.problem.elements;
  for_each_quad<aligned>(run, at, [&](Quad quad) {
    float x[4];
    read_quad<aligned>(rows.x, quad, x);
    write_quad<aligned>(out, quad, x);
  });
}

// The rows of the sample that has come into the slot.
template <class Solver, bool aligned>
__device__ inline void begin_elements(const Resident& run, Place at) {
  const SlotRows rows = rows_of(run, at.slot);
  const Slot& slot = run.slot[at.slot];
  const int64_t n = run.problem.elements;
  const float scale = static_cast<float>(run.problem.prior_std);
  const float* initial = run.initial == nullptr ? nullptr : run.initial + static_cast<int64_t>(slot.position) * n;
  for_each_quad<aligned>(run, at, [&](Quad quad) {
    Elements e[4];
    if (initial != nullptr) {
      load_field<aligned>(e, &Elements::x, initial, quad);
    } else {
      float unit[4];
      normal4({run.problem.seed, slot.sample}, 0, static_cast<uint32_t>(quad.first / 4), unit);  // node 0 is the prior
      for (int i = 0; i < 4; ++i) e[i].x = scale * unit[i];
    }
    store<row_x, aligned>(e, rows, quad);
    for (int i = 0; i < 4; ++i) Solver::start_element(e[i]);
    store<Solver::start_access.writes, aligned>(e, rows, quad);
  });
  if (at.chunk == 0 && run.conditions != nullptr) {
    const uint32_t* from = run.conditions + static_cast<int64_t>(slot.position) * run.condition_width;
    uint32_t* to = run.condition + at.slot * run.condition_width;
    for (int64_t k = threadIdx.x; k < run.condition_width; k += threads) to[k] = from[k];
  }
}

// `accepted`: elements of an accepted step are still to be made.
template <class Solver, bool aligned>
__device__ inline void aftermath(const Resident& run, Place at, bool accepted) {
  const Aftermath& then = run.aftermath[at.slot];
  if (then.verdict == Verdict::accept && accepted) accept_elements<Solver, aligned>(run, at);
  if (then.verdict == Verdict::reject) reject_elements<Solver, aligned>(run, at);
  if (then.deliver >= 0) deliver<aligned>(run, at, then.deliver);
  if (then.begin) begin_elements<Solver, aligned>(run, at);
}

}  // namespace fast_sde::cuda
