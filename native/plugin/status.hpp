// A plugin's status as the error code of src/errors.ts that it stands for.
#pragma once

#include "../score/score_model.hpp"
#include "../contract/plugin_abi.h"

namespace fast_sde {

inline const char* code_of(fast_sde_status status) {
  switch (status) {
    case FAST_SDE_MODEL_NOT_FOUND:
      return "ERR_SDE_MODEL_NOT_FOUND";
    case FAST_SDE_MODEL_INVALID:
      return "ERR_SDE_MODEL_INVALID";
    case FAST_SDE_MODEL_OUTPUT:
      return "ERR_SDE_MODEL_OUTPUT";
    case FAST_SDE_OUT_OF_MEMORY:
      return "ERR_SDE_OUT_OF_MEMORY";
    case FAST_SDE_DEVICE_UNAVAILABLE:
      return "ERR_SDE_CUDA_UNAVAILABLE";
    case FAST_SDE_INTERNAL:
      return "ERR_SDE_INTERNAL";
    default:
      return "ERR_SDE_MODEL_FAILED";
  }
}

// Throws ScoreError where the call that filled `error` did not succeed.
inline void check(fast_sde_status status, fast_sde_error& error) {
  if (status == FAST_SDE_OK) return;
  error.message[sizeof error.message - 1] = '\0';
  throw ScoreError(code_of(status), error.message);
}

}  // namespace fast_sde
