#include "mixture_score.hpp"

#include <algorithm>

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
    : MixtureScore(std::move(weights), means.size(), std::move(variances)) {
  add_means(means.data(), means.size());
}

MixtureScore::MixtureScore(std::vector<double> weights, size_t mean_count, std::vector<double> variances)
    : log_weights_(std::move(weights)), mean_count_(mean_count), variances_(std::move(variances)) {
  for (double& weight : log_weights_) weight = natural_log(weight);
  means_.reserve(mean_count);  // so that they stay where they are
  data_ = {static_cast<int64_t>(log_weights_.size()), log_weights_.data(), means_.data(), variances_.data()};
}

void MixtureScore::add_means(const float* some, size_t count) {
  means_.insert(means_.end(), some, some + std::min(count, mean_count_ - means_.size()));
}

std::unique_ptr<ScoreSession> MixtureScore::open(const SessionOptions& options) {
  if (!complete()) throw Error(error_code::invalid_option, "some of the mixture's means are not there yet");
  if (options.elements != elements()) {
    throw Error(error_code::invalid_shape, "the mixture's means have " + std::to_string(elements()) +
                                               " numbers, a sample has " + std::to_string(options.elements));
  }
  return std::make_unique<MixtureSession>(data_, options.max_rows, options.threads);
}

}  // namespace fast_sde
