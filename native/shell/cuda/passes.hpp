// Enqueues a job's passes: the score for every row, then the solver's kernel. A network and the kernel after it are
// recorded as one CUDA graph where the network allows it, since a small network is many short kernels.
#pragma once

#include <map>
#include <string>

#include "job_memory.hpp"
#include "kernels.hpp"

namespace fast_sde::cuda {

class Passes {
 public:
  // `options` and `memory` outlive this.
  Passes(const fast_sde_cuda_run& options, const JobMemory& memory, cudaStream_t stream);
  ~Passes();  // nothing may be pending any more
  Passes(const Passes&) = delete;
  Passes& operator=(const Passes&) = delete;

  // Runs a network once for `rows` rows, its answers unused: the first call of a size is slow, and cannot be recorded.
  void warm_up(int64_t rows);

  // Fills the slots with the first samples.
  void begin();

  // The score of the first `rows` slots, and the pass over them.
  void enqueue(int64_t rows);

  uint64_t calls() const { return calls_; }  // of the score
  uint64_t rows() const { return rows_; }    // evaluated in them
  bool recorded() const { return recorded_; }
  const std::string& refusal() const { return refusal_; }  // why nothing was recorded

 private:
  struct Size {
    int evaluated = 0;  // eagerly
    fast_sde_graph* graph = nullptr;
  };

  bool worth_recording(int64_t rows, const Size& size) const;

  fast_sde_model_call call_for(int64_t rows) const;
  void evaluate(int64_t rows);
  void record(int64_t rows, Size& size);
  void count(int64_t rows);
  void launch(int64_t rows) const;

  const fast_sde_cuda_run& options_;
  const JobMemory& memory_;
  const SolverLaunches& solver_;
  const bool clusters_;
  const cudaStream_t stream_;
  std::map<int64_t, Size> sizes_;  // by rows
  uint64_t calls_ = 0, rows_ = 0;
  bool recorded_ = false;
  int refused_ = 0;  // recordings
  std::string refusal_;
};

}  // namespace fast_sde::cuda
