// What is wrong with a file, found before LibTorch sees it.
#pragma once

#include <stdexcept>
#include <string>

namespace fast_sde {

struct Damage : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace fast_sde
