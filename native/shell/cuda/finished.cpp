#include "finished.hpp"

#include <algorithm>

namespace fast_sde::cuda {
namespace {

constexpr int64_t staging_bytes = int64_t{16} << 20;

int64_t staging_rows(const Resident& resident) {
  const int64_t fitting = staging_bytes / (resident.problem.elements * static_cast<int64_t>(sizeof(float)));
  return std::clamp<int64_t>(fitting, 1, static_cast<int64_t>(resident.ring_rows));
}

}  // namespace

FinishedSamples::FinishedSamples(const fast_sde_cuda_run& options, const Resident& resident, int device)
    : options_(options),
      resident_(resident),
      rows_(staging_rows(resident)),
      stream_(device),
      x_(rows_ * resident.problem.elements),
      samples_(rows_),
      steps_(std::max<int64_t>(1, static_cast<int64_t>(resident.ring_steps))) {}

FinishedSamples::~FinishedSamples() {
  cudaStreamSynchronize(stream_.get());  // before the memory goes
}

bool FinishedSamples::move(const Published& seen, cudaEvent_t pass) {
  const int64_t n = resident_.problem.elements;
  bool moved = false;
  if (on_the_way_ + steps_on_the_way_ > 0) {
    if (!arrived_.reached()) return false;
    const uint64_t steps = std::exchange(steps_on_the_way_, 0), count = std::exchange(on_the_way_, 0);
    if (steps > 0) options_.steps(options_.sink, steps_.data(), static_cast<int64_t>(steps));
    for (uint64_t k = 0; k < count; ++k) {
      options_.finished(options_.sink, samples_.data() + k, x_.data() + static_cast<int64_t>(k) * n);
    }
    steps_handed_over_ += steps;
    handed_over_ += count;
    moved = true;
  }
  if (seen.finished == handed_over_ && seen.steps == steps_handed_over_) return moved;
  check(cudaStreamWaitEvent(stream_.get(), pass, 0), "waiting for a pass");
  ask_for_steps(seen.steps);
  ask_for_samples(seen.finished);
  arrived_.record(stream_.get());
  return true;
}

// All of them: the staging memory is as long as the ring.
void FinishedSamples::ask_for_steps(uint64_t recorded) {
  if (resident_.steps == nullptr) return;
  while (steps_handed_over_ + steps_on_the_way_ < recorded) {
    const uint64_t entry = (steps_handed_over_ + steps_on_the_way_) % resident_.ring_steps;
    const uint64_t count = std::min(recorded - steps_handed_over_ - steps_on_the_way_, resident_.ring_steps - entry);
    check(cudaMemcpyAsync(steps_.data() + steps_on_the_way_, resident_.steps + entry, count * sizeof(StepRecord),
                          cudaMemcpyDeviceToHost, stream_.get()),
          "copying steps");
    steps_on_the_way_ += count;
  }
}

void FinishedSamples::ask_for_samples(uint64_t finished) {
  const int64_t n = resident_.problem.elements;
  const uint64_t entry = handed_over_ % resident_.ring_rows;
  on_the_way_ = std::min({finished - handed_over_, static_cast<uint64_t>(rows_), resident_.ring_rows - entry});
  if (on_the_way_ == 0) return;
  check(cudaMemcpyAsync(x_.data(), resident_.ring + static_cast<int64_t>(entry) * n, on_the_way_ * n * sizeof(float),
                        cudaMemcpyDeviceToHost, stream_.get()),
        "copying samples");
  check(cudaMemcpyAsync(samples_.data(), resident_.finished + entry, on_the_way_ * sizeof(SampleStats),
                        cudaMemcpyDeviceToHost, stream_.get()),
        "copying samples' figures");
}

void FinishedSamples::drain(const Published& seen, cudaEvent_t pass) {
  while (handed_over_ < seen.finished || steps_handed_over_ < seen.steps) {
    move(seen, pass);
    check(cudaStreamSynchronize(stream_.get()), "copying samples");
  }
}

}  // namespace fast_sde::cuda
