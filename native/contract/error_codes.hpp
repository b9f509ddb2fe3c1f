// The codes of src/errors.ts that native code reports. A test looks each of them up there.
#pragma once

namespace fast_sde::error_code {

#define FAST_SDE_ERROR_CODES(CODE)                     \
  CODE(invalid_option, "ERR_SDE_INVALID_OPTION")       \
  CODE(invalid_shape, "ERR_SDE_INVALID_SHAPE")         \
  CODE(model_not_found, "ERR_SDE_MODEL_NOT_FOUND")     \
  CODE(model_invalid, "ERR_SDE_MODEL_INVALID")         \
  CODE(model_output, "ERR_SDE_MODEL_OUTPUT")           \
  CODE(model_failed, "ERR_SDE_MODEL_FAILED")           \
  CODE(out_of_memory, "ERR_SDE_OUT_OF_MEMORY")         \
  CODE(torch_unavailable, "ERR_SDE_TORCH_UNAVAILABLE") \
  CODE(cuda_unavailable, "ERR_SDE_CUDA_UNAVAILABLE")   \
  CODE(callback_failed, "ERR_SDE_CALLBACK_FAILED")     \
  CODE(aborted, "ERR_SDE_ABORTED")                     \
  CODE(internal, "ERR_SDE_INTERNAL") /* a defect of ours */

#define CODE(name, text) inline constexpr const char* name = text;
FAST_SDE_ERROR_CODES(CODE)
#undef CODE

inline constexpr const char* all[] = {
#define CODE(name, text) text,
    FAST_SDE_ERROR_CODES(CODE)
#undef CODE
};

}  // namespace fast_sde::error_code
