// What LibTorch throws, read for a status and a message.
#pragma once

#include <c10/util/Exception.h>

#include <string>

#include "../contract/fence.hpp"

namespace fast_sde {

// TorchScript's interpreter wraps an operator's error into a traceback of the module's code and appends the error
// itself as the last "…Error: …". The cause is what the caller needs first, and the buffer is short.
inline std::string cause(const std::string& what) {
  const std::string wrapper = "The following operation failed in the TorchScript interpreter.";
  if (what.rfind(wrapper, 0) != 0) return what;
  size_t start = what.rfind("\nRuntimeError: ");
  if (start == std::string::npos) start = what.rfind("Error: ");
  if (start == std::string::npos) return what;
  start = what.find(": ", start) + 2;
  return what.substr(start) + "\n" + what.substr(wrapper.size() + 1, start);
}

// How the allocator of activations.cpp begins its complaint.
constexpr const char* out_of_memory = "no memory for a tensor of ";

// Only the words tell: most allocators throw an ordinary Error, and TorchScript makes a runtime_error of any.
inline bool is_out_of_memory(const std::string& what) {
  static constexpr const char* words[] = {
      out_of_memory,
      "DefaultCPUAllocator: can't allocate memory",
      "DefaultCPUAllocator: not enough memory",
      "CUDA out of memory",         // LibTorch's allocator
      "CUDA error: out of memory",  // the runtime
      "CUDA driver error: out of memory",
      "CUDA_ERROR_OUT_OF_MEMORY",
      "CUBLAS_STATUS_ALLOC_FAILED",
      "CUDNN_STATUS_ALLOC_FAILED",
      "CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED",
      "CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED",
      "CUSOLVER_STATUS_ALLOC_FAILED",
      "CUFFT_ALLOC_FAILED",
  };
  for (const char* word : words) {
    if (what.find(word) != std::string::npos) return true;
  }
  return false;
}

inline std::string first_line(const std::string& what) { return what.substr(0, what.find('\n')); }

// A failure as the plugin tells of it.
inline Report torch_report(const std::exception& failure, fast_sde_status otherwise) {
  const auto* torch = dynamic_cast<const c10::Error*>(&failure);
  const std::string what = torch != nullptr ? torch->what_without_backtrace() : failure.what();
  return {is_out_of_memory(what) ? FAST_SDE_OUT_OF_MEMORY : otherwise, cause(what)};
}

}  // namespace fast_sde
