// No exception crosses the plugin's border: what LibTorch throws becomes a status and a message.
#pragma once

#include <c10/util/Exception.h>

#include <cstdio>
#include <new>
#include <stdexcept>
#include <string>

#include "../contract/plugin_abi.h"

namespace fast_sde {

// A failure whose status is known where it is found.
struct ModelError : std::runtime_error {
  fast_sde_status status;
  ModelError(fast_sde_status status_, const std::string& message) : std::runtime_error(message), status(status_) {}
};

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

inline fast_sde_status report(fast_sde_error* error, fast_sde_status status, const std::string& message) {
  if (error != nullptr) std::snprintf(error->message, sizeof(error->message), "%s", message.c_str());
  return status;
}

// Runs `body`; failures without a status of their own are `otherwise`.
template <class Body>
fast_sde_status fenced(fast_sde_error* error, fast_sde_status otherwise, Body body) noexcept {
  try {
    try {
      body();
      return FAST_SDE_OK;
    } catch (const ModelError& failure) {
      return report(error, failure.status, failure.what());
    } catch (const std::bad_alloc&) {
      return report(error, FAST_SDE_OUT_OF_MEMORY, "out of memory");
    } catch (const c10::Error& failure) {
      const std::string what = failure.what_without_backtrace();
      return report(error, is_out_of_memory(what) ? FAST_SDE_OUT_OF_MEMORY : otherwise, cause(what));
    } catch (const std::exception& failure) {
      const std::string what = failure.what();
      return report(error, is_out_of_memory(what) ? FAST_SDE_OUT_OF_MEMORY : otherwise, cause(what));
    } catch (...) {
      return report(error, otherwise, "an exception of unknown type");
    }
  } catch (...) {  // the message itself found no memory
    return FAST_SDE_OUT_OF_MEMORY;
  }
}

}  // namespace fast_sde
