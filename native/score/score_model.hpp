// Who answers requests. The engine knows no more of a score than this.
#pragma once

#include <cstdint>
#include <memory>

#include "../contract/error.hpp"

namespace fast_sde {

// One call: row r of x is the request of sample samples[r] at time t[r].
struct ScoreBatch {
  int64_t rows = 0;
  int64_t elements = 0;               // of one row
  const float* x = nullptr;           // [rows, elements]
  const float* time = nullptr;        // [rows], in the model's own time input, float32
  const double* t = nullptr;          // [rows], solver time
  const double* time64 = nullptr;     // [rows], the model's time input in float64
  const double* alpha = nullptr;      // [rows], of the schedule at t
  const double* sigma = nullptr;      // [rows]
  const uint64_t* samples = nullptr;  // [rows], position within the job (0 … count − 1); padding rows repeat one
};

// What one job needs to know to be answered. Pointers outlive the session.
struct SessionOptions {
  const int64_t* shape = nullptr;  // of one sample
  int rank = 0;
  int64_t elements = 0;
  int64_t max_rows = 0;
  int threads = 0;          // for scores computed here; 0 is one a core
  int network_threads = 0;  // for a network on a CPU; 0 is LibTorch's own choice
  int condition_type = 0;   // fast_sde_condition_type of contract/plugin_abi.h
  int64_t condition_width = 0;
  const void* condition = nullptr;      // [count, width], row = position within the job
  const void* unconditional = nullptr;  // [width] or null
  float guidance_scale = 1;
  int layout = 0;  // fast_sde_layout of contract/plugin_abi.h, for networks
};

// One job's use of a score: scratch memory lives here, so that one model may serve several jobs at once.
class ScoreSession {
 public:
  virtual ~ScoreSession() = default;
  virtual void evaluate(const ScoreBatch& batch, float* answers) = 0;  // throws Error
  virtual int64_t rows_per_request() const { return 1; }               // 2 under guidance
};

class ScoreModel {
 public:
  virtual ~ScoreModel() = default;
  // Throws Error where the model cannot serve such samples.
  virtual std::unique_ptr<ScoreSession> open(const SessionOptions& options) = 0;
  virtual int64_t memory() const { return 0; }  // bytes held for its life
};

}  // namespace fast_sde
