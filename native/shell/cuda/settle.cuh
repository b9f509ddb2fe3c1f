// What one thread does for a slot between two requests: the decision, the finished sample's figures, the next sample,
// and what the next pass has to know. The decisions themselves are the engine's (engine/life.hpp).
#pragma once

#include "../../engine/life.hpp"
#include "../../engine/progress.hpp"
#include "platform.cuh"
#include "resident.hpp"

namespace fast_sde::cuda {

// The slot's next request: its time for the network, and the coefficients that its answer will be taken with.
template <class Solver>
__device__ inline void plan(const Resident& run, int64_t i, uint32_t progress) {
  const Slot& slot = run.slot[i];
  Pending& pending = run.pending[i];
  pending.stage = slot.stage;
  pending.progress = progress;
  if (slot.stage == stage_done) return;
  if (slot.stage == stage_denoise) {
    pending.step.set(Denoise::before(run.problem));
  } else {
    pending.step.set(Solver::before(slot, run.problem));
  }
  ScheduleAt at{};
  if (needs_schedule(run.problem.time_input)) at = schedule_at(run.problem.schedule, slot.request_t);
  run.time[i] = static_cast<float>(time_for_network(run.problem.time_input, slot.request_t, at));
}

// After the sums of the request's stage.
template <class Solver>
__device__ inline void settle(const Resident& run, int64_t i, const Sums& sums) {
  Slot& slot = run.slot[i];
  const uint32_t before = run.pending[i].progress;
  Aftermath then{};
  then.deliver = -1;
  StepRecord record{};
  then.verdict = conclude<Solver>(slot, sums, run.problem, record);
  if (then.verdict != Verdict::go_on && run.steps != nullptr) {
    run.steps[atomicAdd(&run.counters->steps, 1ull) % run.ring_steps] = record;
  }
  if (then.verdict == Verdict::reject && slot.stage == stage_done) then.verdict = Verdict::go_on;
  if constexpr (Solver::reject_access.writes != 0 || !Solver::accepts_without_step) {
    if (then.verdict == Verdict::reject || (then.verdict == Verdict::accept && !Solver::accepts_without_step)) {
      then.step.set(Solver::after(slot, run.problem));
    }
  }
  uint32_t now = 0;
  if (slot.stage == stage_done) {
    const uint64_t entry = atomicAdd(&run.counters->finished, 1ull) % run.ring_rows;
    run.finished[entry] = stats_of(slot);
    then.deliver = static_cast<int64_t>(entry);
    // What is left of it counts as done: the next sample in the slot begins at 0.
    atomicAdd(&run.counters->progress, static_cast<unsigned long long>(whole_sample - before));
    then.begin = admit<Solver>(slot, atomicAdd(&run.counters->next, 1ull), run.first, run.count, run.problem);
  } else {
    now = static_cast<uint32_t>(share_done(slot, run.problem) * whole_sample);
    atomicAdd(&run.counters->progress, static_cast<unsigned long long>(now - before));
  }
  run.aftermath[i] = then;
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
  run.published[pass % published_passes] = {__ldcg(&counters.finished), __ldcg(&counters.progress), counters.network_ns,
                                            __ldcg(&counters.steps)};
}

}  // namespace fast_sde::cuda
