#include "passes.hpp"

#include "kernels.hpp"

namespace fast_sde::cuda {
namespace {

void check_score(fast_sde_status status, fast_sde_error& error) {
  if (status == FAST_SDE_OK) return;
  error.message[sizeof error.message - 1] = '\0';
  throw StatusError(status, error.message);
}

}  // namespace

Passes::Passes(const fast_sde_cuda_run& options, const JobMemory& memory, cudaStream_t stream)
    : options_(options),
      memory_(memory),
      solver_(launches_of(memory.resident().problem.solver)),
      clusters_(solver_.clusters_serve(memory.resident())),
      stream_(stream) {}

Passes::~Passes() {
  for (auto& [rows, size] : sizes_) {
    if (size.graph != nullptr) options_.score->drop(options_.score->self, size.graph);
  }
}

fast_sde_model_call Passes::call_for(int64_t rows) const {
  const Resident& resident = memory_.resident();
  fast_sde_model_call call{};
  call.rows = rows;
  call.shape = options_.shape;
  call.rank = options_.rank;
  call.x = resident.request;
  call.time = resident.time;
  call.out = resident.answer;
  if (resident.condition != nullptr) {
    call.condition = options_.condition;
    call.condition.values = resident.condition;
    call.condition.unconditional = memory_.unconditional();
  }
  call.stream = stream_;
  return call;
}

void Passes::count(int64_t rows) {
  ++calls_;
  rows_ += static_cast<uint64_t>(memory_.unconditional() != nullptr ? 2 * rows : rows);
}

void Passes::evaluate(int64_t rows) {
  count(rows);
  const fast_sde_model_call call = call_for(rows);
  fast_sde_error error{};
  check_score(options_.score->evaluate(options_.score->self, &call, &error), error);
  ++sizes_[rows].evaluated;
}

void Passes::begin() { solver_.begin(memory_.resident(), stream_); }

void Passes::warm_up(int64_t rows) { evaluate(rows); }

void Passes::launch(int64_t rows) const { solver_.pass(memory_.resident(), rows, clusters_, stream_); }

void Passes::record(int64_t rows, Size& size) {
  struct Context {
    const Passes& passes;
    int64_t rows;
    bool launched;
  } context{*this, rows, false};
  // Called back through C, where nothing may be thrown.
  auto then = [](void* given) {
    auto& self = *static_cast<Context*>(given);
    try {
      self.passes.launch(self.rows);
      self.launched = true;
    } catch (const StatusError&) {
      self.launched = false;
    }
  };
  const fast_sde_model_call call = call_for(rows);
  fast_sde_error error{};
  fast_sde_graph* graph = nullptr;
  const fast_sde_status status = options_.score->capture(options_.score->self, &call, then, &context, &graph, &error);
  if (status == FAST_SDE_OK && context.launched) {
    size.graph = graph;
    recorded_ = true;
    refusal_.clear();
    return;
  }
  if (graph != nullptr) options_.score->drop(options_.score->self, graph);
  error.message[sizeof error.message - 1] = '\0';
  ++refused_;
  refusal_ = status != FAST_SDE_OK ? error.message : "the solver's kernel could not be recorded";
}

// A recording costs as much as several passes: sizes met only when samples run out may not last that long. One refusal
// may be another job's doing, two are the network's.
bool Passes::worth_recording(int64_t rows, const Size& size) const {
  constexpr int tries = 2, passes_of_a_lasting_size = 4;
  const bool full = rows == memory_.resident().slots;
  return refused_ < tries && size.evaluated >= (full ? 1 : passes_of_a_lasting_size);
}

void Passes::enqueue(int64_t rows) {
  if (options_.mixture != nullptr) {
    count(rows);
    launch_mixture(memory_.resident(), memory_.mixture(), rows, stream_);
    launch(rows);
    return;
  }
  Size& size = sizes_[rows];
  if (size.graph == nullptr && worth_recording(rows, size)) record(rows, size);
  if (size.graph == nullptr) {
    evaluate(rows);
    launch(rows);
    return;
  }
  count(rows);
  fast_sde_error error{};
  check_score(options_.score->replay(options_.score->self, size.graph, stream_, &error), error);
}

}  // namespace fast_sde::cuda
