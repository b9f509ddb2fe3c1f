#include "device_run.hpp"

#include <chrono>
#include <exception>

#include "../network/torch_score.hpp"
#include "../plugin/status.hpp"

namespace fast_sde {
namespace {

Totals totals_of(const fast_sde_totals& from) {
  Totals totals;
  totals.network_calls = from.network_calls;
  totals.network_rows = from.network_rows;
  totals.score_ms = from.network_ms;
  if (from.graph >= 0) totals.graph = from.graph == 1 ? Totals::Graph::captured : Totals::Graph::refused;
  totals.graph_refusal = from.graph_reason;
  return totals;
}

// The sink behind a C border, over which nothing may be thrown: what it throws waits here, and stops the job.
struct Border {
  Sink& sink;
  const std::atomic<bool>& stop;
  std::exception_ptr thrown;

  template <class Body>
  void guard(Body body) {
    if (thrown) return;
    try {
      body();
    } catch (...) {
      thrown = std::current_exception();
    }
  }

  static void finished(void* self, const fast_sde_sample* sample, const float* x) {
    auto& border = *static_cast<Border*>(self);
    border.guard([&] { border.sink.finished(*sample, x); });
  }
  static void steps(void* self, const fast_sde_step* steps, int64_t count) {
    auto& border = *static_cast<Border*>(self);
    border.guard([&] { border.sink.steps(steps, count); });
  }
  static void progress(void* self, const fast_sde_totals* totals) {
    auto& border = *static_cast<Border*>(self);
    border.guard([&] { border.sink.progress({totals->finished, totals->fraction, totals_of(*totals)}); });
  }
  static int32_t stopped(void* self) {
    const auto& border = *static_cast<const Border*>(self);
    return border.stop || border.thrown ? 1 : 0;
  }
};

}  // namespace

Totals run_on_device(const fast_sde_cuda_api& api, int device, const JobOptions& options, const SessionOptions& session,
                     ScoreModel& score, Sink& sink, const std::atomic<bool>& stop) {
  fast_sde_device_score network{};
  fast_sde_cuda_run job{};
  job.mixture = score.mixture();
  if (job.mixture != nullptr) {
    // The device computes it by itself.
  } else if (auto* torch = dynamic_cast<TorchScore*>(&score)) {
    const std::string name = "cuda:" + std::to_string(device);
    if (torch->device() != name) {
      throw Error(error_code::invalid_option, "the model lies on " + torch->device() + ", the job is for " + name);
    }
    network = torch->device_score(session.layout);
    job.score = &network;
  } else {
    throw Error(error_code::invalid_option, "such a score is not to be had on a device");
  }
  Border border{sink, stop, nullptr};
  job.device = device;
  job.problem = &options.problem;
  job.first = options.first;
  job.count = options.count;
  job.slots = options.batch;
  job.pad_batch = options.pad_batch ? 1 : 0;
  job.shape = session.shape;
  job.rank = session.rank;
  job.initial = options.initial;
  job.condition = session.condition;
  job.sink = &border;
  job.finished = &Border::finished;
  if (options.trajectory) job.steps = &Border::steps;
  job.progress = &Border::progress;
  job.stopped = &Border::stopped;

  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  fast_sde_totals figures{};
  fast_sde_error error{};
  const fast_sde_status status = api.run(&job, &figures, &error);
  if (border.thrown) std::rethrow_exception(border.thrown);
  check(status, error);
  Totals totals = totals_of(figures);
  totals.total_ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  return totals;
}

}  // namespace fast_sde
