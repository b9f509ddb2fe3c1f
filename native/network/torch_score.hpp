// A TorchScript module as a score, by way of the LibTorch plugin's C table.
#pragma once

#include <array>
#include <atomic>
#include <string>

#include "../contract/plugin_abi.h"
#include "../score/score_model.hpp"

namespace fast_sde {

struct TorchModelOptions {
  std::string path;             // for messages
  const void* bytes = nullptr;  // of the file; needed while it loads
  uint64_t size = 0;
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

  int64_t memory() const override { return static_cast<int64_t>(api_.memory(model_)); }

  const std::string& device() const { return device_; }  // "cpu", "cuda:0"
  // For a job on the model's device, in a fast_sde_layout; good as long as this.
  fast_sde_device_score device_score(int layout);

  // How the module was exported; see contract/plugin_abi.h.
  fast_sde_model_facts describe() const;

  // One call with all its pointers in host memory, outside of any job. Slow; throws as a session's evaluate does.
  void ask(const fast_sde_model_call& call);

  // float64 and half weights become float32.
  void unify();

  // Lets go of the weights in the other layout.
  void keep(fast_sde_layout layout);

 private:
  // What a device's shell holds of us: it knows nothing of layouts.
  struct Placed {
    TorchScore* score;
    int32_t layout;
  };

  const fast_sde_torch_api& api_;
  const std::string device_;
  fast_sde_model* model_ = nullptr;
  std::atomic<bool> evaluated_ = false;
  std::array<Placed, 3> placed_{
      {{this, FAST_SDE_LAYOUT_AUTO}, {this, FAST_SDE_CONTIGUOUS}, {this, FAST_SDE_CHANNELS_LAST}}};
};

}  // namespace fast_sde
