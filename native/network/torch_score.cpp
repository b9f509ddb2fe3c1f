#include "torch_score.hpp"

#include <cstring>
#include <vector>

#include "../plugin/at_exit.hpp"
#include "../plugin/status.hpp"

namespace fast_sde {
namespace {

class TorchSession final : public ScoreSession {
 public:
  TorchSession(TorchScore& score, const SessionOptions& options)
      : score_(score), row_bytes_(static_cast<size_t>(options.condition.width) * condition_size) {
    call_.shape = options.shape;
    call_.rank = options.rank;
    call_.columns = options.columns;
    call_.layout = options.layout;
    call_.threads = options.network_threads;
    if (options.condition.values == nullptr) return;
    table_ = static_cast<const std::byte*>(options.condition.values);
    gathered_.resize(static_cast<size_t>(options.max_rows) * row_bytes_);
    call_.condition = options.condition;
    call_.condition.values = gathered_.data();
  }

  void evaluate(const ScoreBatch& batch, float* answers) override {
    call_.rows = batch.rows;
    call_.x = batch.x;
    call_.time = batch.time;
    call_.out = answers;
    if (table_ != nullptr) {
      for (size_t row = 0; row < static_cast<size_t>(batch.rows); ++row) {
        std::memcpy(gathered_.data() + row * row_bytes_, table_ + batch.positions[row] * row_bytes_, row_bytes_);
      }
    }
    fast_sde_error error{};
    check(score_.evaluate(call_, error), error);
  }

  int64_t rows_per_request() const override { return call_.condition.unconditional != nullptr ? 2 : 1; }

 private:
  static constexpr size_t condition_size = 4;  // float and int32 alike

  TorchScore& score_;
  const size_t row_bytes_;
  const std::byte* table_ = nullptr;  // the job's conditions, [count, width]
  std::vector<std::byte> gathered_;   // those of the rows of one call
  fast_sde_model_call call_{};
};

}  // namespace

TorchScore::TorchScore(const fast_sde_torch_api& api, const TorchModelOptions& options)
    : api_(api), device_(options.device) {
  fast_sde_model_options native{};
  native.path = options.path.c_str();
  native.device = options.device.c_str();
  native.dtype = options.dtype;
  native.layout = options.layout;
  native.freeze = options.freeze ? 1 : 0;
  native.bytes = options.bytes;
  native.size = options.size;
  fast_sde_error error{};
  const fast_sde_status status = api_.load(&native, &model_, &error);
  Unfinished::end_all_at_exit();
  check(status, error);
}

TorchScore::~TorchScore() { api_.release(model_); }

fast_sde_status TorchScore::evaluate(const fast_sde_model_call& call, fast_sde_error& error) {
  const fast_sde_status status = api_.evaluate(model_, &call, &error);
  if (!evaluated_.exchange(true)) Unfinished::end_all_at_exit();
  return status;
}

fast_sde_device_score TorchScore::device_score(int layout) {
  fast_sde_device_score score{};
  score.self = &placed_[static_cast<size_t>(layout)];
  score.evaluate = [](void* given, const fast_sde_model_call* call, fast_sde_error* error) {
    const auto& [self, layout] = *static_cast<Placed*>(given);
    fast_sde_model_call placed = *call;
    placed.layout = layout;
    return self->evaluate(placed, *error);
  };
  score.capture = [](void* given, const fast_sde_model_call* call, void (*then)(void*), void* context,
                     fast_sde_graph** graph, fast_sde_error* error) {
    const auto& [self, layout] = *static_cast<Placed*>(given);
    fast_sde_model_call placed = *call;
    placed.layout = layout;
    return self->api_.capture(self->model_, &placed, then, context, graph, error);
  };
  score.replay = [](void* given, fast_sde_graph* graph, void* stream, fast_sde_error* error) {
    return static_cast<Placed*>(given)->score->api_.replay(graph, stream, error);
  };
  score.drop = [](void* given, fast_sde_graph* graph) { static_cast<Placed*>(given)->score->api_.drop(graph); };
  score.release_memory = [](void* given) { static_cast<Placed*>(given)->score->api_.release_memory(); };
  return score;
}

fast_sde_model_facts TorchScore::describe() const {
  fast_sde_model_facts facts{};
  fast_sde_error error{};
  check(api_.describe(model_, &facts, &error), error);
  return facts;
}

void TorchScore::ask(const fast_sde_model_call& call) {
  fast_sde_error error{};
  const fast_sde_status status = api_.ask(model_, &call, &error);
  if (!evaluated_.exchange(true)) Unfinished::end_all_at_exit();
  check(status, error);
}

void TorchScore::unify() {
  fast_sde_error error{};
  check(api_.unify(model_, &error), error);
}

void TorchScore::keep(fast_sde_layout layout) {
  fast_sde_error error{};
  check(api_.keep(model_, layout, &error), error);
}

std::unique_ptr<ScoreSession> TorchScore::open(const SessionOptions& options) {
  return std::make_unique<TorchSession>(*this, options);
}

}  // namespace fast_sde
