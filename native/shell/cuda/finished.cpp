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
      samples_(rows_) {}

FinishedSamples::~FinishedSamples() {
  cudaStreamSynchronize(stream_.get());  // before the memory goes
}

bool FinishedSamples::move(uint64_t finished, cudaEvent_t pass) {
  const int64_t n = resident_.problem.elements;
  bool moved = false;
  if (on_the_way_ > 0) {
    if (!arrived_.reached()) return false;
    const uint64_t count = std::exchange(on_the_way_, 0);
    for (uint64_t k = 0; k < count; ++k) {
      options_.finished(options_.sink, samples_.data() + k, x_.data() + static_cast<int64_t>(k) * n);
    }
    handed_over_ += count;
    moved = true;
  }
  if (finished == handed_over_) return moved;
  const uint64_t entry = handed_over_ % resident_.ring_rows;
  const uint64_t count = std::min({finished - handed_over_, static_cast<uint64_t>(rows_), resident_.ring_rows - entry});
  check(cudaStreamWaitEvent(stream_.get(), pass, 0), "waiting for a pass");
  check(cudaMemcpyAsync(x_.data(), resident_.ring + static_cast<int64_t>(entry) * n, count * n * sizeof(float),
                        cudaMemcpyDeviceToHost, stream_.get()),
        "copying samples");
  check(cudaMemcpyAsync(samples_.data(), resident_.finished + entry, count * sizeof(fast_sde_sample),
                        cudaMemcpyDeviceToHost, stream_.get()),
        "copying samples' figures");
  arrived_.record(stream_.get());
  on_the_way_ = count;
  return true;
}

void FinishedSamples::drain(uint64_t finished, cudaEvent_t pass) {
  while (handed_over_ < finished) {
    move(finished, pass);
    check(cudaStreamSynchronize(stream_.get()), "copying samples");
  }
}

}  // namespace fast_sde::cuda
