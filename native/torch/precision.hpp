// How exactly CUDA's libraries multiply float32 numbers.
#pragma once

#include <c10/core/Device.h>

namespace fast_sde {

// Until it ends, float32 products of calls that this thread enqueues are exact to float32 (tf32 false) or may round
// their factors to 10 bits (tf32 true). On a CPU nothing happens.
//
// LibTorch's switches are the process's: its thread-local guard (NoTF32Guard) reaches cuBLAS but not cuDNN, whose
// convolutions are in TF32 by default. So calls of one precision run side by side, and those of the other wait until
// these have been enqueued.
class PrecisionScope {
 public:
  PrecisionScope(c10::Device device, bool tf32);
  ~PrecisionScope();
  PrecisionScope(const PrecisionScope&) = delete;
  PrecisionScope& operator=(const PrecisionScope&) = delete;

 private:
  const bool entered_;
};

}  // namespace fast_sde
