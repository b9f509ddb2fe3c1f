// A TorchScript module as a score, by way of the LibTorch plugin's C table.
#pragma once

#include <atomic>
#include <string>

#include "../contract/plugin_abi.h"
#include "../score/score_model.hpp"

namespace fast_sde {

struct TorchModelOptions {
  std::string path;
  std::string device = "cpu";
  fast_sde_dtype dtype = FAST_SDE_FLOAT32;
  fast_sde_layout layout = FAST_SDE_LAYOUT_AUTO;
  bool freeze = true;  // inline the weights
};

class TorchScore final : public ScoreModel {
 public:
  // Loads the module: slow. Throws Error (ERR_SDE_MODEL_*, ERR_SDE_OUT_OF_MEMORY, ERR_SDE_CUDA_UNAVAILABLE).
  TorchScore(const fast_sde_torch_api& api, const TorchModelOptions& options);
  ~TorchScore() override;
  TorchScore(const TorchScore&) = delete;
  TorchScore& operator=(const TorchScore&) = delete;

  std::unique_ptr<ScoreSession> open(const SessionOptions& options) override;
  fast_sde_status evaluate(const fast_sde_model_call& call, fast_sde_error& error);

  const std::string& device() const { return device_; }  // "cpu", "cuda:0"
  // For a job on the model's device; good as long as this.
  fast_sde_device_score device_score();

 private:
  const fast_sde_torch_api& api_;
  const std::string device_;
  fast_sde_model* model_ = nullptr;
  std::atomic<bool> evaluated_ = false;
};

}  // namespace fast_sde
