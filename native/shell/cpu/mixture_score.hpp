// The exact score of a Gaussian mixture (score/mixture.hpp) as a score, computed by the CPU's kernels.
#pragma once

#include <vector>

#include "../../score/score_model.hpp"

namespace fast_sde {

class MixtureScore final : public ScoreModel {
 public:
  // weights [K] (need not sum to 1), means [K, n], variances [K]; checked by the caller.
  MixtureScore(std::vector<double> weights, std::vector<float> means, std::vector<double> variances);

  // For means that are to come in pieces, by add_means: K n of them. It is complete, and can be opened, with the last.
  MixtureScore(std::vector<double> weights, size_t mean_count, std::vector<double> variances);
  void add_means(const float* some, size_t count);
  bool complete() const { return means_.size() == mean_count_; }
  MixtureScore(const MixtureScore&) = delete;
  MixtureScore& operator=(const MixtureScore&) = delete;
  std::unique_ptr<ScoreSession> open(const SessionOptions& options) override;
  const Mixture* mixture() const override { return complete() ? &data_ : nullptr; }
  int64_t memory() const override {
    return static_cast<int64_t>(mean_count_ * sizeof(float) + 2 * variances_.size() * sizeof(double));
  }

  int64_t components() const { return data_.components; }
  int64_t elements() const { return static_cast<int64_t>(mean_count_) / components(); }

 private:
  std::vector<double> log_weights_;
  size_t mean_count_;
  std::vector<float> means_;
  std::vector<double> variances_;
  Mixture data_;  // views of these
};

}  // namespace fast_sde
