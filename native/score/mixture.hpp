// The exact score of a Gaussian mixture under a schedule: truth for tests, and a stand-in for a network.
//
// Data ~ sum_k w_k N(m_k, v_k I); at time t the law is sum_k w_k N(alpha m_k, (alpha^2 v_k + sigma^2) I).
#pragma once

#include <vector>

#include "score_model.hpp"

namespace fast_sde {

class MixtureScore final : public ScoreModel {
 public:
  // weights [K] (need not sum to 1), means [K, n], variances [K]; checked by the caller.
  MixtureScore(std::vector<double> weights, std::vector<float> means, std::vector<double> variances);
  std::unique_ptr<ScoreSession> open(const SessionOptions& options) override;

  int64_t memory() const override {
    return static_cast<int64_t>(means_.size() * sizeof(float) + 2 * variances_.size() * sizeof(double));
  }

  int64_t components() const { return static_cast<int64_t>(log_weights_.size()); }
  int64_t elements() const { return static_cast<int64_t>(means_.size()) / components(); }
  const std::vector<double>& log_weights() const { return log_weights_; }
  const std::vector<float>& means() const { return means_; }
  const std::vector<double>& variances() const { return variances_; }

 private:
  std::vector<double> log_weights_;
  std::vector<float> means_;
  std::vector<double> variances_;
};

}  // namespace fast_sde
