#include "mixture_score.hpp"

#include "../../core/math.hpp"
#include "dispatch.hpp"
#include "thread_pool.hpp"

namespace fast_sde {

namespace {

class MixtureSession final : public ScoreSession {
 public:
  MixtureSession(const Mixture& mixture, int64_t max_rows, int threads)
      : mixture_(mixture), threads_(threads), shares_(max_rows * mixture.components) {}

  void evaluate(const ScoreBatch& batch, float* answers) override {
    const cpu::Kernels& kernels = cpu::kernels();
    cpu::ThreadPool::shared().parallel_for(batch.rows, batch.rows * batch.elements, threads_, [&](int64_t row) {
      kernels.mixture(mixture_, batch.elements, batch.alpha[row], batch.sigma[row], batch.x + row * batch.elements,
                      answers + row * batch.elements, shares_.data() + row * mixture_.components);
    });
  }

 private:
  const Mixture& mixture_;
  int threads_;
  std::vector<double> shares_;  // scratch, [rows, components]
};

}  // namespace

MixtureScore::MixtureScore(std::vector<double> weights, std::vector<float> means, std::vector<double> variances)
    : log_weights_(std::move(weights)), means_(std::move(means)), variances_(std::move(variances)) {
  for (double& weight : log_weights_) weight = natural_log(weight);
  data_ = {static_cast<int64_t>(log_weights_.size()), log_weights_.data(), means_.data(), variances_.data()};
}

std::unique_ptr<ScoreSession> MixtureScore::open(const SessionOptions& options) {
  if (options.elements != elements()) {
    throw Error(error_code::invalid_shape, "the mixture's means have " + std::to_string(elements()) +
                                               " numbers, a sample has " + std::to_string(options.elements));
  }
  return std::make_unique<MixtureSession>(data_, options.max_rows, options.threads);
}

}  // namespace fast_sde
