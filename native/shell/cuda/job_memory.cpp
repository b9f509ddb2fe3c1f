#include "job_memory.hpp"

#include <cstring>

#include "kernels.hpp"

namespace fast_sde::cuda {

JobMemory::JobMemory(const fast_sde_cuda_run& options, int64_t slots, int64_t ring_rows, int64_t ring_steps,
                     cudaStream_t stream) {
  resident_.problem = *static_cast<const Problem*>(options.problem);
  const int64_t n = resident_.problem.elements;
  resident_.first = options.first;
  resident_.count = options.count;
  resident_.slots = slots;
  resident_.chunks = reduce_chunks(n);
  const SolverLaunches& solver = launches_of(resident_.problem.solver);
  resident_.extras = solver.facts.extras;
  resident_.state_is_request = solver.facts.state_is_request;
  take_schedule(stream);
  take_slots(solver.sums, stream);
  take_inputs(options, stream);
  ring_ = DeviceArray<float>(ring_rows * n, stream);
  finished_ = DeviceArray<SampleStats>(ring_rows, stream);
  resident_.ring = ring_.data();
  resident_.finished = finished_.data();
  resident_.ring_rows = static_cast<uint64_t>(ring_rows);
  steps_ = DeviceArray<StepRecord>(ring_steps, stream);
  resident_.steps = steps_.data();
  resident_.ring_steps = static_cast<uint64_t>(ring_steps);
}

void JobMemory::take_schedule(cudaStream_t stream) {
  Plan& plan = resident_.problem.plan;
  evaluations_ = to_device(plan.evaluations, plan.count, stream);
  plan.evaluations = evaluations_.data();
  Schedule& schedule = resident_.problem.schedule;
  if (schedule.kind != ScheduleKind::table) return;
  edges_ = to_device(schedule.edges, schedule.pieces + 1, stream);
  cubics_ = to_device(schedule.cubics, 16 * static_cast<int64_t>(schedule.pieces), stream);
  schedule.edges = edges_.data();
  schedule.cubics = cubics_.data();
}

void JobMemory::take_slots(int plain_sums, cudaStream_t stream) {
  Resident& r = resident_;
  const int64_t n = r.problem.elements, slots = r.slots;
  slot_ = DeviceArray<Slot>(slots, stream);
  pending_ = DeviceArray<Pending>(slots, stream);
  aftermath_ = DeviceArray<Aftermath>(slots, stream);
  room_ = DeviceArray<NoiseRoom>(slots, stream);
  x_ = DeviceArray<float>(r.state_is_request ? 0 : slots * n, stream);
  request_ = DeviceArray<float>(slots * n, stream);
  answer_ = DeviceArray<float>(slots * n, stream);
  extra_ = DeviceArray<float>(r.extras * slots * n, stream);
  time_ = DeviceArray<float>(slots, stream);
  partial_ = DeviceArray<double>((1 + plain_sums) * slots * r.chunks, stream);
  chunks_done_ = DeviceArray<unsigned>(slots, stream);
  counters_ = DeviceArray<Counters>(1, stream);
  move_lists_ = DeviceArray<int64_t>(2 * slots + 2, stream);
  r.slot = slot_.data();
  r.pending = pending_.data();
  r.aftermath = aftermath_.data();
  r.room = room_.data();
  r.x = x_.data();
  r.request = request_.data();
  r.answer = answer_.data();
  r.extra = extra_.data();
  r.time = time_.data();
  r.partial = partial_.data();
  r.chunks_done = chunks_done_.data();
  r.counters = counters_.data();
  r.published = published_.data();
  moves_ = {move_lists_.data(), move_lists_.data() + slots, move_lists_.data() + 2 * slots};
}

void JobMemory::take_inputs(const fast_sde_cuda_run& options, cudaStream_t stream) {
  Resident& r = resident_;
  const int64_t n = r.problem.elements, count = static_cast<int64_t>(options.count);
  initial_ = to_device(options.initial, count * n, stream);
  r.initial = initial_.data();
  if (options.condition.values != nullptr) {
    r.condition_width = options.condition.width;
    conditions_ = to_device(static_cast<const uint32_t*>(options.condition.values), count * r.condition_width, stream);
    condition_ = DeviceArray<uint32_t>(r.slots * r.condition_width, stream);
    unconditional_ =
        to_device(static_cast<const uint32_t*>(options.condition.unconditional), r.condition_width, stream);
    r.conditions = conditions_.data();
    r.condition = condition_.data();
  }
  if (options.mixture == nullptr) return;
  const fast_sde_mixture& mixture = *options.mixture;
  const int64_t components = mixture.components;
  log_weights_ = to_device(mixture.log_weights, components, stream);
  means_ = to_device(mixture.means, components * n, stream);
  variances_ = to_device(mixture.variances, components, stream);
  shares_ = DeviceArray<double>(r.slots * components, stream);
  mixture_ = {components, log_weights_.data(), means_.data(), variances_.data(), shares_.data()};
}

}  // namespace fast_sde::cuda
