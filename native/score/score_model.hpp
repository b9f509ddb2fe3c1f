// Who answers requests. The engine knows no more of a score than this.
#pragma once

#include <cstdint>
#include <memory>

#include "../contract/error.hpp"
#include "mixture.hpp"

namespace fast_sde {

// One call: row r of x is the request of the sample at positions[r], at time[r].
struct ScoreBatch {
  int64_t rows = 0;
  int64_t elements = 0;                 // of one row
  const float* x = nullptr;             // [rows, elements]
  const float* time = nullptr;          // [rows], in the model's own time input, float32
  const double* time64 = nullptr;       // [rows], the model's time input in float64
  const double* alpha = nullptr;        // [rows], of the schedule at t
  const double* sigma = nullptr;        // [rows]
  const uint64_t* positions = nullptr;  // [rows], of the samples in the job: 0 … count − 1; padding rows repeat one
};

// What one job needs to know to be answered. Pointers outlive the session.
struct SessionOptions {
  const int64_t* shape = nullptr;  // of one sample
  int rank = 0;
  int64_t elements = 0;
  int64_t columns = 0;  // of a network's answer [rows, …shape, columns]; 0: it has the shape of x
  int64_t max_rows = 0;
  int threads = 0;          // for scores computed here; 0 is one a core
  int network_threads = 0;  // for a network on a CPU; 0 is LibTorch's own choice
  fast_sde_condition condition{FAST_SDE_NO_CONDITION, 1, 0, nullptr, nullptr};  // a row for each sample of the job
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
  // The mixture whose exact score this is, if it is one: a device computes it itself.
  virtual const Mixture* mixture() const { return nullptr; }
};

}  // namespace fast_sde
