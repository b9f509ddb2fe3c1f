#include "coefficients.hpp"

#include <algorithm>

namespace fast_sde::node {
namespace {

class CallbackCoefficient final : public OutsideFunction {
 public:
  CallbackCoefficient(Coefficients::Ask ask, Coefficient which, int states, int outputs)
      : ask_(std::move(ask)), which_(which), states_(states), outputs_(outputs) {}
  void answer(const OutsidePoints& points, double* out) override { ask_({which_, points, states_, outputs_}, out); }

 private:
  const Coefficients::Ask ask_;
  const Coefficient which_;
  const int states_, outputs_;
};

// forward(x [rows, states], t [rows]) in float32.
class ModelCoefficient final : public OutsideFunction {
 public:
  ModelCoefficient(std::shared_ptr<ScoreModel> model, int64_t states, int64_t columns, int network_threads)
      : model_(std::move(model)), states_(states), outputs_(states * std::max<int64_t>(columns, 1)) {
    SessionOptions options;
    options.shape = &states_;
    options.rank = 1;
    options.elements = states;
    options.columns = columns;
    options.network_threads = network_threads;
    session_ = model_->open(options);
  }

  void answer(const OutsidePoints& points, double* out) override {
    x_.assign(points.x, points.x + points.rows * states_);
    t_.assign(points.t, points.t + points.rows);
    answers_.resize(static_cast<size_t>(points.rows * outputs_));
    ScoreBatch batch;
    batch.rows = points.rows;
    batch.elements = states_;
    batch.x = x_.data();
    batch.time = t_.data();
    batch.time64 = points.t;
    batch.positions = points.positions;
    session_->evaluate(batch, answers_.data());
    std::copy(answers_.begin(), answers_.end(), out);
  }

 private:
  const std::shared_ptr<ScoreModel> model_;
  const int64_t states_, outputs_;
  std::unique_ptr<ScoreSession> session_;
  std::vector<float> x_, t_, answers_;
};

}  // namespace

Coefficients::Coefficients(const OutsideSpec& spec, paths::Equations& equations, Ask ask) {
  auto add = [&](Coefficient which, std::shared_ptr<ScoreModel> model, int64_t columns, int outputs) {
    const bool is_drift = which == Coefficient::drift;
    if (model == nullptr) {
      functions_.push_back(std::make_unique<CallbackCoefficient>(ask, which, equations.states, outputs));
    } else {
      functions_.push_back(
          std::make_unique<ModelCoefficient>(std::move(model), equations.states, columns, spec.network_threads));
    }
    OutsideFunction* function = functions_.back().get();
    if (!spec.backwards_from) return function;
    functions_.push_back(std::make_unique<OutsideBackwards>(*function, *spec.backwards_from, is_drift, outputs));
    return functions_.back().get();
  };
  if (spec.drift) {
    equations.drift.outside = add(Coefficient::drift, spec.drift_model, 0, equations.drift.outputs);
  }
  if (spec.diffusion) {
    equations.diffusion.outside =
        add(Coefficient::diffusion, spec.diffusion_model, spec.columns, equations.diffusion.outputs);
  }
}

}  // namespace fast_sde::node
