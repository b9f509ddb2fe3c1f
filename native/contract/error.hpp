// The exception of native code that knows which error code of src/errors.ts the user is to see.
#pragma once

#include <stdexcept>
#include <string>

#include "error_codes.hpp"

namespace fast_sde {

struct Error : std::runtime_error {
  std::string code;
  Error(std::string code_, const std::string& message) : std::runtime_error(message), code(std::move(code_)) {}
};

}  // namespace fast_sde
