// What one thread does for a slot between two requests: the decision, the finished sample's figures, the next sample,
// and what the next pass has to know.
#pragma once

#include "../../core/controller.hpp"
#include "../../solver/advance.hpp"
#include "../../solver/denoise.hpp"
#include "platform.cuh"
#include "resident.hpp"

namespace fast_sde::cuda {

__device__ inline unsigned long long add_to(unsigned long long& counter, unsigned long long amount) {
  return atomicAdd(&counter, amount);
}

__device__ inline uint32_t progress_of(const Slot& slot, const Problem& problem) {
  const double share = (problem.t_start - slot.t) / (problem.t_start - problem.t_end);
  return static_cast<uint32_t>(share * whole_sample);
}

// The slot's next request: its time for the network, and its answer's coefficients.
template <class Solver>
__device__ inline void plan(const Resident& run, int64_t i, uint32_t progress) {
  const Slot& slot = run.slot[i];
  Pending& pending = run.pending[i];
  pending.stage = slot.stage;
  pending.progress = progress;
  if (slot.stage == stage_done) return;
  pending.coefficients =
      slot.stage == stage_denoise ? Denoise::coefficients(run.problem) : Solver::coefficients(slot, run.problem);
  ScheduleAt at{};
  if (needs_schedule(run.problem.time_input)) at = schedule_at(run.problem.schedule, slot.request_t);
  run.time[i] = static_cast<float>(time_for_network(run.problem.time_input, slot.request_t, at));
}

// Puts sample `position` into the slot; its rows are made by `aftermath`.
template <class Solver>
__device__ inline void admit(const Resident& run, int64_t i, uint64_t position, Verdict& verdict) {
  if (position >= run.count) return;
  Slot& slot = run.slot[i];
  slot.position = position;
  slot.sample = run.first + position;
  begin<Solver>(slot, run.problem);
  verdict.begin = 1;
}

// After the norm of the request's stage.
template <class Solver>
__device__ inline void settle(const Resident& run, int64_t i, bool decides, double error) {
  Slot& slot = run.slot[i];
  const uint32_t before = run.pending[i].progress;
  Verdict verdict{};
  verdict.deliver = -1;
  conclude<Solver>(slot, error, run.problem);
  verdict.accepted = decides && keeps<Solver>(error);
  uint32_t now = 0;
  if (slot.stage == stage_done) {
    const uint64_t entry = add_to(run.counters->finished, 1) % run.ring_rows;
    run.finished[entry] = {slot.position, slot.evaluations, slot.accepted, slot.rejected,
                           static_cast<uint32_t>(slot.status)};
    verdict.deliver = static_cast<int64_t>(entry);
    // What is left of it counts as done: the next sample in the slot begins at 0.
    add_to(run.counters->progress, whole_sample - before);
    admit<Solver>(run, i, add_to(run.counters->next, 1), verdict);
  } else {
    now = progress_of(slot, run.problem);
    add_to(run.counters->progress, now - before);
    if (decides && verdict.accepted == 0) {
      if constexpr (requires { Solver::reject_access; }) {
        verdict.rejected = 1;
        verdict.shorter = Solver::reject_coefficients(slot, run.problem);
      }
    }
  }
  run.verdict[i] = verdict;
  plan<Solver>(run, i, now);
}

// Called once by every block of a pass's last kernel, by its first thread, after all it did. The last one tells the
// host.
__device__ inline void end_block(const Resident& run) {
  Counters& counters = *run.counters;
  __threadfence();
  if (atomicAdd(&counters.blocks_done, 1u) != gridDim.x - 1) return;
  __threadfence();
  const unsigned long long now = device_clock();
  counters.blocks_done = 0;
  counters.network_ns += counters.started - counters.ended;
  counters.ended = now;
  const unsigned long long pass = ++counters.passes;
  // By atomics of other blocks, so not from the first-level cache. The host reads it after the kernel's end.
  run.published[pass % published_passes] = {__ldcg(&counters.finished), __ldcg(&counters.progress),
                                            counters.network_ns};
}

}  // namespace fast_sde::cuda
